//! Renting ahead: what is set aside for a reservation, and whom it is with.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{from_json, Uint128};
use leasehold_api::deployment::GroupRequest;
use leasehold_api::escrow::HOLDS;
use leasehold_api::market::{ConfigResponse, OrderPhase, OrderResponse, Params, QueryMsg};
use leasehold_api::rules::auction::MAX_LEAD;
use leasehold_api::rules::money;
use leasehold_api::rules::stream::Hold;
use leasehold_api::{AuctionMode, Denom, Quote};
use leasehold_sdl::Sdl;
use serde::Serialize;

use crate::context::Market;
use crate::output::{self, HOUR};

/// Reads how far ahead something starts, seconds.
pub fn lead(text: &str) -> Result<u64, String> {
    leasehold_sdl::whole_seconds(text, MAX_LEAD)
}

/// What the chain will set aside for a file that is reserved, whole units.
///
/// # Errors
/// An auction that binds no winner; a group that the chain would refuse.
pub async fn planned(market: &Market, sdl: &Sdl) -> Result<u128> {
    let mode = sdl.extensions().auction;
    ensure!(
        matches!(mode, AuctionMode::Descending { .. } | AuctionMode::Sealed { .. }),
        "--starts-in needs a descending or a sealed auction, the file holds {}: change `auction` in its `leasehold:` block",
        mode.as_str()
    );
    let params = params(market).await?;
    let mut sum = 0_u128;
    for group in sdl.groups()? {
        let bond = money::bond(group.max_rate()?, params.bond_seconds)?;
        let most = money::share(bond, params.no_show_slash_bps)?;
        sum = sum
            .checked_add(most.u128())
            .context("the prices overflow")?;
    }
    Ok(sum)
}

pub async fn params(market: &Market) -> Result<Params> {
    let query = QueryMsg::Config {};
    let config: ConfigResponse = market.ask(&market.suite.market, &query).await?;
    Ok(config.params)
}

/// Has every group start `lead` seconds from now; answers the block time.
pub async fn book(market: &Market, groups: &mut [GroupRequest], lead: u64) -> Result<u64> {
    let starts_at = market.now().await?.saturating_add(lead);
    for group in groups {
        group.starts_at = Some(starts_at);
    }
    Ok(starts_at)
}

/// Money kept back for the start of an order, whole units.
#[derive(Serialize, Clone, Copy)]
pub struct SetAside {
    pub amount: Uint128,
    /// What of it goes to the winner, if there is one, when the tenant lets it down; by the present parameters.
    pub due: Option<Uint128>,
}

/// What is set aside for an order. `None` when it is no reservation, or not any more.
pub async fn set_aside(market: &Market, order: &OrderResponse) -> Result<Option<SetAside>> {
    if order.starts_at.is_none() {
        return Ok(None);
    }
    // Raw, because it is gone when somebody claims meanwhile.
    let key = HOLDS.key(order.id).to_vec();
    let Some(hold) = market.client.query_raw(&market.suite.escrow, &key).await? else {
        return Ok(None);
    };
    let Hold { amount, .. } = from_json(hold)?;
    let due = match order.bond.filter(|_| expectant(order).is_some()) {
        Some(bond) => {
            let bps = params(market).await?.no_show_slash_bps;
            Some(money::share(bond, bps)?.min(amount))
        }
        None => None,
    };
    Ok(Some(SetAside { amount, due }))
}

/// Whether the auction of a reservation is over and its start is awaited.
pub fn is_reserved(order: &OrderResponse) -> bool {
    order.phase == OrderPhase::Reserved
}

/// The winner of a reservation that has not claimed yet: who is let down when its tenant withdraws.
pub fn expectant(order: &OrderResponse) -> Option<&Quote> {
    let is_awarded = matches!(order.phase, OrderPhase::Reserved | OrderPhase::AwardBest);
    order
        .best
        .as_ref()
        .filter(|_| order.starts_at.is_some() && is_awarded)
}

/// When a reservation starts, whom it is with and what is set aside for it, in words. Nothing for any other order.
pub fn describe(order: &OrderResponse, set_aside: Option<SetAside>, now: u64) -> Vec<String> {
    let Some(at) = order.starts_at else {
        return vec![];
    };
    let starts = match at.checked_sub(now) {
        Some(left) => format!(
            "starts in {}, at {at} (block time, seconds)",
            output::span(left)
        ),
        None => format!("may start since {at} (block time, seconds)"),
    };
    let kept = set_aside.map(|kept| kept.describe(&order.denom));
    [Some(starts), winner(order), kept]
        .into_iter()
        .flatten()
        .collect()
}

fn winner(order: &OrderResponse) -> Option<String> {
    let OrderResponse { best, denom, .. } = order;
    is_reserved(order).then(|| match best {
        Some(best) => format!(
            "reserved with {} at its bid of {} {denom} per hour",
            best.provider,
            output::rent(best.rate.u128(), HOUR),
        ),
        None => "nobody is bound: the price rises from the start".into(),
    })
}

impl SetAside {
    fn describe(&self, denom: &Denom) -> String {
        let amount = output::amount(self.amount.u128(), denom);
        match self.due {
            Some(due) => format!(
                "{amount} set aside: {} of it for the provider if you withdraw or cannot pay at the start",
                output::group_digits(due.u128())
            ),
            None => format!("{amount} set aside until the start"),
        }
    }
}
