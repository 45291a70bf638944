//! Goes through the open orders: what to bid, what to claim, what to pass over.

use std::collections::BTreeMap;

use cosmwasm_std::Uint128;
use leasehold_api::market::{Bid, Order, OrderStatus};
use leasehold_api::provider::Standing;
use leasehold_api::rules::alive::Maintenance;
use leasehold_api::rules::auction::{is_excluded, most_to_lead, Auction, Phase};
use leasehold_api::rules::matching::eligible;
use leasehold_api::rules::money;
use leasehold_api::rules::stream::Stream;
use leasehold_api::{AuctionMode, GroupSpec, Quote};

use super::change::Agreed;
use super::{shelf, Observed, OpenOrder, Skip, Tx};
use crate::capacity::Ledger;
use crate::pricing::Ask;

/// What is left to promise while going through the orders of one plan.
pub struct Desk<'a> {
    seen: &'a Observed,
    ledger: Ledger<'a>,
    locked: BTreeMap<String, Uint128>,
}

impl<'a> Desk<'a> {
    /// What serves leases and leading bids is promised already, and so is what a lease is about to change to; what serves the standing
    /// offer is not here to promise.
    pub fn new(seen: &'a Observed, agreed: Option<Agreed<'a>>) -> Self {
        let mut ledger = Ledger::new(seen.capacity, &seen.cards);
        for my in shelf::others(seen) {
            let changed = agreed.filter(|agreed| agreed.lease == my.lease.id);
            ledger.take(changed.map_or(&my.group, |agreed| agreed.group));
        }
        for group in promised(seen) {
            ledger.take(group);
        }
        let mut locked = seen.locked.clone();
        if let Some(Agreed { denom, bond, .. }) = agreed {
            let (before, after) = bond;
            let sum = locked.entry(denom.key()).or_default();
            *sum = sum.saturating_sub(before).saturating_add(after);
        }
        Self {
            seen,
            ledger,
            locked,
        }
    }

    /// The step to take for one order, if any.
    pub fn consider(&mut self, open: &'a OpenOrder) -> Result<Option<Tx>, Skip> {
        let Observed {
            now, height, me, ..
        } = self.seen;
        if open.order.status != OrderStatus::Open {
            return Ok(None);
        }
        let auction = rolled(&open.order.auction, *now, *height);
        let mine = |quote: &Option<Quote>| quote.as_ref().is_some_and(|q| q.provider == *me);
        match (auction.mode, auction.phase(*now, *height)) {
            // A winner that leads keeps its room until it may claim.
            (_, Phase::Reserved) => Ok(None),
            (_, Phase::AwardBest) if !mine(&auction.best) => Ok(None),
            (_, Phase::AwardSecond) if !mine(&auction.second) => Ok(None),
            // A bound winner always claims: when the account cannot pay any more that frees its bond.
            (_, Phase::AwardBest) if !auction.bond.is_zero() => {
                Ok(Some(Tx::Claim { order: open.id }))
            }
            (_, Phase::AwardBest) => self.claim(open, auction.best.map(|quote| quote.rate)),
            (_, Phase::AwardSecond) => self.claim(open, auction.second.map(|quote| quote.rate)),
            (AuctionMode::Dutch { .. }, _) => {
                let price = auction.price(*now)?;
                self.claim(open, price)
            }
            (AuctionMode::Open { .. }, _) => self.quote(open),
            (AuctionMode::Descending { .. }, _) => self.bid(open, &auction),
            (AuctionMode::Sealed { .. }, _) => Err(Skip::Sealed),
        }
    }

    /// Takes the order at `rate`, whenever that is worth it.
    fn claim(&mut self, open: &'a OpenOrder, rate: Option<Uint128>) -> Result<Option<Tx>, Skip> {
        let Some(rate) = rate else { return Ok(None) };
        let floor = self.check(open)?.floor;
        if rate < floor {
            return Err(Skip::TooDear { floor, limit: rate });
        }
        self.promise(open, rate, true)?;
        Ok(Some(Tx::Claim { order: open.id }))
    }

    /// One bid per round; the tenant chooses.
    fn quote(&mut self, open: &'a OpenOrder) -> Result<Option<Tx>, Skip> {
        if open
            .bid
            .as_ref()
            .is_some_and(|bid| bid.round == open.order.round)
        {
            return Ok(None);
        }
        let ask = self.check(open)?;
        let limit = open.order.auction.max_rate;
        if ask.floor > limit {
            return Err(Skip::TooDear {
                floor: ask.floor,
                limit,
            });
        }
        let rate = ask.first.min(limit);
        self.promise(open, rate, true)?;
        Ok(Some(Tx::Bid {
            order: open.id,
            rate,
        }))
    }

