//! How far a provider can be relied on, from the counters that the market keeps: see `docs/reputation.md`. The chain itself never ranks.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{ensure, Result};
use indicatif::ProgressBar;
use leasehold_api::deployment::GroupRequest;
use leasehold_api::market::{
    BidResponse, BidsResponse, ExecuteMsg, Lock, OfferResponse, OrderPhase, OrderResponse,
    QueryMsg, Reputation,
};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::{AuctionMode, Denom};
use leasehold_client::Wallet;

use crate::context::Market;
use crate::output::{self, HOUR};
use crate::{ready, rent, reservation};

/// The highest score.
pub const MAX_SCORE: i64 = 1_000;

/// Of the normal distribution: 95 % lie within.
const Z: f64 = 1.959_964;

/// What the market remembers of an address in one denom.
pub async fn of(market: &Market, address: &str, denom: &Denom) -> Result<Reputation> {
    let query = QueryMsg::Locked {
        provider: address.into(),
        denom: denom.clone(),
    };
    let lock: Lock = market.ask(&market.suite.market, &query).await?;
    Ok(Reputation::from(&lock.history))
}

/// 0 to 1000: the lower end of Wilson's 95 % interval for the part of its leases that a provider ends well. A good end counts once per hour
/// that was served in all, at most; a fault always.
pub fn score(seen: &Reputation) -> u32 {
    let faults = seen.down.saturating_add(seen.quit);
    let well = seen.ended.saturating_sub(faults).min(seen.seconds / HOUR);
    let (good, bad) = (well as f64, faults.saturating_add(seen.refused) as f64);
    let trials = good + bad;
    if good == 0.0 {
        return 0;
    }
    let (part, z2) = (good / trials, Z * Z);
    let middle = part + z2 / (2.0 * trials);
    let spread = Z * (part * (1.0 - part) / trials + z2 / (4.0 * trials * trials)).sqrt();
    let bound = (middle - spread) / (1.0 + z2 / trials);
    // Between 0 and 1, so that it fits.
    (bound * MAX_SCORE as f64) as u32
}

/// In words, for people.
pub fn describe(seen: &Reputation) -> String {
    format!(
        "{} of {} leases ended well, {} served, {} silences, {} quits, {} refusals, {} slashes",
        seen.ended
            .saturating_sub(seen.down.saturating_add(seen.quit)),
        seen.ended,
        output::span(seen.seconds),
        seen.down,
        seen.quit,
        seen.refused,
        seen.slashed
    )
}

/// Scores, each asked for once.
pub struct Scores<'a> {
    market: &'a Market,
    denom: Denom,
    known: BTreeMap<String, u32>,
}

impl<'a> Scores<'a> {
    pub fn new(market: &'a Market, denom: Denom) -> Self {
        Scores {
            market,
            denom,
            known: BTreeMap::new(),
        }
    }

    pub async fn of(&mut self, provider: &str) -> Result<u32> {
        if let Some(known) = self.known.get(provider) {
            return Ok(*known);
        }
        let found = score(&of(self.market, provider, &self.denom).await?);
        self.known.insert(provider.into(), found);
        Ok(found)
    }

    /// The offers of those that reach `minimum`.
    pub async fn filter(
        &mut self,
        offers: Vec<OfferResponse>,
        minimum: u32,
    ) -> Result<Vec<OfferResponse>> {
        let mut reliable = Vec::new();
        for offer in offers {
            if self.of(offer.provider.as_str()).await? >= minimum {
                reliable.push(offer);
            }
        }
        Ok(reliable)
    }
}

/// Refuses what the chain would award to anybody: a minimum holds only where this command chooses.
///
/// # Errors
/// Says what to do instead.
pub fn require_choice(groups: &[GroupRequest], waits: bool) -> Result<()> {
    for group in groups.iter().filter(|group| group.offer.is_none()) {
        let mode = group.auction.unwrap_or_default();
        let is_ours = matches!(mode, AuctionMode::Open { auto_after: None });
        let name = mode.as_str();
        ensure!(
            is_ours,
            "--min-reliability cannot hold in this {name} auction: the chain awards it by price and ranks nobody. Write `auction: open`, without `auto_after`, in the file's `leasehold:` block, so that a bid is chosen here, or take an offer with --offer best"
        );
        ensure!(
            waits,
            "--min-reliability on an open auction needs this command to wait for the bids and accept one: leave out --no-wait"
        );
    }
    Ok(())
}

