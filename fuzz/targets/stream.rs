//! Any life of an account with streams by the second and prepaid ones: money is neither made nor lost, to the scaled unit.

#![no_main]

use cosmwasm_std::{Addr, Uint128};
use leasehold_rules::alive::Liveness;
use leasehold_rules::money::{Denom, SCALE};
use leasehold_rules::stream::{Account, Stream};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Step {
    Pass(u16),
    Beat {
        grace: u16,
    },
    Deposit(u128),
    Withdraw(u128),
    Settle,
    Open {
        rate: u128,
        min_runway: u16,
        lasts: Option<u16>,
    },
    Reprice {
        stream: u8,
        rate: u128,
    },
    Collect(u8),
    Close(u8),
}

struct World {
    now: u64,
    account: Account,
    streams: Vec<Stream>,
    live: Liveness,
    /// Whole units.
    put_in: Uint128,
    taken_out: Uint128,
}

fuzz_target!(|steps: Vec<Step>| {
    let mut world = World {
        now: 1,
        account: Account::new(Addr::unchecked("owner"), Denom::Native("u".into()), 1),
        streams: vec![],
        live: Liveness::default(),
        put_in: Uint128::zero(),
        taken_out: Uint128::zero(),
    };
    for step in steps {
        world.take(step);
        world.check();
    }
});

impl World {
    fn take(&mut self, step: Step) {
        match step {
            Step::Pass(seconds) => self.now += u64::from(seconds),
            Step::Beat { grace } => {
                let beat = self.live.beat(self.now, 1, u64::from(grace));
                self.live = beat.expect("time goes on");
            }
            Step::Deposit(units) => {
                let units = Uint128::new(units);
                self.settle();
                if self.account.deposit(units).is_ok() {
                    self.put_in += units;
                }
            }
            Step::Withdraw(units) => {
                self.settle();
                let most = self.account.withdrawable(1);
                let units = most.min(Uint128::new(units));
                self.account.debit(units).expect("no more than may leave");
                self.taken_out += units;
            }
            Step::Settle => self.settle(),
            Step::Open {
                rate,
                min_runway,
                lasts,
            } => self.open(rate, min_runway, lasts),
            Step::Reprice { stream, rate } => {
                let Some(index) = self.pick(stream) else {
                    return;
                };
                self.reconcile(index);
                // Refused when the account cannot pay for it.
                drop(
                    self.account
                        .reprice(&mut self.streams[index], Uint128::new(rate), 1),
                );
            }
            Step::Collect(stream) => {
                let Some(index) = self.pick(stream) else {
                    return;
                };
                self.reconcile(index);
                self.taken_out += self.streams[index].take_earned();
            }
            Step::Close(stream) => {
                let Some(index) = self.pick(stream) else {
                    return;
                };
                self.reconcile(index);
                let mut closed = self.streams.swap_remove(index);
                self.taken_out += closed.take_earned();
                self.account.close_stream(closed).expect("its own stream");
            }
        }
    }

    fn settle(&mut self) {
        self.account.settle(self.now).expect("time goes on");
    }

    fn open(&mut self, rate: u128, min_runway: u16, lasts: Option<u16>) {
        if self.streams.len() == 8 {
            return;
        }
        let alive = self.live.alive_at(self.now).expect("time goes on");
        let payee = Addr::unchecked("payee");
        let until = lasts.map(|seconds| self.now + u64::from(seconds));
        let stream = Stream::new(1, payee, Uint128::new(rate), alive, self.now).ending(until);
        self.settle();
        let before = self.account.clone();
        match self.account.open_stream(stream, u64::from(min_runway)) {
            Ok(stream) => self.streams.push(stream),
            Err(_) => self.account = before,
        }
    }

    fn pick(&self, stream: u8) -> Option<usize> {
        (!self.streams.is_empty()).then(|| usize::from(stream) % self.streams.len())
    }

    /// What was accepted can always be brought up to date.
    fn reconcile(&mut self, index: usize) {
        self.settle();
        let stream = &mut self.streams[index];
        let witness = stream.witness(Some(&self.live), self.now);
        let (alive, moment) = witness.expect("time goes on");
        let done = stream.reconcile(&mut self.account, alive, moment);
        done.expect("what was accepted is within its bounds");
    }

    fn check(&self) {
        let mut account = self.account.clone();
        account.settle(self.now).expect("time goes on");
        let owed = |stream: &Stream| stream.owed(&account).expect("within bounds");
        let streams: u128 = self.streams.iter().map(owed).sum();
        let inside = (self.put_in - self.taken_out).u128() * SCALE;
        assert_eq!(account.balance.u128() + streams, inside);
        let by_the_second = self.streams.iter().filter(|stream| stream.until.is_none());
        let rate: u128 = by_the_second.map(|stream| stream.rate.u128()).sum();
        assert_eq!(
            (account.rate.u128(), account.streams as usize),
            (rate, self.streams.len())
        );
    }
}