    /// Leads if that is worth it, else stands by as the runner-up.
    fn bid(&mut self, open: &'a OpenOrder, auction: &Auction) -> Result<Option<Tx>, Skip> {
        let Observed {
            me,
            market,
            now,
            height,
            ..
        } = self.seen;
        let leads = auction
            .best
            .as_ref()
            .is_some_and(|best| best.provider == *me);
        if leads {
            return Ok(None);
        }
        let ask = self.check(open)?;
        self.check_start(auction.starts_at)?;
        let decrement = market.auction.min_decrement_bps;
        let to_lead = auction.best.as_ref().map_or(Ok(auction.max_rate), |best| {
            most_to_lead(best.rate, decrement)
        })?;
        let stands_by = auction
            .second
            .as_ref()
            .is_some_and(|second| second.provider == *me);
        let rate = match ask.floor <= to_lead {
            true => ask.first.min(to_lead),
            false if stands_by => return Ok(None),
            false => stand_by_rate(&ask, auction, decrement)?,
        };
        if rate < ask.floor {
            return Err(Skip::TooDear {
                floor: ask.floor,
                limit: rate,
            });
        }
        let quote = Quote {
            provider: me.clone(),
            rate,
        };
        let placed =
            auction
                .clone()
                .bid(&market.auction, market.bond_seconds, quote, *now, *height)?;
        self.promise(open, rate, placed.leader)?;
        Ok(Some(Tx::Bid {
            order: open.id,
            rate,
        }))
    }

    /// Checks that do not depend on the price.
    fn check(&self, open: &OpenOrder) -> Result<Ask, Skip> {
        let seen = self.seen;
        if seen.hot.standing == Standing::Draining {
            return Err(Skip::Draining);
        }
        if open.tenant == seen.me {
            return Err(Skip::OwnOrder);
        }
        if is_excluded(&open.order.excluded, &seen.me, seen.now) {
            return Err(Skip::Excluded);
        }
        let GroupSpec {
            requirements,
            resources,
            ..
        } = &open.group;
        eligible(
            requirements,
            resources,
            &seen.capability,
            &seen.audits,
            seen.now,
        )?;
        open.ask.clone().map_err(Skip::Price)
    }

    /// A provider that pauses when a reservation starts would be a no-show.
    fn check_start(&self, starts_at: u64) -> Result<(), Skip> {
        let covers = |pause: &Maintenance| (pause.from..pause.until).contains(&starts_at);
        match self.seen.maintenance.filter(covers) {
            Some(pause) => Err(Skip::Maintenance { starts_at, pause }),
            None => Ok(()),
        }
    }

    /// Checks that there is room, money on both sides, and, for what binds this provider, sets them aside.
    fn promise(&mut self, open: &'a OpenOrder, rate: Uint128, binds: bool) -> Result<(), Skip> {
        let seen = self.seen;
        let Order { account, denom, .. } = &open.order;
        let mut paying = open.account.clone();
        let until = open.order.duration.map(|s| seen.now.saturating_add(s));
        let stream = Stream::new(*account, seen.me.clone(), rate, 0, seen.now).ending(until);
        paying.open_stream(stream, seen.min_runway)?;
        let is_held = is_promised(open, seen);
        if let Some(missing) = self.ledger.lacks(&open.group).filter(|_| !is_held) {
            return Err(Skip::Capacity(missing));
        }
        let needed = money::bond(rate, seen.market.bond_seconds)?;
        let locked = self.locked.entry(denom.key()).or_default();
        let free = seen.hot.collateral_in(denom).saturating_sub(*locked);
        if needed > free {
            let denom = denom.clone();
            return Err(Skip::Collateral {
                denom,
                needed,
                free,
            });
        }
        if binds {
            *locked = locked.saturating_add(needed);
        }
        if binds && !is_held {
            self.ledger.take(&open.group);
        }
        Ok(())
    }
}

/// Groups that standing bids hold room for.
pub fn promised(seen: &Observed) -> impl Iterator<Item = &GroupSpec> {
    let held = seen.orders.iter().filter(|open| is_promised(open, seen));
    held.map(|open| &open.group)
}

/// Room that a standing bid holds.
fn is_promised(open: &OpenOrder, seen: &Observed) -> bool {
    let leads = open
        .order
        .auction
        .best
        .as_ref()
        .is_some_and(|best| best.provider == seen.me);
    // On a descending order such a record only says who has bid.
    let is_offer = matches!(open.order.auction.mode, AuctionMode::Open { .. });
    let stands = |bid: &Bid| bid.round == open.order.round;
    leads || is_offer && open.bid.as_ref().is_some_and(stands)
}

/// As the next touch of the order will find it.
fn rolled(auction: &Auction, now: u64, height: u64) -> Auction {
    let mut auction = auction.clone();
    auction.roll(now, height);
    auction
}

/// Beats the present runner-up as clearly as a leader is undercut, down to the leader's own rate: by less, two that both stand by would go
/// on beating each other until the close.
fn stand_by_rate(ask: &Ask, auction: &Auction, decrement_bps: u32) -> Result<Uint128, Skip> {
    let Some(second) = &auction.second else {
        return Ok(ask.first.min(auction.max_rate));
    };
    let least = auction
        .best
        .as_ref()
        .map_or(Uint128::zero(), |best| best.rate);
    let below = most_to_lead(second.rate, decrement_bps)?.max(least);
    Ok(ask.first.min(below))
}
