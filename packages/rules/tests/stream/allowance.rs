//! A drawn account and its source, each beside its own reference that sees every second.

use std::cell::Cell;

use cosmwasm_std::{Addr, Uint128};
use leasehold_rules::money::SCALE;
use leasehold_rules::stream::allowance::{Allowance, Limits, Refill};
use leasehold_rules::RuleError;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::property::{runner, setup};
use crate::world::{Action, Setup, World};

fn spender() -> Addr {
    Addr::unchecked("spender")
}

fn limits(max_total: u128, expires: Option<u64>) -> Limits {
    Limits {
        max_rate: Uint128::new(10 * SCALE),
        max_total: Uint128::new(max_total),
        expires,
        refill: Some(Refill { below: 10, to: 25 }),
    }
}

/// How often a run saw what is worth seeing.
#[derive(Debug, Default, Clone)]
struct Seen {
    drawn: u32,
    filled: u32,
    short_of_limit: u32,
    short_of_source: u32,
    expired: u32,
    not_due: u32,
}

struct Pair {
    setup: Setup,
    source: World,
    account: World,
    allowance: Allowance,
    /// Whole units moved, counted here.
    moved: u128,
    seen: Seen,
}

impl Pair {
    fn run(setup: Setup, wealth: u128, limits: Limits, actions: &[Action]) -> Seen {
        let mut pair = Pair {
            setup,
            source: World::new(setup),
            account: World::new(setup),
            allowance: Allowance {
                source: 1,
                spender: spender(),
                limits,
                drawn: Uint128::zero(),
            },
            moved: 0,
            seen: Seen::default(),
        };
        pair.source.deposit(wealth * setup.deposit);
        for &action in actions {
            pair.act(action);
            pair.source.check();
            pair.account.check();
            assert_eq!(pair.allowance.drawn.u128(), pair.moved);
            assert!(pair.allowance.drawn <= pair.allowance.limits.max_total);
        }
        pair.seen
    }

    fn act(&mut self, (kind, which, size): Action) {
        match kind % 8 {
            0 | 1 => {
                let seconds = u64::from(size % 24) + 1;
                self.source.pass(seconds);
                self.account.pass(seconds);
            }
            2 => self.draw(u128::from(size)),
            3..=5 => self.top_up(),
            // Any action but the passing of time, which both accounts share.
            _ => {
                let side = match which & 1 {
                    0 => &mut self.source,
                    _ => &mut self.account,
                };
                side.act((5 + size % 11, which, size));
            }
        }
    }

    fn now(&self) -> u64 {
        self.source.reference.now
    }

    fn expired(&self) -> bool {
        self.allowance
            .limits
            .expires
            .is_some_and(|at| self.now() >= at)
    }

    /// What the references say may be drawn: by the limit, and by what the source can spare.
    fn most(&self) -> (u128, u128) {
        let source = &self.source.reference;
        let kept = source.rate() * u128::from(self.setup.min_runway);
        (
            self.allowance.limits.max_total.u128() - self.moved,
            source.balance.saturating_sub(kept) / SCALE,
        )
    }

    /// Up to a fourth more than may be drawn.
    fn draw(&mut self, part: u128) {
        let (left, spare) = self.most();
        let units = left.min(spare) * part / 200 + part % 2;
        let fits = units > 0 && units <= left && units <= spare && !self.expired();
        let (mut source, mut account) = (self.source.account.clone(), self.account.account.clone());
        let mut allowance = self.allowance.clone();
        let (min_runway, now) = (self.setup.min_runway, self.now());
        let units_drawn = Uint128::new(units);
        let drawn = allowance.draw(&mut source, &mut account, units_drawn, min_runway, now);
        assert_eq!(
            drawn.is_ok(),
            fits,
            "{units} of {left} and {spare}: {drawn:?}"
        );
        if fits {
            (self.source.account, self.account.account) = (source, account);
            self.allowance = allowance;
            self.move_in_the_references(units);
            self.seen.drawn += 1;
        }
        self.seen.expired += u32::from(self.expired());
    }

    fn top_up(&mut self) {
        let (left, spare) = self.most();
        let refill = self.allowance.limits.refill.unwrap();
        let (rate, balance) = (
            self.account.reference.rate(),
            self.account.reference.balance,
        );
        let lasts =
            |units: u128, seconds: u64| balance + units * SCALE >= rate * u128::from(seconds);
        let due = rate > 0 && !lasts(0, refill.below);
        let most = left.min(spare);
        let (mut source, mut account) = (self.source.account.clone(), self.account.account.clone());
        let mut allowance = self.allowance.clone();
        let (min_runway, now) = (self.setup.min_runway, self.now());
        let moved = allowance.top_up(&mut source, &mut account, min_runway, now);
        let expected = due && most > 0 && !self.expired();
        assert_eq!(moved.is_ok(), expected, "{moved:?}");
        self.seen.not_due += u32::from(!due);
        let Ok(units) = moved else { return };
        let units = units.u128();
        assert!(!lasts(units - 1, refill.to), "a unit more than was due");
        if units < most {
            assert!(lasts(units, refill.to), "less than was due and free");
        }
        assert!(units <= most);
        (self.source.account, self.account.account) = (source, account);
        self.allowance = allowance;
        self.move_in_the_references(units);
        match (lasts(units, refill.to), left < spare) {
            (true, _) => self.seen.filled += 1,
            (false, true) => self.seen.short_of_limit += 1,
            (false, false) => self.seen.short_of_source += 1,
        }
    }

