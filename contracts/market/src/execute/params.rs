use leasehold_api::event::ParamsUpdated;
use leasehold_api::market::Params;

use crate::state::PARAMS;
use crate::touch::Touch;
use crate::ContractError;

pub fn update(touch: &mut Touch, params: Params) -> Result<(), ContractError> {
    params.validate()?;
    PARAMS.save(touch.deps.storage, &params)?;
    touch.emit(ParamsUpdated {
        contract: touch.contract().clone(),
    });
    Ok(())
}
