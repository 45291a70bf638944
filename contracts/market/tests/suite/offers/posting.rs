//! Posting an offer, changing it and taking it back.

use super::*;

#[test]
fn running_leases_keep_their_rate_when_the_price_changes() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    let response = world
        .update_offer("alice", 1, posted(goods(2, 50)))
        .unwrap();
    let updated = OfferUpdated {
        offer_id: 1,
        provider: world.addr("alice"),
        expires_at: START + OFFER_LIFE,
    };
    assert_eq!(event::<OfferUpdated>(&response), Some(updated));
    world.take(1, 100, 1).unwrap();
    let rate_of = |group: u32| {
        LEASES
            .load(&*world.storage(), lease_of(group, 1))
            .unwrap()
            .rate
    };
    assert_eq!((rate_of(0), rate_of(1)), (rate(30), rate(50)));
    assert_eq!(world.offer(1).left.0[0], 0);
}

#[test]
fn an_update_keeps_kinds_and_what_is_taken() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    let error = world
        .update_offer("alice", 1, posted(goods(0, 30)))
        .unwrap_err();
    assert_says(error, &["cpu", "at least 1000, which is taken"]);
    let mut with_disk = goods(4, 30);
    with_disk.storage.push(StorageStock {
        class: None,
        stock: with_disk.cpu,
    });
    let error = world
        .update_offer("alice", 1, posted(with_disk))
        .unwrap_err();
    assert_says(error, &["ephemeral storage", "as posted"]);
    world
        .update_offer("alice", 1, posted(goods(1, 30)))
        .unwrap();
    let left = ContractError::Rule(RuleError::SoldOut {
        what: "cpu (milli-cores)".into(),
        asked: 1_000,
        left: 0,
    });
    assert_eq!(world.take(1, 100, 1).unwrap_err(), left);
}

#[test]
fn a_withdrawn_offer_is_gone_and_its_leases_go_on() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    let response = world.withdraw_offer("alice", 1).unwrap();
    let withdrawn = OfferWithdrawn {
        offer_id: 1,
        provider: world.addr("alice"),
    };
    assert_eq!(event::<OfferWithdrawn>(&response), Some(withdrawn));
    let gone = ContractError::OfferNotFound { id: 1 };
    assert_eq!(world.take(1, 100, 1).unwrap_err(), gone);
    assert_eq!(world.withdraw_offer("alice", 1).unwrap_err(), gone);
    assert_eq!(
        world
            .update_offer("alice", 1, posted(goods(4, 30)))
            .unwrap_err(),
        gone
    );
    assert_eq!(world.seen().phase, OrderPhase::Leased);
    assert_eq!(
        world.post("alice", goods(4, 30)).unwrap(),
        2,
        "ids are used once"
    );
    world.close().unwrap();
    assert_eq!(world.taken(1), Usage::default());
}

#[test]
fn an_offer_is_posted_with_bounds() {
    let mut world = World::new();
    let expiring = |expires_at| OfferTerms {
        expires_at,
        ..posted(goods(4, 30))
    };
    let latest = START + MAX_OFFER_LIFE;
    for bad in [0, START, latest + 1] {
        let error = world.post_on("alice", expiring(bad)).unwrap_err();
        assert_says(
            error,
            &["expires_at", &bad.to_string(), &latest.to_string()],
        );
    }
    for good in [START + 1, latest] {
        world.post_on("alice", expiring(good)).unwrap();
    }
    let free = posted(goods(4, 0));
    assert_says(world.post_on("alice", free).unwrap_err(), &["above zero"]);
    let exit = |notice| OfferTerms {
        exit: Some(Exit {
            notice,
            compensation_bps: 0,
        }),
        ..posted(goods(4, 30))
    };
    let error = world.post_on("alice", exit(2_592_001)).unwrap_err();
    assert_says(error, &["notice"]);
    let error = world.update_offer("alice", 1, exit(2_592_001)).unwrap_err();
    assert_says(error, &["notice"]);
}

#[test]
fn an_offer_needs_collateral_in_its_denom() {
    let mut world = World::new();
    let msg = ExecuteMsg::PostOffer {
        denom: Denom::Native("ujunk".into()),
        terms: posted(goods(4, 30)),
    };
    let error = world.by("alice", msg).unwrap_err();
    assert_says(error, &["ujunk", "0 of the collateral is free"]);
}