    fn move_in_the_references(&mut self, units: u128) {
        self.moved += units;
        self.source.reference.balance -= units * SCALE;
        self.source.held -= units * SCALE;
        self.account.reference.balance += units * SCALE;
        self.account.held += units * SCALE;
    }
}

#[test]
fn draws_and_top_ups_agree_with_the_second_by_second_reference() {
    let total = Cell::new(Seen::default());
    let limits = (
        prop_oneof![1u128..60, Just(100_000)],
        prop_oneof![Just(None), (1u64..250).prop_map(Some)],
    )
        .prop_map(|(max_total, expires)| limits(max_total, expires));
    let wealth = prop_oneof![Just(20u128), Just(10_000)];
    let long_life = vec(any::<Action>(), 60..90);
    runner(5_000)
        .run(
            &(setup(), wealth, limits, long_life),
            |(setup, wealth, limits, actions)| {
                let one = Pair::run(setup, wealth, limits, &actions);
                let sum = total.take();
                total.set(Seen {
                    drawn: sum.drawn + one.drawn,
                    filled: sum.filled + one.filled,
                    short_of_limit: sum.short_of_limit + one.short_of_limit,
                    short_of_source: sum.short_of_source + one.short_of_source,
                    expired: sum.expired + one.expired,
                    not_due: sum.not_due + one.not_due,
                });
                Ok(())
            },
        )
        .unwrap();
    let seen = total.take();
    for times in [
        seen.drawn,
        seen.filled,
        seen.short_of_limit,
        seen.short_of_source,
        seen.expired,
        seen.not_due,
    ] {
        assert!(times > 100, "{seen:?}");
    }
}

#[test]
fn a_permit_is_for_the_spender_up_to_the_rate_until_it_expires() {
    let allowance = Allowance {
        source: 1,
        spender: spender(),
        limits: limits(1, Some(100)),
        drawn: Uint128::zero(),
    };
    let most = Uint128::new(10 * SCALE);
    let over = Uint128::new(10 * SCALE + 1);
    assert_eq!(allowance.permit(&spender(), most, 99), Ok(()));
    for (who, rate, now) in [(spender(), over, 99), (spender(), most, 100)] {
        let refused = allowance.permit(&who, rate, now);
        assert!(matches!(refused, Err(RuleError::OutOfRange { .. })));
    }
    let refused = allowance.permit(&Addr::unchecked("other"), most, 99);
    assert!(matches!(refused, Err(RuleError::WrongParty { .. })));
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    let check = |limits: &Limits| limits.check(Uint128::new(7), 100);
    let good = limits(7, Some(101));
    assert_eq!(check(&good), Ok(()));
    let refill = |below, to| Some(Refill { below, to });
    for bad in [
        limits(6, None),
        limits(7, Some(100)),
        Limits {
            refill: refill(0, 1),
            ..good.clone()
        },
        Limits {
            refill: refill(5, 5),
            ..good.clone()
        },
    ] {
        let refused = check(&bad);
        assert!(
            matches!(refused, Err(RuleError::OutOfRange { .. })),
            "{bad:?}"
        );
    }
}

#[test]
fn accounts_of_two_owners_do_not_feed_each_other() {
    let setup = Setup {
        grace: 1,
        min_runway: 1,
        deposit: 1,
        rate: 1,
        settles: 0,
    };
    let (mut source, mut account) = (World::new(setup), World::new(setup));
    source.deposit(100);
    let mut allowance = Allowance {
        source: 1,
        spender: spender(),
        limits: limits(50, None),
        drawn: Uint128::zero(),
    };
    source.account.owner = Addr::unchecked("heir");
    let (source, account) = (&mut source.account, &mut account.account);
    let refused = allowance.draw(source, account, Uint128::one(), 1, 0);
    assert!(matches!(refused, Err(RuleError::WrongParty { .. })));
    assert_eq!(allowance.drawable(source, account, 1, 0), Uint128::zero());
    account.owner = source.owner.clone();
    assert_eq!(allowance.drawable(source, account, 1, 0).u128(), 50);
    assert_eq!(
        allowance.draw(source, account, Uint128::one(), 1, 0),
        Ok(())
    );
}

#[test]
fn an_allowance_reads_back_as_stored() {
    for expires in [None, Some(9)] {
        let allowance = Allowance {
            source: 3,
            spender: spender(),
            limits: limits(8, expires),
            drawn: Uint128::one(),
        };
        let json = cosmwasm_std::to_json_vec(&allowance).unwrap();
        assert_eq!(
            cosmwasm_std::from_json::<Allowance>(json).unwrap(),
            allowance
        );
    }
}
