use std::cell::Cell;

use leasehold_rules::money::SCALE;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::world::{Action, Setup, World};

/// The same runs every time.
pub fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    vec(any::<Action>(), 30..41)
}

/// Rates from a part of a unit to some units per second, deposits of some seconds to some minutes.
pub fn setup() -> impl Strategy<Value = Setup> {
    (
        prop_oneof![1u64..8, Just(40)],
        1u64..4,
        prop_oneof![Just(SCALE / 3), Just(SCALE / 1_000 + 1), Just(SCALE)],
        prop_oneof![Just(1u128), Just(40)],
    )
        .prop_map(|(grace, min_runway, rate, deposit)| Setup {
            grace,
            min_runway,
            deposit,
            rate,
            settles: 0,
        })
}

#[test]
fn every_run_agrees_with_the_second_by_second_reference() {
    let (dry, lapsed, both) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let (repriced, finished) = (Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>, hit: bool| cell.set(cell.get() + u32::from(hit));
    runner(10_000)
        .run(&(setup(), actions()), |(setup, actions)| {
            let world = World::run(setup, &actions);
            count(&dry, world.went_dry);
            count(&lapsed, world.lapsed);
            count(&both, world.went_dry && world.lapsed);
            count(&repriced, world.repriced > 0);
            count(&finished, world.finished > 0);
            Ok(())
        })
        .unwrap();
    for (what, cell) in [
        ("dry", &dry),
        ("lapsed", &lapsed),
        ("dry and lapsed", &both),
        ("repriced", &repriced),
        ("with a prepaid stream collected after its end", &finished),
    ] {
        assert!(cell.get() > 1_000, "only {} runs {what}", cell.get());
    }
}

#[test]
fn settling_once_or_a_hundred_times_pays_the_same() {
    runner(200)
        .run(&(setup(), actions()), |(setup, actions)| {
            let once = World::run(setup, &actions);
            let often = World::run(
                Setup {
                    settles: 100,
                    ..setup
                },
                &actions,
            );
            prop_assert_eq!(once.paid, often.paid);
            Ok(())
        })
        .unwrap();
}

/// Near 2¹²⁸ a deposit is refused, and nothing else ever fails: what was accepted can be collected, closed and withdrawn.
#[test]
fn an_accepted_deposit_never_makes_a_later_step_overflow() {
    let most = u128::MAX / SCALE / 64;
    let setup = (1u64..8, 1u64..4, 0u32..24).prop_map(move |(grace, min_runway, shift)| Setup {
        grace,
        min_runway,
        deposit: most,
        rate: (u128::MAX >> 8) >> shift,
        settles: 0,
    });
    runner(1_000)
        .run(&(setup, actions()), |(setup, actions)| {
            World::run(setup, &actions);
            Ok(())
        })
        .unwrap();
}
