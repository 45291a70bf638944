//! The invariants of the design's section 9 over a snapshot. Each check names what it found; an empty list means all hold.

mod books;
mod ends;
mod leases;

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Addr, StdResult, Uint128, Uint256};
use leasehold_api::market::{order_of, OrderStatus};
use leasehold_api::{market, Denom, Usage, SCALE};

use crate::snapshot::Snapshot;
use books::Books;

/// All violations found in the snapshot.
///
/// # Errors
/// A record that does not decode.
pub fn check(snapshot: &Snapshot) -> StdResult<Vec<String>> {
    let mut found = Violations::default();
    let books = Books::read(snapshot)?;
    found.escrow_conserves(snapshot, &books);
    found.collateral_is_there(snapshot, &books);
    found.collateral_is_summed(&books);
    found.allowances_hold(&books);
    found.streams_are_leases(&books);
    found.holds_are_reservations(&books);
    found.groups_have_one_lease(&books);
    found.books_are_sorted(&books);
    found.locks_add_up(&books);
    found.ends_are_counted(&books);
    found.offers_are_not_oversold(&books);
    found.indexes_agree(&books);
    Ok(found.0)
}

/// Every denom in which the suite owes somebody something.
///
/// # Errors
/// A record that does not decode.
pub fn denoms(snapshot: &Snapshot) -> StdResult<BTreeSet<Denom>> {
    let books = Books::read(snapshot)?;
    let collateral = books.hot.values().flat_map(|hot| &hot.collateral);
    let assets = collateral
        .chain(&books.fees)
        .chain(&books.unpaid)
        .chain(&books.unbondings)
        .chain(&books.insurance)
        .chain(&books.trusted);
    Ok(assets
        .map(|asset| &asset.denom)
        .chain(books.accounts.values().map(|account| &account.denom))
        .cloned()
        .collect())
}

#[derive(Default)]
struct Violations(Vec<String>);

