//! Any messages by anyone at any time; the harness checks locks, lists, streams and books after each.

use cosmwasm_std::Uint128;
use leasehold_api::deployment::order_id;
use leasehold_api::market::{lease_id, ExecuteMsg, OfferTerms, Terms};
use leasehold_api::{AuctionMode, Pricing, Usage, SCALE};
use proptest::prelude::*;

use crate::harness::*;
use crate::sealed::salt;
use crate::selling::*;

const MODES: [AuctionMode; 7] = [
    AuctionMode::Descending { min_bidders: None },
    AuctionMode::Open { auto_after: None },
    AuctionMode::Dutch {
        min_rate: Some(Uint128::new(50 * SCALE)),
    },
    AuctionMode::Sealed {
        pricing: Pricing::First,
        min_bidders: None,
    },
    AuctionMode::Sealed {
        pricing: Pricing::Second,
        min_bidders: Some(2),
    },
    AuctionMode::Open {
        auto_after: Some(30),
    },
    AuctionMode::Descending {
        min_bidders: Some(2),
    },
];

/// What a provider commits to; two of them to the same.
fn sealed_units(provider: usize) -> u128 {
    100 * (1 + provider as u128 / 2)
}

#[derive(Clone, Debug)]
enum Step {
    Open(u32, usize),
    Post(usize, u64, u128),
    Update(usize, u64, u64, u128),
    Retract(usize, u64),
    Take(u32, u64),
    Close(u32),
    Bid(usize, u32, u128),
    Withdraw(usize, u32),
    Claim(usize, u32),
    Accept(usize, u32),
    Notice(usize, u64),
    End(usize, u64),
    EndByTenant(u64),
    Change(usize, u64, u128, Option<u128>),
    Failover(usize, u64),
    Slash(u32, u32),
    Expire(usize, u32),
    Commit(usize, u32),
    Reveal(usize, u32),
    EndCommitment(usize, usize, u32),
    Wait(u64),
    Silence(usize),
    Fund(u128),
}

fn step() -> impl Strategy<Value = Step> {
    let provider = 0..PROVIDERS.len();
    let group = 0..3_u32;
    let lease = (0..3_u32, 1..5_u32).prop_map(|(group, number)| {
        lease_id(order_id(DEPLOYMENT, group).unwrap(), number).unwrap()
    });
    prop_oneof![
        3 => (group.clone(), 0..MODES.len() + 3).prop_map(|(g, mode)| Step::Open(g, mode)),
        1 => group.clone().prop_map(Step::Close),
        2 => (provider.clone(), 0..5_u64, 1..420_u128).prop_map(|(p, n, r)| Step::Post(p, n, r)),
        2 => (provider.clone(), 1..6_u64, 0..5_u64, 1..420_u128).prop_map(|(p, o, n, r)| Step::Update(p, o, n, r)),
        1 => (provider.clone(), 1..6_u64).prop_map(|(p, o)| Step::Retract(p, o)),
        4 => (group.clone(), 1..6_u64).prop_map(|(g, o)| Step::Take(g, o)),
        8 => (provider.clone(), group.clone(), 1..420_u128).prop_map(|(p, g, r)| Step::Bid(p, g, r)),
        1 => (provider.clone(), group.clone()).prop_map(|(p, g)| Step::Withdraw(p, g)),
        8 => (provider.clone(), group.clone()).prop_map(|(p, g)| Step::Claim(p, g)),
        3 => (provider.clone(), group.clone()).prop_map(|(p, g)| Step::Accept(p, g)),
        1 => (provider.clone(), lease.clone()).prop_map(|(p, l)| Step::Notice(p, l)),
        1 => (provider.clone(), lease.clone()).prop_map(|(p, l)| Step::End(p, l)),
        1 => lease.clone().prop_map(Step::EndByTenant),
        2 => (provider.clone(), lease.clone(), 0..420_u128, prop::option::of(200..420_u128))
            .prop_map(|(p, l, r, max)| Step::Change(p, l, r, max)),
        4 => (provider.clone(), lease).prop_map(|(p, l)| Step::Failover(p, l)),
        4 => (group.clone(), 1..4_u32).prop_map(|(g, n)| Step::Slash(g, n)),
        1 => (provider.clone(), group.clone()).prop_map(|(p, g)| Step::Expire(p, g)),
        8 => (provider.clone(), group.clone()).prop_map(|(p, g)| Step::Commit(p, g)),
        10 => (provider.clone(), group.clone()).prop_map(|(p, g)| Step::Reveal(p, g)),
        3 => (provider.clone(), provider.clone(), group)
            .prop_map(|(p, of, g)| Step::EndCommitment(p, of, g)),
        6 => (0..70_u64).prop_map(Step::Wait),
        1 => provider.prop_map(Step::Silence),
        1 => (0..200_000_u128).prop_map(Step::Fund),
    ]
}

/// Good for two minutes.
fn expiring(world: &World, cores: u64, units: u128) -> OfferTerms {
    OfferTerms {
        expires_at: world.now() + 120,
        ..posted(goods(cores, units))
    }
}

