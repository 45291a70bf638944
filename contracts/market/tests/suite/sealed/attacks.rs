//! What each side can do to the other, attack by attack.

use super::*;

#[test]
fn attack_shill_commits_that_are_revealed_only_when_useful_cost_their_bonds() {
    // An accomplice of the tenant would press a second price: it commits to several rates and shows the one just above the best.
    let mut world = World::with_order(sealed(Pricing::Second), 100);
    world.commit("alice", 50).unwrap();
    world.commit("bob", 51).unwrap();
    world.commit("carol", 70).unwrap();
    world.wait(40);
    world.reveal("alice", 50).unwrap();
    world.reveal("bob", 51).unwrap();
    assert_says(
        world.withdraw("carol").unwrap_err(),
        &["taking back a commitment", "taking reveals"],
    );
    world.wait(20);
    world.claim("alice").unwrap();
    assert_eq!(world.lease(1).rate, rate(51));
    // The one kept back is forfeit, whoever says so, though the order is leased.
    let response = world.expire_of("dave", "carol").unwrap();
    assert!(event::<CommitmentEnded>(&response).unwrap().forfeit);
    assert_eq!(world.locked("carol"), 100_000, "until it is carried out");
    world.told();
    world.carry_out();
    assert_eq!(world.locked("carol"), 0);
    let told = world.told();
    let [Told::Slash { recipients, .. }] = &told[..] else {
        panic!("one slash, not {told:?}");
    };
    // Nothing to the tenant, for whom it may have been done.
    let paid: Vec<_> = recipients
        .iter()
        .map(|share| (share.to.clone(), share.bps))
        .collect();
    assert_eq!(paid, [(world.addr("dave").to_string(), 1_500)]);
    let carol = world.addr("carol");
    let left = world.hot(&carol).collateral_in(&denom());
    assert_eq!(left.u128(), COLLATERAL - 20_000);
}

#[test]
fn attack_a_copied_commitment_cannot_be_opened_by_the_copier() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    world.commit("alice", 50).unwrap();
    let copied = world.digest("alice", 50);
    let msg = ExecuteMsg::Commit {
        order_id: order(),
        commitment: copied,
    };
    world.by("bob", msg).unwrap();
    world.wait(40);
    world.reveal("alice", 50).unwrap();
    // Rate and salt are public now.
    let error = world.reveal("bob", 50).unwrap_err();
    assert!(matches!(
        error,
        ContractError::Rule(RuleError::WrongOpening { .. })
    ));
    world.wait(20);
    world.withdraw("bob").unwrap();
    assert_eq!(world.penalties().len(), 1);
    world.claim("alice").unwrap();
}

#[test]
fn attack_a_commitment_is_not_replayed_in_a_later_round() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    let old = world.digest("alice", 50);
    world.close().unwrap();
    world.open(sealed(Pricing::First), 100).unwrap();
    let msg = ExecuteMsg::Commit {
        order_id: order(),
        commitment: old,
    };
    world.by("alice", msg).unwrap();
    world.wait(40);
    let error = world.reveal("alice", 50).unwrap_err();
    assert_says(error, &["did not commit to a rate of 50000000000000"]);
}

#[test]
fn attack_a_reveal_after_the_deadline_is_refused() {
    let mut world = committed(Pricing::First);
    world.reveal("bob", 60).unwrap();
    world.wait(19);
    assert_eq!(world.seen().phase_ends_at, Some(world.now() + 1));
    world.wait(1);
    // Alice has seen what she would have to beat, and would.
    let error = world.reveal("alice", 50).unwrap_err();
    assert_says(error, &["a reveal is not possible", "best bidder"]);
    world.withdraw("alice").unwrap();
    let penalty = world.penalties()[0];
    assert_eq!(penalty, (order(), 1));
    assert_eq!(world.locked("alice"), 100_000);
    world.claim("bob").unwrap();
}

#[test]
fn attack_nobody_reveals_for_another() {
    let mut world = committed(Pricing::First);
    let error = world.reveal("dave", 50).unwrap_err();
    assert!(matches!(error, ContractError::Unauthorized { .. }));
    // Bob shows Alice's rate as his own.
    let error = world.reveal("bob", 50).unwrap_err();
    assert!(matches!(
        error,
        ContractError::Rule(RuleError::WrongOpening { .. })
    ));
    let short = ExecuteMsg::Reveal {
        order_id: order(),
        rate: rate(60),
        salt: Binary::from([7; 15]),
    };
    assert_says(
        world.by("bob", short).unwrap_err(),
        &["bytes of salt is 15", "16 to 64"],
    );
    world.reveal("bob", 60).unwrap();
    let again = world.reveal("bob", 60).unwrap_err();
    assert!(matches!(again, ContractError::Unauthorized { .. }));
}

#[test]
fn attack_silence_does_not_deny_the_order() {
    // One that does not reveal only makes the others wait for the end of the phase.
    let mut world = committed(Pricing::First);
    world.reveal("alice", 50).unwrap();
    world.reveal("bob", 60).unwrap();
    assert_eq!(world.seen().phase, OrderPhase::Revealing);
    world.wait(20);
    world.claim("alice").unwrap();
    // When nobody reveals, anyone may serve, and all pay.
    let mut world = committed(Pricing::First);
    world.wait(20);
    assert_eq!(world.seen().price, Some(rate(10)));
    world.claim("dave").unwrap();
    for name in ["alice", "bob", "carol"] {
        world.expire_of("dave", name).unwrap();
        let error = world.expire_of("dave", name).unwrap_err();
        assert!(matches!(error, ContractError::NoCommitment { .. }));
    }
    assert_eq!(world.penalties().len(), 3);
}

#[test]
fn attack_a_halt_across_a_close_costs_nobody_its_reveal() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    world.commit("alice", 50).unwrap();
    world.jump(100_000, 1);
    // Both phases are over in time; one block has passed.
    assert_eq!(world.seen().phase, OrderPhase::Bidding);
    world.commit("bob", 60).unwrap();
    world.jump(1, 3);
    assert_eq!(world.seen().phase, OrderPhase::Revealing);
    world.reveal("bob", 60).unwrap();
    world.jump(100_000, 1);
    assert_eq!(world.seen().phase, OrderPhase::Revealing);
    world.reveal("alice", 50).unwrap();
    assert_eq!(world.seen().phase, OrderPhase::AwardBest);
    world.jump(29, 1);
    world.claim("alice").unwrap();
}

#[test]
fn attack_a_tie_is_not_won_by_revealing_first() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    world.commit("alice", 50).unwrap();
    world.commit("bob", 50).unwrap();
    world.wait(40);
    world.reveal("bob", 50).unwrap();
    assert_eq!(world.locked("bob"), 50_000);
    world.reveal("alice", 50).unwrap();
    assert_eq!((world.locked("alice"), world.locked("bob")), (50_000, 0));
    world.claim("alice").unwrap();
}

#[test]
fn attack_sniping_sees_nothing_and_comes_too_late() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    world.commit("alice", 50).unwrap();
    let (before, seen) = (world.seen().best, world.seen().second);
    assert_eq!((before, seen), (None, None));
    world.wait(39);
    world.commit("bob", 60).unwrap();
    world.wait(1);
    assert_says(
        world.commit("carol", 40).unwrap_err(),
        &["a commitment is not possible", "taking reveals"],
    );
    assert_says(world.bid("carol", 40).unwrap_err(), &["a bid", "sealed"]);
    assert_says(
        world.claim("carol").unwrap_err(),
        &["a claim is not possible"],
    );
}
