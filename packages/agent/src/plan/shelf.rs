//! Keeps one standing offer on the market, as the operator wants it now.

use leasehold_api::market::{OfferResponse, OfferTerms};
use leasehold_api::provider::Standing;

use super::{MyLease, Observed, Tx};

/// An offer stands for one to two of these, so that a provider that is gone for good sells nothing for long.
const HALF_DAY: u64 = 43_200;

/// What is missing until the chain shows the wanted offer and no other. Nothing while draining: then nobody takes an offer.
pub fn offers(seen: &Observed) -> Vec<Tx> {
    if seen.hot.standing == Standing::Draining {
        return vec![];
    }
    let kept = kept(seen).map(|offer| offer.id);
    let others = seen.offers.iter().filter(|offer| Some(offer.id) != kept);
    let withdrawn = others.map(|offer| Tx::WithdrawOffer { offer: offer.id });
    withdrawn.chain(wanted(seen)).collect()
}

/// Leases that stand on no offer, or on one that is not kept.
pub fn others(seen: &Observed) -> impl Iterator<Item = &MyLease> {
    seen.leases.iter().filter(|my| !holds(seen, my))
}

/// Whether a lease stands on the offer that is kept, whose room is not the bids'.
pub fn holds(seen: &Observed, my: &MyLease) -> bool {
    my.lease.offer_id.is_some() && kept(seen).map(|offer| offer.id) == my.lease.offer_id
}

fn wanted(seen: &Observed) -> Option<Tx> {
    let (denom, goods) = seen.offered.clone()?;
    if seen.hot.collateral_in(&denom).is_zero() {
        return None;
    }
    let terms = OfferTerms {
        goods,
        exit: None,
        expires_at: (seen.now / HALF_DAY + 2) * HALF_DAY,
    };
    match kept(seen) {
        None => Some(Tx::PostOffer { denom, terms }),
        Some(offer) if offer.terms != terms => Some(Tx::UpdateOffer {
            offer: offer.id,
            terms,
        }),
        Some(_) => None,
    }
}

/// The offer that can become the wanted one.
fn kept(seen: &Observed) -> Option<&OfferResponse> {
    let (denom, goods) = seen.offered.as_ref()?;
    seen.offers.iter().find(|offer| {
        let former = &offer.terms.goods;
        // What is not left is taken.
        let taken = former.left(&offer.left);
        offer.denom == *denom && goods.replaces(former, &taken).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::{Addr, Uint128};
    use leasehold_api::{AuctionMode, Goods, Stock, Usage};

    use super::super::plan;
    use super::super::tests::{denom, idle, lease, open};
    use super::*;

    /// One core is offered, one left for bids.
    fn selling() -> Observed {
        let mut seen = idle();
        seen.capacity.cpu = 1_000;
        seen.offered = Some((denom(), goods(1_000, 3)));
        seen
    }

    fn goods(cpu: u64, price: u128) -> Goods {
        Goods {
            cpu: Stock {
                amount: cpu,
                price: Uint128::new(price),
            },
            memory: Stock::default(),
            storage: vec![],
            gpus: vec![],
            ips: Stock::default(),
            endpoint: Uint128::zero(),
        }
    }

    fn terms(seen: &Observed, goods: Goods) -> OfferTerms {
        OfferTerms {
            goods,
            exit: None,
            expires_at: (seen.now / HALF_DAY + 2) * HALF_DAY,
        }
    }

    /// As the chain shows it, with `left` of its cpu.
    fn posted(seen: &Observed, id: u64, goods: Goods, left: u64) -> OfferResponse {
        OfferResponse {
            id,
            provider: Addr::unchecked("me"),
            denom: denom(),
            terms: terms(seen, goods),
            left: Usage(vec![left, 0, 0]),
            quote: None,
        }
    }

    #[test]
    fn the_wanted_offer_is_posted_once() {
        let mut seen = selling();
        let terms = terms(&seen, goods(1_000, 3));
        let (denom, posts) = (denom(), offers(&seen));
        assert_eq!(posts, [Tx::PostOffer { denom, terms }]);
        seen.offers = vec![posted(&seen, 7, goods(1_000, 3), 0)];
        assert_eq!(offers(&seen), []);
    }

    #[test]
    fn a_new_price_or_half_a_day_updates_it() {
        let mut seen = selling();
        seen.offers = vec![posted(&seen, 7, goods(1_000, 2), 0)];
        let terms_now = terms(&seen, goods(1_000, 3));
        let update = |terms| vec![Tx::UpdateOffer { offer: 7, terms }];
        assert_eq!(offers(&seen), update(terms_now));
        seen.offers = vec![posted(&seen, 7, goods(1_000, 3), 0)];
        seen.now = HALF_DAY - 1;
        assert_eq!(offers(&seen), []);
        seen.now = HALF_DAY;
        let later = terms(&seen, goods(1_000, 3));
        assert_eq!(later.expires_at, 3 * HALF_DAY);
        assert_eq!(offers(&seen), update(later));
    }

    /// An amount below what is taken cannot be posted: the old offer's leases end in their time.
    #[test]
    fn what_cannot_be_changed_is_withdrawn_and_posted_anew() {
        let mut seen = selling();
        seen.offers = vec![posted(&seen, 7, goods(4_000, 3), 2_999)];
        let txs = offers(&seen);
        assert_eq!(txs[0], Tx::WithdrawOffer { offer: 7 });
        assert!(matches!(txs[1], Tx::PostOffer { .. }), "{txs:?}");
        seen.offers = vec![posted(&seen, 7, goods(4_000, 3), 3_000)];
        assert!(matches!(offers(&seen)[..], [Tx::UpdateOffer { .. }]));
    }

    #[test]
    fn what_is_not_wanted_any_more_is_withdrawn() {
        let mut seen = selling();
        let offer = posted(&seen, 7, goods(1_000, 3), 1_000);
        seen.offers = vec![offer.clone(), OfferResponse { id: 8, ..offer }];
        assert_eq!(offers(&seen), [Tx::WithdrawOffer { offer: 8 }]);
        seen.offered = None;
        let both = [7, 8].map(|offer| Tx::WithdrawOffer { offer });
        assert_eq!(offers(&seen), both);
        seen.hot.standing = Standing::Draining;
        assert_eq!(offers(&seen), []);
    }

    #[test]
    fn nothing_is_posted_without_collateral() {
        let mut seen = selling();
        seen.hot.collateral.clear();
        assert_eq!(offers(&seen), []);
    }

    /// Neither part sells what is the other's.
    #[test]
    fn a_lease_on_the_offer_leaves_the_bids_their_room() {
        let mut seen = selling();
        seen.offers = vec![posted(&seen, 7, goods(1_000, 3), 0)];
        seen.orders = vec![open(AuctionMode::default())];
        let mut my = lease(81);
        my.lease.offer_id = Some(7);
        seen.leases = vec![my.clone()];
        let bids = |seen: &Observed| {
            let txs = plan(seen).txs;
            txs.iter().any(|tx| matches!(tx, Tx::Bid { .. }))
        };
        assert!(bids(&seen));
        // Won by a bid, or on an offer that is gone, it takes the bids' room.
        for other in [None, Some(3)] {
            my.lease.offer_id = other;
            seen.leases = vec![my.clone()];
            assert!(!bids(&seen));
        }
    }
}
