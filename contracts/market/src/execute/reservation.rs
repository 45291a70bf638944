//! What a reservation costs the side that does not keep it: a winner that is absent, a part of its bond; a tenant that withdraws, or
//! cannot pay when it starts, the same part of the winner's bond.

use cosmwasm_std::Uint128;
use leasehold_api::market::{Mark, Order};
use leasehold_api::rules::auction::Bound;
use leasehold_api::rules::money;

use crate::messages::ToEscrow;
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

/// Has the award wait for the start, and escrow set aside the most that the tenant can come to owe its winner.
pub fn begin(
    touch: &mut Touch,
    id: u64,
    order: &mut Order,
    starts_at: u64,
) -> Result<(), ContractError> {
    order.auction.reserve(starts_at, touch.now)?;
    let rate = order.auction.max_rate;
    let bond = money::bond(rate, touch.params.bond_seconds)?;
    let hold = ToEscrow::Hold {
        order_id: id,
        account: order.account,
        tenant: &touch.tenant(id)?,
        rate,
        amount: money::share(bond, touch.params.no_show_slash_bps)?,
    };
    Ok(touch.send(touch.suite.escrow.clone(), &hold)?)
}

/// Ends it, if the order is one: who is let down is paid, the rest of what was set aside returns.
pub fn end(
    touch: &mut Touch,
    id: u64,
    order: &mut Order,
    let_down: Option<Bound>,
) -> Result<(), ContractError> {
    if !order.auction.is_reservation() {
        return Ok(());
    }
    order.auction.starts_at = 0;
    let amount = match &let_down {
        Some(winner) => {
            let tenant = touch.tenant(id)?;
            state::blame(touch.deps.storage, &tenant, &order.denom, Mark::Withdrawn)?;
            money::share(winner.bond, touch.params.no_show_slash_bps)?
        }
        None => Uint128::zero(),
    };
    let release = ToEscrow::Release {
        order_id: id,
        payee: let_down.as_ref().map(|winner| &winner.provider),
        amount,
    };
    Ok(touch.send(touch.suite.escrow.clone(), &release)?)
}
