use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, StdError, StdResult, Storage, Uint128};
use cw3::Vote;
use cw_storage_plus::{Item, Map, SnapshotItem, SnapshotMap, Strategy};
use leasehold_api::governance::{Failure, Params, Unstaking};
use leasehold_api::Suite;

use crate::proposal::{Content, Proposal};
use crate::ContractError;

pub const CONFIG: Item<Config> = Item::new("g");
pub const PARAMS: Item<Params> = Item::new("p");
/// Stake by staker, none stored as zero. What a block writes counts from the next block on.
pub const STAKES: SnapshotMap<&Addr, Uint128> =
    SnapshotMap::new("s", "s_at", "s_log", Strategy::EveryBlock);
/// Σ [`STAKES`].
pub const TOTAL: SnapshotItem<Uint128> =
    SnapshotItem::new("t", "t_at", "t_log", Strategy::EveryBlock);
pub const UNSTAKING: Map<&Addr, Vec<Unstaking>> = Map::new("u");
pub const HELD: Item<Held> = Item::new("h");
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
    pub denom: String,
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

pub fn proposal(storage: &dyn Storage, proposal_id: u64) -> Result<Proposal, ContractError> {
    PROPOSALS
        .may_load(storage, proposal_id)?
        .ok_or(ContractError::NoSuchProposal { proposal_id })
}

/// Stake at the start of a block.
pub fn power_at(storage: &dyn Storage, staker: &Addr, height: u64) -> StdResult<Uint128> {
    Ok(STAKES
        .may_load_at_height(storage, staker, height)?
        .unwrap_or(Uint128::zero()))
}

/// Σ stake at the start of a block.
pub fn total_at(storage: &dyn Storage, height: u64) -> StdResult<Uint128> {
    Ok(TOTAL
        .may_load_at_height(storage, height)?
        .unwrap_or(Uint128::zero()))
}

/// Sets a staker's stake and the total, as of the next block.
pub fn set_stake(
    storage: &mut dyn Storage,
    height: u64,
    staker: &Addr,
    stake: Uint128,
    total: Uint128,
) -> StdResult<()> {
    if stake.is_zero() {
        STAKES.remove(storage, staker, height)?;
    } else {
        STAKES.save(storage, staker, &stake, height)?;
    }
    TOTAL.save(storage, &total, height)
}
