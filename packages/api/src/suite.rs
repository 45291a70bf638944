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

/// Serde of a stored suite: its addresses as a list, read with every message and so without names.
pub mod stored_suite {
    use cosmwasm_std::Addr;
    use serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer};

    use super::Suite;

    pub fn serialize<S: Serializer>(suite: &Suite<Addr>, serializer: S) -> Result<S::Ok, S::Error> {
        suite.addresses().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Suite<Addr>, D::Error> {
        Suite::from_addresses(Vec::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("a suite has five addresses"))
    }
}

/// The contracts in the order in which they are stored, addressed and instantiated everywhere.
pub const CONTRACTS: [&str; 5] = ["deployment", "market", "escrow", "provider", "governance"];

impl<T> Suite<T> {
    /// In the order of [`CONTRACTS`].
    pub fn addresses(&self) -> [&T; 5] {
        [
            &self.deployment,
            &self.market,
            &self.escrow,
            &self.provider,
            &self.governance,
        ]
    }

    /// From five addresses in the order of [`CONTRACTS`]; `None` for any other number.
    pub fn from_addresses(addresses: impl IntoIterator<Item = T>) -> Option<Self> {
        let mut addresses = addresses.into_iter();
        let suite = Suite {
            deployment: addresses.next()?,
            market: addresses.next()?,
            escrow: addresses.next()?,
            provider: addresses.next()?,
            governance: addresses.next()?,
        };
        addresses.next().is_none().then_some(suite)
    }
}
