use cosmwasm_std::StdResult;
use leasehold_api::event::ParamsUpdated;
use leasehold_api::market::{Config, Params, CONFIG};

use crate::touch::Touch;
use crate::ContractError;

pub fn update(touch: &mut Touch, params: Params) -> Result<(), ContractError> {
    params.validate()?;
    touch.params = params;
    save(touch)?;
    touch.emit(ParamsUpdated {
        contract: touch.contract().clone(),
    });
    Ok(())
}

/// Stores the configuration as the touch knows it.
pub fn save(touch: &mut Touch) -> StdResult<()> {
    let config = Config {
        suite: touch.suite.clone(),
        params: touch.params.clone(),
        paused_until: touch.paused_until,
    };
    CONFIG.save(touch.deps.storage, &config)
}
