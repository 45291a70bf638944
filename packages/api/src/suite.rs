use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Api, StdResult};

/// The five contracts' addresses. Each contract is given all of them at instantiation, predicted by Instantiate2, and keeps them for
/// life: there is no setter.
#[cw_serde]
pub struct Suite<T = String> {
    pub deployment: T,
    pub market: T,
    pub escrow: T,
    pub provider: T,
    pub governance: T,
}

impl Suite<String> {
    /// Checks all five addresses.
    ///
    /// # Errors
    /// The chain's own error for a malformed address.
    pub fn validate(&self, api: &dyn Api) -> StdResult<Suite<Addr>> {
        Ok(Suite {
            deployment: api.addr_validate(&self.deployment)?,
            market: api.addr_validate(&self.market)?,
            escrow: api.addr_validate(&self.escrow)?,
            provider: api.addr_validate(&self.provider)?,
            governance: api.addr_validate(&self.governance)?,
        })
    }
}
