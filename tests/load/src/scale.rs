//! A day of a large market: every lease's account and stream by the rules that the chain runs, every collect as the agent would send it,
//! priced with the gas of artifacts/gas.json.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{Addr, Uint128};
use leasehold_agent::{collects, Rent};
use leasehold_api::genesis::Genesis;
use leasehold_api::{Denom, SCALE};
use leasehold_rules::stream::{Account, Stream};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;

pub const DAY: u64 = 86_400;
/// Seconds between two blocks of the chain that is computed with, and the gas that fits one.
pub const BLOCK: u64 = 5;
pub const BLOCK_GAS: u64 = 100_000_000;
/// Faults in a day: one lease in so many.
const FAULTLESS: u64 = 1_000;
/// A price that leaves a fraction at each collect: about a dollar a day in millionths.
const RATE: u128 = 11_574_074_074_074;
const DEPOSIT: u128 = 1_000_000_000;

/// How leases begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// An order, three bids, the winner's claim.
    Auction,
    /// A standing offer is taken.
    Offer,
}

/// What a market is like. It stays as large as it is: a lease that ends is followed by another.
#[derive(Debug, Clone, Copy)]
pub struct Market {
    pub leases_per_provider: u64,
    /// Mean life of a lease, seconds; lives are spread exponentially.
    pub life: u64,
    pub begin: Begin,
    /// Seconds between two collects of a lease.
    pub collect_every: u64,
}

/// Gas of whole transactions that pay a fee, on pinned code.
pub struct Prices {
    heartbeat: u64,
    collect: u64,
    collect_more: u64,
    begin_by_auction: u64,
    begin_by_offer: u64,
    close: u64,
    fault: u64,
}

impl Prices {
    /// # Errors
    /// A file that is not as `make gas` writes it.
    pub fn read(gas_json: &str) -> Result<Self> {
        let all: Value = serde_json::from_str(gas_json)?;
        let of = |name: &str| all[name]["pinned"].as_u64().context(name.to_owned());
        let fee = of("fee")?;
        let sum =
            |names: &[&str]| -> Result<u64> { names.iter().map(|name| Ok(of(name)? + fee)).sum() };
        Ok(Prices {
            heartbeat: sum(&["heartbeat"])?,
            collect: sum(&["collect"])?,
            collect_more: of("collect_more")?,
            begin_by_auction: sum(&["create", "bid_first", "bid_second", "bid", "claim"])?,
            begin_by_offer: sum(&["take_offer"])?,
            close: sum(&["close"])?,
            fault: sum(&["failover", "slash", "claim"])?,
        })
    }
}

/// Gas that all leases together took in a day, and how many there were.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    pub leases: u64,
    pub heartbeats: u64,
    pub collects: u64,
    pub begins_and_ends: u64,
    pub faults: u64,
}

impl Spent {
    pub fn sum(&self) -> u64 {
        self.heartbeats + self.collects + self.begins_and_ends + self.faults
    }

    /// Of one lease.
    pub fn each(&self, gas: u64) -> u64 {
        gas / self.leases.max(1)
    }
}

/// A day of `providers` providers, each with its full number of leases.
///
/// # Errors
/// Money that is not where it should be.
pub fn day(market: &Market, prices: &Prices, providers: u64) -> Result<Spent> {
    let mut spent = Spent::default();
    let grace = Genesis::production("ustake").provider.grace;
    for seed in 0..providers {
        Provider::new(market, seed)?.live(market, prices, &mut spent)?;
        spent.leases += market.leases_per_provider;
        // A third of the grace apart, as agents send them.
        spent.heartbeats += DAY.div_ceil(grace / 3) * prices.heartbeat;
    }
    spent.faults = spent.leases * prices.fault / FAULTLESS;
    Ok(spent)
}

struct Lease {
    account: Account,
    stream: Stream,
    ends_at: u64,
    /// Whole units that the provider got.
    paid: u128,
    started_at: u64,
}