/// Accepts, on every open order of a deployment, the lowest bid of a provider that reaches `minimum`, once it has taken bids for
/// `bidding` seconds.
pub async fn accept(
    market: &Market,
    wallet: &Wallet,
    spinner: &ProgressBar,
    limit: Duration,
    id: u64,
    minimum: u32,
) -> Result<()> {
    let bidding = reservation::params(market).await?.auction.bidding;
    for order in rent::orders(market, &market.deployment(id).await?).await? {
        let what = format!("waiting for a bid of a provider with a score of {minimum} or more");
        ready::wait(spinner, &what, limit, || async {
            let order = market.order(order.id).await?;
            if order.phase != OrderPhase::Bidding {
                return Ok(Some(()));
            }
            if market.now().await? < order.opened_at.saturating_add(bidding) {
                return Ok(None);
            }
            accept_lowest(market, wallet, &order, minimum).await
        })
        .await?;
    }
    Ok(())
}

async fn accept_lowest(
    market: &Market,
    wallet: &Wallet,
    order: &OrderResponse,
    minimum: u32,
) -> Result<Option<()>> {
    let mut scores = Scores::new(market, order.denom.clone());
    let mut bids = bids(market, order.id).await?;
    bids.sort_by_key(|bid| bid.rate);
    for bid in bids.into_iter().filter(|bid| bid.live) {
        if scores.of(bid.provider.as_str()).await? < minimum {
            continue;
        }
        let accept = ExecuteMsg::Accept {
            order_id: order.id,
            provider: bid.provider.into(),
        };
        wallet.execute(&market.suite.market, &accept, &[]).await?;
        return Ok(Some(()));
    }
    Ok(None)
}

/// All bids of an order, by provider.
async fn bids(market: &Market, order_id: u64) -> Result<Vec<BidResponse>> {
    let mut found: Vec<BidResponse> = Vec::new();
    loop {
        let query = QueryMsg::Bids {
            order_id,
            start_after: found.last().map(|last| last.provider.to_string()),
            limit: Some(MAX_LIMIT),
        };
        let page: BidsResponse = market.ask(&market.suite.market, &query).await?;
        let is_last = page.bids.len() < MAX_LIMIT as usize;
        found.extend(page.bids);
        if is_last {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leasehold_api::market::History;

    /// Ended, seconds, silences, quits, refusals.
    fn of(counters: [u64; 5]) -> u32 {
        score(&Reputation::from(&History(counters.to_vec())))
    }

    #[test]
    fn it_grows_with_good_ends_and_stays_below_the_most() {
        let hours = |leases: u64| of([leases, leases * HOUR, 0, 0, 0]);
        assert_eq!(
            [0, 1, 4, 10, 100, 10_000].map(hours),
            [0, 206, 510, 722, 963, 999]
        );
        assert_eq!(
            of([u64::MAX, u64::MAX, 0, 0, 0]),
            999,
            "never quite certain"
        );
    }

    #[test]
    fn it_falls_with_every_kind_of_fault() {
        let clean = of([100, 100 * HOUR, 0, 0, 0]);
        let with = |place: usize, faults: u64| {
            let mut counters = [100, 100 * HOUR, 0, 0, 0];
            counters[place] = faults;
            of(counters)
        };
        for place in 2..5 {
            assert!(with(place, 1) < clean && with(place, 50) < with(place, 1));
        }
        assert_eq!(of([5, 5 * HOUR, 5, 0, 0]), 0);
        assert_eq!(of([0, 0, 0, 0, 9]), 0, "nothing but refusals");
    }

    /// A thousand leases of a second are worth what their seconds are.
    #[test]
    fn leases_of_no_length_are_worth_nothing() {
        assert_eq!(of([1_000, 1_000, 0, 0, 0]), 0);
        assert_eq!(
            of([1_000, 10 * HOUR, 0, 0, 0]),
            of([10, 10 * HOUR, 0, 0, 0])
        );
    }

    #[test]
    fn only_what_is_chosen_here_can_be_filtered() {
        use leasehold_api::market::TakeOffer;
        use leasehold_api::{GroupSpec, Requirements};
        let with = |auction, offer| {
            let spec = GroupSpec {
                name: "web".into(),
                requirements: Requirements::default(),
                resources: vec![],
            };
            GroupRequest {
                auction,
                offer,
                ..spec.into()
            }
        };
        let open = |auto_after| Some(AuctionMode::Open { auto_after });
        assert!(require_choice(&[with(open(None), None)], true).is_ok());
        assert!(require_choice(&[with(open(None), None)], false).is_err());
        assert!(require_choice(&[with(open(Some(9)), None)], true).is_err());
        let refused = require_choice(&[with(None, None)], true).unwrap_err();
        assert!(refused.to_string().contains("--offer best"), "{refused}");
        let offer = TakeOffer {
            offer_id: 1,
            max_rate: None,
        };
        assert!(require_choice(&[with(None, Some(offer))], false).is_ok());
    }
}
