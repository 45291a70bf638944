use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, StdError, StdResult, Storage, Uint128};
use cw3::Vote;
use cw_storage_plus::{Item, Map};
use leasehold_api::governance::{Failure, Params, Unstaking};
use leasehold_api::{Denom, Suite};

use crate::proposal::{Content, Proposal};
use crate::ContractError;

pub const CONFIG: Item<Config> = Item::new("g");
pub const PARAMS: Item<Params> = Item::new("p");
/// Stake by staker, none stored as zero. Who votes with it is in [`crate::power`].
pub const STAKES: Map<&Addr, Uint128> = Map::new("s");
pub const UNSTAKING: Map<&Addr, Vec<Unstaking>> = Map::new("u");
pub const HELD: Item<Held> = Item::new("h");
/// End of the guardian's last pause of the market.
pub const PAUSED: Item<u64> = Item::new("z");
pub const LAST_PROPOSAL: Item<u64> = Item::new("n");
pub const PROPOSALS: Map<u64, Proposal> = Map::new("b");
pub const CONTENTS: Map<u64, Content> = Map::new("c");
pub const VOTES: Map<(u64, &Addr), Cast> = Map::new("v");
/// Latest failed execution of proposals that have not been executed since.
pub const FAILURES: Map<u64, Failure> = Map::new("f");

/// Fixed for life.
#[cw_serde]
pub struct Config {
    pub suite: Suite<Addr>,
    pub denom: Denom,
    pub weight_unit: Uint128,
}

/// Money of others besides stake, in the stake denom.
#[cw_serde]
#[derive(Default)]
pub struct Held {
    pub unstaking: Uint128,
    pub deposits: Uint128,
}

#[cw_serde]
pub struct Cast {
    pub vote: Vote,
    pub power: Uint128,
}

impl Config {
    /// A stake as cw3 shows it.
    ///
    /// # Errors
    /// A stake of more than 2⁶⁴ − 1 units.
    pub fn weight(&self, stake: Uint128) -> StdResult<u64> {
        let units = stake.checked_div(self.weight_unit)?;
        u64::try_from(units.u128()).map_err(|_| {
            let most = u64::MAX;
            StdError::generic_err(format!("{units} units of stake, at most {most} fit cw3"))
        })
    }
}

pub fn unstakings(storage: &dyn Storage, staker: &Addr) -> StdResult<Vec<Unstaking>> {
    Ok(UNSTAKING
        .may_load(storage, staker)?
        .unwrap_or_else(Vec::new))
}

pub fn proposal(storage: &dyn Storage, proposal_id: u64) -> Result<Proposal, ContractError> {
    PROPOSALS
        .may_load(storage, proposal_id)?
        .ok_or(ContractError::NoSuchProposal { proposal_id })
}
