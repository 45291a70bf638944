//! Random life on the whole suite: whatever anyone does, in any order, the invariants hold after every step.

use leasehold_testing::random::Life;

/// What random people rarely manage, and must have managed for the lives to mean something.
const RARE: [&str; 36] = [
    "bid",
    "claim",
    "accept",
    "post_offer",
    "update_offer",
    "withdraw_offer",
    "take_offer",
    "commit",
    "reveal",
    "end_commitment",
    "expire",
    "failover",
    "collect",
    "withdraw",
    "move",
    "allow",
    "adjust",
    "revoke",
    "draw",
    "top_up",
    "rent_on_allowance",
    "pause_group",
    "start_group",
    "close",
    "transfer",
    "end_lease_tenant",
    "end_lease_provider",
    "create_job",
    "propose_change",
    "accept_change",
    "withdraw_change",
    "finish",
    "slash",
    "give_notice",
    "announce_maintenance",
    "count_lapses",
];

fn live(seed: u64, steps: u32) -> Life {
    let mut life = Life::new(seed);
    for step in 0..steps {
        life.step();
        let violations = leasehold_testing::invariants::check(&life.world.snapshot())
            .expect("all records decode");
        assert!(
            violations.is_empty(),
            "seed {seed}, step {step}: {violations:#?}"
        );
    }
    life
}

/// 5 000 steps, and as many more lives, up to 20 000 steps, as it takes until everything rare was accepted once: which seed brings what
/// changes with every action that is added.
#[test]
fn invariants_hold_whatever_anyone_does() {
    let mut accepted = std::collections::BTreeMap::<&str, u32>::new();
    for seed in 0..40 {
        if seed >= 10 && RARE.iter().all(|action| accepted.contains_key(action)) {
            break;
        }
        for (action, times) in live(seed, 500).accepted {
            *accepted.entry(action).or_default() += times;
        }
    }
    for action in RARE {
        assert!(
            accepted.contains_key(action),
            "no {action} was ever accepted: {accepted:#?}"
        );
    }
}

/// A long life by seed: `LEASEHOLD_SEED=7 LEASEHOLD_STEPS=100000`. Does the ordinary 200 steps without them.
#[test]
fn a_chosen_life() {
    let number = |name: &str, default: u64| match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name}={text} is not a number")),
        Err(_) => default,
    };
    let steps = u32::try_from(number("LEASEHOLD_STEPS", 200)).expect("steps fit in 32 bits");
    live(number("LEASEHOLD_SEED", 4_711), steps);
}
