//! The rule and the reference side by side.

use cosmwasm_std::{Addr, Uint128};
use leasehold_rules::alive::Liveness;
use leasehold_rules::money::{Denom, SCALE};
use leasehold_rules::stream::{Account, Stream};

use crate::reference::{RefStream, Reference};

pub const PAYEES: usize = 3;
const MOST_STREAMS: usize = 5;

/// How a run is set up.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    pub grace: u64,
    pub min_runway: u64,
    /// Units in the smallest deposit, scaled amount in the smallest rate.
    pub deposit: u128,
    pub rate: u128,
    /// Extra settles at every second.
    pub settles: u32,
}

/// What a run is made of: three small numbers, so that shrinking is cheap.
pub type Action = (u8, u8, u8);

pub struct World {
    setup: Setup,
    pub account: Account,
    streams: Vec<Option<Stream>>,
    live: Vec<Liveness>,
    pub reference: Reference,
    /// Scaled amount that came in and has not gone out.
    pub held: u128,
    /// Whole units paid, by stream.
    pub paid: Vec<u128>,
    pub went_dry: bool,
    pub lapsed: bool,
    pub repriced: u32,
    /// Prepaid streams that were collected after their end.
    pub finished: u32,
}

impl World {
    pub fn new(setup: Setup) -> Self {
        let beat = Liveness::default().beat(0, 0, setup.grace).unwrap();
        World {
            setup,
            account: Account::new(Addr::unchecked("tenant"), Denom::Native("uakt".into()), 0),
            streams: vec![],
            live: vec![beat; PAYEES],
            reference: Reference {
                until: vec![setup.grace; PAYEES],
                alive: vec![0; PAYEES],
                ..Reference::default()
            },
            held: 0,
            paid: vec![],
            went_dry: false,
            lapsed: false,
            repriced: 0,
            finished: 0,
        }
    }

    pub fn run(setup: Setup, actions: &[Action]) -> Self {
        let mut world = World::new(setup);
        for &action in actions {
            world.act(action);
            world.check();
        }
        for stream in 0..world.streams.len() {
            world.close(stream);
            world.check();
        }
        assert_eq!(
            world.held,
            world.account.balance.u128(),
            "all is the tenant's again"
        );
        world
    }

    pub fn act(&mut self, (kind, which, size): Action) {
        let (which, size) = (usize::from(which), u128::from(size));
        match kind % 16 {
            0..=4 => self.pass(u64::from(kind / 16) % 8 + 1),
            5 | 6 => self.deposit(self.setup.deposit * (size % 64 + 1)),
            7 => self.withdraw(size),
            8..=10 => self.beat(which % PAYEES),
            11 => self.account.settle(self.reference.now).unwrap(),
            12 if !self.streams.is_empty() => self.collect(which % self.streams.len()),
            13 if !self.streams.is_empty() => self.reprice(which % self.streams.len(), size),
            14 if !self.streams.is_empty() && size < 64 => self.close(which % self.streams.len()),
            _ => {
                let duration = (size % 5 == 1).then_some(u64::from(kind / 16) * 2 + 1);
                self.open(which % PAYEES, self.setup.rate * (size % 7 + 1), duration);
            }
        }
    }