fn message(world: &World, step: &Step) -> Option<(String, ExecuteMsg)> {
    let group = |group: u32| order_id(DEPLOYMENT, group).unwrap();
    let provider = |p: usize| PROVIDERS[p].to_string();
    Some(match *step {
        Step::Post(p, cores, units) => {
            let post = ExecuteMsg::PostOffer {
                denom: denom(),
                terms: expiring(world, cores, units),
            };
            (provider(p), post)
        }
        Step::Update(p, offer_id, cores, units) => {
            let terms = expiring(world, cores, units);
            (provider(p), ExecuteMsg::UpdateOffer { offer_id, terms })
        }
        Step::Retract(p, offer_id) => (provider(p), ExecuteMsg::WithdrawOffer { offer_id }),
        Step::Bid(p, g, units) => {
            let bid = ExecuteMsg::Bid {
                order_id: group(g),
                rate: rate(units),
            };
            (provider(p), bid)
        }
        Step::Withdraw(p, g) => (provider(p), ExecuteMsg::WithdrawBid { order_id: group(g) }),
        Step::Claim(p, g) => (provider(p), ExecuteMsg::Claim { order_id: group(g) }),
        Step::Accept(p, g) => {
            let accept = ExecuteMsg::Accept {
                order_id: group(g),
                provider: world.addr(PROVIDERS[p]).to_string(),
            };
            ("tenant".into(), accept)
        }
        Step::Notice(p, lease_id) => (provider(p), ExecuteMsg::GiveNotice { lease_id }),
        Step::End(p, lease_id) => (provider(p), ExecuteMsg::EndLease { lease_id }),
        Step::EndByTenant(lease_id) => ("tenant".into(), ExecuteMsg::EndLease { lease_id }),
        Step::Failover(p, lease_id) => (provider(p), ExecuteMsg::Failover { lease_id }),
        Step::Slash(g, number) => {
            let slash = ExecuteMsg::Slash {
                order_id: group(g),
                number,
            };
            ("dave".into(), slash)
        }
        Step::Expire(p, g) => {
            let expire = ExecuteMsg::Expire {
                order_id: group(g),
                provider: None,
            };
            (provider(p), expire)
        }
        Step::Commit(p, g) => {
            let commit = ExecuteMsg::Commit {
                order_id: group(g),
                commitment: world.digest_on(group(g), PROVIDERS[p], sealed_units(p)),
            };
            (provider(p), commit)
        }
        Step::Reveal(p, g) => {
            let reveal = ExecuteMsg::Reveal {
                order_id: group(g),
                rate: rate(sealed_units(p)),
                salt: salt(),
            };
            (provider(p), reveal)
        }
        Step::EndCommitment(p, of, g) => {
            let expire = ExecuteMsg::Expire {
                order_id: group(g),
                provider: Some(world.addr(PROVIDERS[of]).to_string()),
            };
            (provider(p), expire)
        }
        _ => return None,
    })
}

/// Each mode, and jobs in two of them.
fn terms(mode: usize) -> Terms {
    Terms {
        max_duration: (mode >= MODES.len()).then_some(100),
        ..MODES[mode % MODES.len()].into()
    }
}

fn perform(world: &mut World, step: &Step) -> bool {
    let deployment = world.suite.deployment.clone();
    if let Some((sender, msg)) = message(world, step) {
        return world.by(&sender, msg).is_ok();
    }
    let msg = match *step {
        Step::Open(group, mode) => ExecuteMsg::OpenOrder {
            order_id: order_id(DEPLOYMENT, group).unwrap(),
            account: ACCOUNT,
            denom: denom(),
            terms: terms(mode),
            max_rate: rate(400),
            offer: None,
        },
        Step::Take(group, offer) => take_msg(group, 400, taking(offer), None),
        Step::Change(p, lease_id, units, max) => ExecuteMsg::ChangeLease {
            lease_id,
            provider: world.addr(PROVIDERS[p]).to_string(),
            rate: rate(units),
            max_rate: max.map(rate),
        },
        Step::Close(group) => ExecuteMsg::CloseOrder {
            order_id: order_id(DEPLOYMENT, group).unwrap(),
        },
        Step::Wait(seconds) => {
            world.wait(seconds);
            return true;
        }
        Step::Silence(p) => {
            world.silence(PROVIDERS[p]);
            return true;
        }
        Step::Fund(units) => {
            world.fund(units);
            return true;
        }
        _ => return false,
    };
    world.send(&deployment, &msg, &[]).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_books_stay_in_order(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        for group in 0..3 {
            perform(&mut world, &Step::Open(group, group as usize));
        }
        for step in &steps {
            perform(&mut world, step);
        }
        // Closing everything and carrying out what is due leaves nothing locked.
        for group in 0..3 {
            prop_assert!(perform(&mut world, &Step::Close(group)));
        }
        for (order_id, provider) in world.commitments() {
            let provider = Some(provider.into());
            world.by("dave", ExecuteMsg::Expire { order_id, provider }).unwrap();
        }
        world.wait(PENALTY_DELAY);
        for (order_id, number) in world.penalties() {
            world.by("dave", ExecuteMsg::Slash { order_id, number }).unwrap();
        }
        for name in PROVIDERS {
            prop_assert_eq!(world.locked(name), 0);
        }
        for offer in 1..40 {
            prop_assert_eq!(world.taken(offer), Usage::default());
        }
    }
}