struct Provider {
    leases: Vec<Lease>,
    chance: StdRng,
}

impl Provider {
    /// In the midst of its life: every lease was last collected at another moment.
    fn new(market: &Market, seed: u64) -> Result<Self> {
        let mut provider = Provider {
            leases: vec![],
            chance: StdRng::seed_from_u64(seed),
        };
        for _ in 0..market.leases_per_provider {
            let began = DAY - provider.chance.gen_range(0..market.collect_every);
            let ends_at = DAY + provider.life(market);
            provider.leases.push(Lease::new(began, ends_at)?);
        }
        Ok(provider)
    }

    /// Seconds, exponentially spread.
    fn life(&mut self, market: &Market) -> u64 {
        let chance: f64 = self.chance.gen_range(f64::EPSILON..1.0);
        (-chance.ln() * market.life as f64) as u64
    }

    /// The second day: block by block, those in which something is to be done.
    fn live(&mut self, market: &Market, prices: &Prices, spent: &mut Spent) -> Result<()> {
        let begin = match market.begin {
            Begin::Auction => prices.begin_by_auction,
            Begin::Offer => prices.begin_by_offer,
        };
        let mut now = DAY;
        while now < 2 * DAY {
            for i in 0..self.leases.len() {
                if self.leases[i].ends_at <= now {
                    self.leases[i].close(now)?;
                    let ends_at = now + self.life(market);
                    self.leases[i] = Lease::new(now, ends_at)?;
                    spent.begins_and_ends += begin + prices.close;
                }
            }
            for message in collects(&self.rents(market, now), market.collect_every) {
                let more = u64::try_from(message.len())? - 1;
                spent.collects += prices.collect + more * prices.collect_more;
                for i in message {
                    self.leases[usize::try_from(i)?].collect(now)?;
                }
            }
            let due = self.leases.iter().map(|lease| {
                let collect_at = lease.stream.at + market.collect_every;
                collect_at.min(lease.ends_at)
            });
            let next = due.min().unwrap_or(u64::MAX).max(now + 1);
            now = next.next_multiple_of(BLOCK);
        }
        Ok(())
    }

    /// As an agent finds them.
    fn rents(&self, market: &Market, now: u64) -> Vec<Rent> {
        let leases = self.leases.iter().zip(0..);
        let rents = leases.map(|(lease, i)| {
            let seconds = now - lease.stream.at;
            Rent {
                lease: i,
                seconds,
                is_due: seconds >= market.collect_every,
            }
        });
        rents.collect()
    }
}

impl Lease {
    fn new(now: u64, ends_at: u64) -> Result<Self> {
        let denom = Denom::Native("uusd".into());
        let mut account = Account::new(Addr::unchecked("tenant"), denom, now);
        account.deposit(Uint128::new(DEPOSIT))?;
        let payee = Addr::unchecked("provider");
        let stream = Stream::new(0, payee, Uint128::new(RATE), now, now);
        let stream = account.open_stream(stream, 600)?;
        Ok(Lease {
            account,
            stream,
            ends_at,
            paid: 0,
            started_at: now,
        })
    }

    /// The provider is always alive.
    fn collect(&mut self, now: u64) -> Result<()> {
        self.account.settle(now)?;
        self.stream.reconcile(&mut self.account, now, now)?;
        self.paid += self.stream.take_earned().u128();
        Ok(())
    }

    /// Paid to the second, and the rest is the tenant's again.
    fn close(&mut self, now: u64) -> Result<()> {
        self.collect(now)?;
        self.account.close_stream(self.stream.clone())?;
        let earned = RATE * u128::from(now - self.started_at) / SCALE;
        ensure!(self.paid == earned, "{} of {earned} paid", self.paid);
        let all = self.account.balance.u128() + self.paid * SCALE;
        ensure!(all == DEPOSIT * SCALE, "{all} left of {DEPOSIT}");
        Ok(())
    }
}