impl Violations {
    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }

    /// 1, 2: per denom, escrow's balance covers accounts, streams and fees; to the unit when nobody sent it anything unasked.
    fn escrow_conserves(&mut self, snapshot: &Snapshot, books: &Books) {
        // Scaled balances of several accounts may need more than 128 bits together.
        let mut owed: BTreeMap<Denom, Uint256> = BTreeMap::new();
        for account in books.accounts.values() {
            *owed.entry(account.denom.clone()).or_default() += Uint256::from(account.balance);
        }
        for (id, stream) in &books.streams {
            match books
                .accounts
                .get(&stream.account)
                .map(|account| (account, stream.owed(account)))
            {
                Some((account, Ok(due))) => {
                    *owed.entry(account.denom.clone()).or_default() += Uint256::from(due);
                }
                Some((_, Err(error))) => self.0.push(format!("stream {id}: {error}")),
                None => self.0.push(format!(
                    "stream {id} draws on account {}, which does not exist",
                    stream.account
                )),
            }
        }
        for (order, hold) in &books.holds {
            match books.accounts.get(&hold.account) {
                Some(account) => {
                    *owed.entry(account.denom.clone()).or_default() += scaled(hold.amount);
                }
                None => self.0.push(format!(
                    "order {order} holds money of account {}, which does not exist",
                    hold.account
                )),
            }
        }
        for fee in books.fees.iter().chain(&books.unpaid) {
            *owed.entry(fee.denom.clone()).or_default() += scaled(fee.amount);
        }
        for (denom, owed) in owed {
            let held = scaled(snapshot.balance(&snapshot.suite.escrow, &denom));
            self.expect(held >= owed && held - owed < scaled(Uint128::one()), || {
                format!("escrow holds {held} and owes {owed} of {denom} (scaled)")
            });
        }
    }

    /// 1: per denom, the registry's balance is its collateral, unbondings and insurance.
    fn collateral_is_there(&mut self, snapshot: &Snapshot, books: &Books) {
        let mut owed: BTreeMap<Denom, u128> = BTreeMap::new();
        let collateral = books.hot.values().flat_map(|hot| &hot.collateral);
        let others = [&books.unbondings, &books.insurance, &books.trusted];
        for asset in collateral.chain(others.into_iter().flatten()) {
            *owed.entry(asset.denom.clone()).or_default() += asset.amount.u128();
        }
        for (denom, owed) in owed {
            let held = snapshot.balance(&snapshot.suite.provider, &denom).u128();
            self.expect(held == owed, || {
                format!("the registry holds {held} and owes {owed} of {denom}")
            });
        }
    }

    /// What the registry says is bonded in all is what its providers hold.
    fn collateral_is_summed(&mut self, books: &Books) {
        let mut sums: BTreeMap<String, u128> = BTreeMap::new();
        for asset in books.hot.values().flat_map(|hot| &hot.collateral) {
            *sums.entry(asset.denom.key()).or_default() += asset.amount.u128();
        }
        let said: BTreeMap<String, u128> = books
            .bonded
            .iter()
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(key, amount)| (key.clone(), amount.u128()))
            .collect();
        self.expect(said == sums, || {
            format!("providers hold {sums:?}, the registry counts {said:?}")
        });
    }

    /// 9: nothing was drawn beyond its total, from another denom or without being listed for the spender.
    fn allowances_hold(&mut self, books: &Books) {
        for (id, allowance) in &books.allowances {
            let (drawn, most) = (allowance.drawn, allowance.limits.max_total);
            self.expect(drawn <= most, || {
                format!("account {id} has drawn {drawn} of {most}")
            });
            let denom = |id: &u64| books.accounts.get(id).map(|account| &account.denom);
            let (fed, from) = (denom(id), denom(&allowance.source));
            self.expect(fed.is_some() && fed == from, || {
                format!("account {id} in {fed:?} draws on one in {from:?}")
            });
        }
        let given: BTreeSet<(Addr, u64)> = books
            .allowances
            .iter()
            .map(|(id, allowance)| (allowance.spender.clone(), *id))
            .collect();
        self.expect(given == books.spenders, || {
            format!("allowances {given:?} are listed as {:?}", books.spenders)
        });
    }

    /// What is set aside belongs to a reservation that nobody has claimed, one to one, and to its account.
    fn holds_are_reservations(&mut self, books: &Books) {
        let reserved: BTreeMap<u64, u64> = books
            .orders
            .iter()
            .filter(|(_, order)| order.auction.is_reservation())
            .map(|(id, order)| (*id, order.account))
            .collect();
        let held: BTreeMap<u64, u64> = books
            .holds
            .iter()
            .map(|(id, hold)| (*id, hold.account))
            .collect();
        self.expect(reserved == held, || {
            format!("reservations {reserved:?} (order, account) hold {held:?}")
        });
        self.expect(reserved.keys().all(|id| books.open.contains(id)), || {
            format!("of the reservations {reserved:?} not all are open")
        });
    }

    /// 6: the runner-up never beats the leader and is somebody else.
    fn books_are_sorted(&mut self, books: &Books) {
        for (id, order) in &books.orders {
            if let (Some(best), Some(second)) = (&order.auction.best, &order.auction.second) {
                self.expect(
                    best.rate <= second.rate && best.provider != second.provider,
                    || format!("order {id}: best {best:?}, second {second:?}"),
                );
            }
        }
    }

    /// 7, 10: a provider's lock is what its leader bids, commitments, leases and penalties hold, no more, and its collateral covers it.
    fn locks_add_up(&mut self, books: &Books) {
        let mut held: BTreeMap<(Addr, String), (u128, u32)> = BTreeMap::new();
        let mut hold = |provider: &Addr, denom: &Denom, amount: Uint128| {
            let entry = held.entry((provider.clone(), denom.key())).or_default();
            entry.0 += amount.u128();
            entry.1 += 1;
        };
        for order in books.orders.values() {
            if let Some((leader, bond)) = leader_bond(order) {
                hold(leader, &order.denom, bond);
            }
        }
        for ((id, bidder), commitment) in &books.commitments {
            if let Some(order) = books.orders.get(id) {
                hold(bidder, &order.denom, commitment.bond);
            }
        }
        for (id, lease) in books.active_leases() {
            if let Some(order) = books.orders.get(&order_of(*id)) {
                hold(&lease.provider, &order.denom, lease.bond);
            }
        }
        for ((id, _), penalty) in &books.penalties {
            if let Some(order) = books.orders.get(id) {
                hold(&penalty.provider, &order.denom, penalty.bond);
            }
        }
        for (key, lock) in &books.locks {
            let (amount, uses) = held.remove(key).unwrap_or((0, 0));
            self.expect(lock.amount.u128() == amount && lock.uses == uses, || {
                format!(
                    "{key:?} is locked {} by {} uses, bids, commitments, leases and penalties hold {amount} by {uses}",
                    lock.amount, lock.uses
                )
            });
            let collateral = books.hot.get(&key.0).map_or(0, |hot| {
                hot.collateral
                    .iter()
                    .find(|asset| asset.denom.key() == key.1)
                    .map_or(0, |asset| asset.amount.u128())
            });
            self.expect(lock.amount.u128() <= collateral, || {
                format!(
                    "{key:?} is locked {} of {collateral} collateral",
                    lock.amount
                )
            });
        }
        self.expect(held.is_empty(), || format!("held without a lock: {held:?}"));
    }

    /// What is taken of an offer is what its active leases hold, and no more than was posted.
    fn offers_are_not_oversold(&mut self, books: &Books) {
        let mut held: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (_, lease) in books.active_leases() {
            if let Some(taken) = &lease.taken {
                let sums = held.entry(taken.offer_id).or_default();
                sums.resize(sums.len().max(taken.usage.0.len()), 0);
                for (sum, amount) in sums.iter_mut().zip(&taken.usage.0) {
                    *sum += amount;
                }
            }
        }
        let counted: BTreeMap<u64, Vec<u64>> = books
            .taken
            .iter()
            .map(|(id, usage)| (*id, usage.0.clone()))
            .collect();
        self.expect(counted == held, || {
            format!("leases hold {held:?} of the offers, {counted:?} is counted")
        });
        for (id, offer) in &books.offers {
            let posted = offer.terms.goods.left(&Usage::default()).0;
            let taken = counted.get(id).into_iter().flatten();
            let oversold = taken.zip(&posted).any(|(taken, amount)| taken > amount);
            self.expect(!oversold, || {
                format!("offer {id} of {posted:?} is taken {:?}", counted.get(id))
            });
        }
        let by_denom = books.offers.iter().map(|(id, o)| (o.denom.key(), *id));
        self.expect(by_denom.collect::<BTreeSet<_>>() == books.offers_in, || {
            format!("offers are listed by denom as {:?}", books.offers_in)
        });
        let by_provider = books
            .offers
            .iter()
            .map(|(id, o)| ((o.provider.clone(), *id), o.terms.expires_at));
        self.expect(
            by_provider.collect::<BTreeMap<_, _>>() == books.offers_of,
            || format!("offers are listed by provider as {:?}", books.offers_of),
        );
    }

    /// The lists that queries page through agree with the records.
    fn indexes_agree(&mut self, books: &Books) {
        let open: BTreeSet<u64> = books
            .orders
            .iter()
            .filter(|(_, order)| order.status == OrderStatus::Open)
            .map(|(id, _)| *id)
            .collect();
        self.expect(open == books.open, || {
            format!("open orders {open:?} are listed as {:?}", books.open)
        });
        let active: BTreeSet<(Addr, u64)> = books
            .active_leases()
            .map(|(id, lease)| (lease.provider.clone(), *id))
            .collect();
        self.expect(active == books.active, || {
            format!("active leases {active:?} are listed as {:?}", books.active)
        });
    }
}

fn scaled(units: Uint128) -> Uint256 {
    Uint256::from(units) * Uint256::from(SCALE)
}

/// The bond that an order's leader has locked.
fn leader_bond(order: &market::Order) -> Option<(&Addr, Uint128)> {
    let best = order.auction.best.as_ref()?;
    (!order.auction.bond.is_zero()).then_some((&best.provider, order.auction.bond))
}
