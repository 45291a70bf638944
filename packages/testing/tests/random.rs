//! Random life on the whole suite: whatever anyone does, in any order, the invariants hold after every step.
//!
//! `LEASEHOLD_STEPS` in all (5 000), in lives of 500, from `LEASEHOLD_SEED` (0) on. A seed that fails joins `random-regressions.txt`.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use leasehold_testing::invariants;
use leasehold_testing::random::Life;

const LIFE: u64 = 500;
const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/random-regressions.txt");

/// What people rarely manage.
const RARE: [&str; 55] = [
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
    "reserve",
    "propose_change",
    "accept_change",
    "withdraw_change",
    "finish",
    "slash",
    "give_notice",
    "announce_maintenance",
    "count_lapses",
    "prune",
    "prune_deployment",
    "attest",
    "revoke_attestation",
    "challenge_attestation",
    "uphold_challenge",
    "rent_audited",
    "watch_lease",
    "unwatch_lease",
    "submit_verdict",
    "condemn",
    "accuse_watcher",
    "claim_fees",
    "judge",
    "retire",
    "withdraw_bond",
    "enrol",
    "add_to_bond",
];

type Accepted = BTreeMap<&'static str, u32>;

/// The actions that were accepted, or at which step what was wrong.
fn live(seed: u64, steps: u64) -> Result<Accepted, String> {
    let mut life = Life::new(seed);
    for step in 1..=steps {
        let taken = catch_unwind(AssertUnwindSafe(|| life.step()));
        taken.map_err(|panic| format!("{seed} {step} # panic: {}", message(&*panic)))?;
        let violations = invariants::check(&life.world.snapshot()).expect("all records decode");
        if !violations.is_empty() {
            return Err(format!("{seed} {step} # {}", violations.join("; ")));
        }
    }
    Ok(life.accepted)
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("of no text")
}

/// The counts show that life is not all refusals.
#[test]
fn invariants_hold_whatever_anyone_does() {
    let first = number("LEASEHOLD_SEED", 0);
    let lives = number("LEASEHOLD_STEPS", 5_000).div_ceil(LIFE);
    let next = AtomicU64::new(first);
    let run = || {
        let mut outcomes = vec![];
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + lives {
                return outcomes;
            }
            outcomes.push(live(seed, LIFE));
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let outcomes: Vec<Result<Accepted, String>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        let done = workers.into_iter().flat_map(|worker| worker.join());
        done.flatten().collect()
    });
    assert_eq!(outcomes.len() as u64, lives);
    keep(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()));
    let mut accepted = Accepted::new();
    for (action, times) in outcomes.into_iter().flatten().flatten() {
        *accepted.entry(action).or_default() += times;
    }
    // Which seed brings what changes with every action that is added: some lives more, until all is there.
    for seed in (first + lives..).take(30) {
        if RARE.iter().all(|action| accepted.contains_key(action)) {
            break;
        }
        let outcome = live(seed, LIFE);
        keep(outcome.as_ref().err().into_iter());
        for (action, times) in outcome.into_iter().flatten() {
            *accepted.entry(action).or_default() += times;
        }
    }
    for action in RARE {
        assert!(
            accepted.get(action).copied().unwrap_or(0) > 0,
            "no {action} was ever accepted: {accepted:#?}"
        );
    }
}

/// Fails with what went wrong, after adding it to the regressions.
fn keep<'a>(failures: impl Iterator<Item = &'a String>) {
    let mut lines = String::new();
    for failure in failures {
        writeln!(lines, "{}", failure.replace('\n', " ")).expect("text takes text");
    }
    if lines.is_empty() {
        return;
    }
    let file = std::fs::OpenOptions::new().append(true).open(REGRESSIONS);
    let kept = file.and_then(|mut file| file.write_all(lines.as_bytes()));
    panic!("seed and step, kept ({kept:?}):\n{lines}");
}

/// Seeds that failed once hold for good, a while beyond the step at which they failed.
#[test]
fn regressions_hold() {
    let kept = std::fs::read_to_string(REGRESSIONS).expect("the regressions are beside this file");
    for line in kept.lines() {
        let numbers = line.split('#').next().unwrap_or_default();
        let mut numbers = numbers.split_whitespace().map(|number| {
            let parsed = number.parse::<u64>();
            parsed.unwrap_or_else(|_| panic!("not a number: {number}"))
        });
        if let (Some(seed), Some(step)) = (numbers.next(), numbers.next()) {
            live(seed, step + 50).unwrap_or_else(|failure| panic!("again: {failure}"));
        }
    }
}

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name}={text} is not a number")),
        Err(_) => default,
    }
}