    pub fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.reference.second();
            for _ in 0..self.setup.settles {
                self.account.settle(self.reference.now).unwrap();
            }
        }
    }

    pub fn deposit(&mut self, units: u128) {
        let now = self.reference.now;
        let mut account = self.account.clone();
        account.settle(now).unwrap();
        match account.deposit(Uint128::new(units)) {
            Ok(()) => {
                self.account = account;
                self.reference.balance += units * SCALE;
                self.held += units * SCALE;
            }
            Err(error) => assert!(
                self.setup.deposit > 1 << 60,
                "a small deposit is refused: {error}"
            ),
        }
    }

    fn withdraw(&mut self, part: u128) {
        self.account.settle(self.reference.now).unwrap();
        let most = self.account.withdrawable(self.setup.min_runway).u128();
        let kept = self.reference.rate() * u128::from(self.setup.min_runway);
        assert_eq!(most, self.reference.balance.saturating_sub(kept) / SCALE);
        let units = most / 256 * part + most % 256 * part / 256;
        self.account.debit(Uint128::new(units)).unwrap();
        self.reference.balance -= units * SCALE;
        self.held -= units * SCALE;
    }

    fn beat(&mut self, payee: usize) {
        let now = self.reference.now;
        self.live[payee] = self.live[payee].beat(now, 0, self.setup.grace).unwrap();
        self.reference.beat(payee, now + self.setup.grace);
    }

    /// Whether the balance holds the minimum runway of `rate` and an amount on top.
    fn affords(&self, rate: u128, ahead: Option<u128>) -> bool {
        rate.checked_mul(u128::from(self.setup.min_runway))
            .and_then(|runway| runway.checked_add(ahead?))
            .is_some_and(|needed| needed <= self.reference.balance)
    }

    fn open(&mut self, payee: usize, rate: u128, duration: Option<u64>) {
        if self.streams.len() == MOST_STREAMS {
            return;
        }
        let now = self.reference.now;
        let mut account = self.account.clone();
        let name = Addr::unchecked(format!("payee{payee}"));
        let alive = self.live[payee].alive_at(now).unwrap();
        let until = duration.map(|seconds| now + seconds);
        let stream = Stream::new(1, name, Uint128::new(rate), alive, now).ending(until);
        let opened = account.open_stream(stream, self.setup.min_runway);
        let affordable = match duration {
            None => self.affords(self.reference.rate() + rate, Some(0)),
            Some(seconds) => {
                let ahead = rate.checked_mul(u128::from(seconds));
                self.affords(self.reference.rate(), ahead)
            }
        };
        assert_eq!(opened.is_ok(), affordable, "{opened:?}");
        if let Ok(stream) = opened {
            self.account = account;
            self.streams.push(Some(stream));
            self.paid.push(0);
            let opened = RefStream {
                payee,
                rate,
                seen: Default::default(),
                unclaimed: 0,
                until,
            };
            self.reference.balance -= opened.ahead(now);
            self.reference.streams.push(Some(opened));
        }
    }

    /// Collects and goes on at another rate, if the account can pay that.
    fn reprice(&mut self, index: usize, size: u128) {
        self.collect(index);
        let (now, total) = (self.reference.now, self.reference.rate());
        let Some(stream) = self.streams[index].as_mut() else {
            return;
        };
        let expected = self.reference.streams[index].as_ref().unwrap();
        let before = (self.account.clone(), stream.clone());
        let rate = self.setup.rate * (size % 9);
        let (total, back, ahead) = match expected.until {
            None => (total - expected.rate + rate, 0, Some(0)),
            Some(until) => {
                let left = u128::from(until.saturating_sub(now));
                (total, expected.ahead(now), rate.checked_mul(left))
            }
        };
        let repriced = self
            .account
            .reprice(stream, Uint128::new(rate), self.setup.min_runway);
        self.reference.balance += back;
        let affordable = rate > 0 && self.affords(total, ahead);
        assert_eq!(repriced.is_ok(), affordable, "{repriced:?}");
        if affordable {
            self.reference.balance -= ahead.unwrap();
            self.reference.streams[index].as_mut().unwrap().rate = rate;
            self.repriced += 1;
        } else {
            self.reference.balance -= back;
            let stream = self.streams[index].clone().unwrap();
            assert_eq!((self.account.clone(), stream), before, "nothing half done");
        }
    }

    /// Reconciles and pays; `None` when the stream is closed already.
    fn collect(&mut self, index: usize) {
        let now = self.reference.now;
        let Some(stream) = self.streams[index].as_mut() else {
            return;
        };
        let payee = self.reference.streams[index].as_ref().unwrap().payee;
        let (alive, moment) = stream.witness(Some(&self.live[payee]), now).unwrap();
        let before = stream.unclaimed.u128();
        self.account.settle(now).unwrap();
        stream.reconcile(&mut self.account, alive, moment).unwrap();

        let (seen, _) = self.reference.reconcile(index);
        let earned = (stream.unclaimed.u128() - before) / stream.rate.u128();
        let earned = u64::try_from(earned).unwrap();
        assert!(earned <= seen.funded_alive, "more than funded and alive");
        let (dry, silent) = (
            seen.dry_alive + seen.dry_dead,
            seen.funded_dead + seen.dry_dead,
        );
        self.went_dry |= dry > 0;
        self.lapsed |= silent > 0;
        if dry == 0 || silent == 0 {
            assert_eq!(earned, seen.funded_alive, "exact unless dry and silent");
        }

        self.finished += u32::from(stream.until.is_some_and(|until| until <= now));
        let units = stream.take_earned().u128();
        let expected = self.reference.streams[index].as_mut().unwrap();
        assert_eq!(units, expected.unclaimed / SCALE);
        expected.unclaimed %= SCALE;
        self.paid[index] += units;
        self.held -= units * SCALE;
    }

    fn close(&mut self, index: usize) {
        self.collect(index);
        if let Some(stream) = self.streams[index].take() {
            self.account.close_stream(stream).unwrap();
            let ended = self.reference.streams[index].take().unwrap();
            self.reference.balance += ended.unclaimed + ended.ahead(self.reference.now);
        }
    }

    /// The rule, settled lazily, agrees with the reference, which saw each second; nothing is lost and rates add up.
    pub fn check(&self) {
        let mut settled = self.account.clone();
        settled.settle(self.reference.now).unwrap();
        assert_eq!(settled.balance.u128(), self.reference.balance);
        assert_eq!(settled.funded, self.reference.funded);
        assert_eq!(settled.depletes_at(), self.reference.depletes_at());
        assert_eq!(self.account.depletes_at(), settled.depletes_at());

        let open = || self.streams.iter().flatten();
        assert_eq!(settled.rate.u128(), self.reference.rate());
        let ahead = |s: &Stream| u128::from(s.until.map_or(0, |until| until.saturating_sub(s.at)));
        let prepaid: u128 = open().map(|s| s.rate.u128() * ahead(s)).sum();
        assert_eq!(settled.prepaid.u128(), prepaid);
        assert_eq!(settled.streams as usize, open().count());
        for account in [&settled, &self.account] {
            let owed: u128 = open().map(|s| s.owed(account).unwrap()).sum();
            assert_eq!(account.balance.u128() + owed, self.held, "conservation");
        }
        for (live, alive) in self.live.iter().zip(&self.reference.alive) {
            assert_eq!(live.alive_at(self.reference.now), Ok(*alive));
        }
    }
}
