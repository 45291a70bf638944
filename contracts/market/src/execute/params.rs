use leasehold_api::event::ParamsUpdated;
use leasehold_api::market::{Config, Params, CONFIG};

use crate::touch::Touch;
use crate::ContractError;

pub fn update(touch: &mut Touch, params: Params) -> Result<(), ContractError> {
    params.validate()?;
    let suite = touch.suite.clone();
    CONFIG.save(touch.deps.storage, &Config { suite, params })?;
    touch.emit(ParamsUpdated {
        contract: touch.contract().clone(),
    });
    Ok(())
}
