//! The suite's life on one chain, operation by operation.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, from_json, Binary, Coin, Uint128};
use leasehold_api::deployment::{self, order_id};
use leasehold_api::genesis::Genesis;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::{escrow, market, provider, Denom, Suite};
use serde::Serialize;

use crate::address;
use crate::chain::{Chain, Receipt};
use crate::fixtures::{capability, contact, group, MAX_RATE, RATE};

const DENOM: &str = "uusd";
const FORTUNE: u128 = 1_000_000_000_000;
/// Streams in the large collect behind `collect_more`.
const MANY: u64 = 11;
/// Past the bidding, in time and blocks.
const BIDDING: (u64, u64) = (61, 6);

/// What one operation took.
pub type Receipts = BTreeMap<&'static str, Receipt>;

/// An operation as the first of its kind and as the last of many.
pub struct Flat {
    pub operation: &'static str,
    pub first: u64,
    pub last: u64,
}

pub struct Story {
    chain: Chain,
    suite: Suite,
    tenant: String,
    keeper: String,
    providers: Vec<String>,
}

impl Story {
    /// The suite deployed, three providers registered, the tenant's first account open.
    pub fn begin(artifacts: &Path, cache: &Path, pinned: bool) -> Result<Self> {
        let chain = Chain::new(cache, pinned)?;
        let mut addresses = vec![];
        for name in CONTRACTS {
            let path = artifacts.join(format!("leasehold_{name}.wasm"));
            let wasm = std::fs::read(&path)
                .with_context(|| format!("{}: run `make wasm` first", path.display()))?;
            addresses.push(chain.store(name, &wasm)?);
        }
        let suite = Suite::from_addresses(addresses).context("five contracts")?;
        let deployer = address::user("deployer")?;
        for (contract, msg) in suite
            .addresses()
            .into_iter()
            .zip(Genesis::production("ustake").instantiate_msgs(&suite)?)
        {
            chain.instantiate(contract, &deployer, &msg)?;
        }
        let story = Story {
            tenant: address::user("tenant")?,
            keeper: address::user("keeper")?,
            providers: (0..3)
                .map(|i| address::user(&format!("provider{i}")))
                .collect::<Result<_>>()?,
            chain,
            suite,
        };
        let people: Vec<String> = story
            .providers
            .iter()
            .chain([&story.tenant, &story.keeper])
            .cloned()
            .collect();
        for person in &people {
            story
                .chain
                .state
                .borrow_mut()
                .bank
                .mint(person, FORTUNE, DENOM);
        }
        for provider in story.providers.clone() {
            let register = provider::ExecuteMsg::Register {
                contact: contact(),
                capability: capability(),
            };
            story.at(
                &story.suite.provider,
                &provider,
                &register,
                &[coin(FORTUNE / 10, DENOM)],
            )?;
        }
        story.open_account(&story.tenant)?;
        Ok(story)
    }

    /// Every operation, each in the situation its name stands for.
    pub fn operations(&self) -> Result<(Receipts, u64)> {
        let mut of = Receipts::new();
        let account = 1;
        // What one operation costs should not hang on being the very first of the chain.
        let (warm, _) = self.lease(account)?;
        self.hour()?;
        self.collect(&[self.lease_of(warm)?])?;

        self.chain.fee(&self.keeper, &[coin(5_000, DENOM)])?;
        of.insert("fee", self.chain.fee(&self.tenant, &[coin(5_000, DENOM)])?);
        of.insert("heartbeat", self.heartbeat(0)?);
        of.insert("open_account", self.open_account(&self.tenant)?);
        of.insert("deposit", self.deposit(account)?);
        let (id, receipt) = self.create(Some(account), &[])?;
        of.insert("create", receipt);
        let order = order_id(id, 0).context("an order id")?;
        of.insert("bid_first", self.bid(0, order, RATE * 9 / 8)?);
        of.insert("bid_second", self.bid(1, order, RATE * 5 / 4)?);
        of.insert("bid", self.bid(2, order, RATE)?);
        self.chain.pass(BIDDING.0, BIDDING.1);
        of.insert("claim", self.claim(2, order)?);
        self.hour()?;
        of.insert("collect", self.collect(&[self.lease_of(id)?])?);
        self.hour()?;
        of.insert("close", self.close(id)?);

        let (silent, _) = self.lease(account)?;
        let lease = self.lease_of(silent)?;
        // Everybody but the lease's provider goes on beating.
        for _ in 0..4 {
            self.chain.pass(600, 100);
            self.heartbeat(0)?;
            self.heartbeat(1)?;
        }
        let failover = market::ExecuteMsg::Failover { lease_id: lease };
        of.insert(
            "failover",
            self.at(&self.suite.market, &self.keeper, &failover, &[])?,
        );
        self.hour()?;
        let slash = market::ExecuteMsg::Slash {
            order_id: order_id(silent, 0).context("an order id")?,
            number: 1,
        };
        of.insert(
            "slash",
            self.at(&self.suite.market, &self.keeper, &slash, &[])?,
        );
        of.insert(
            "create_and_open",
            self.create(None, &[coin(FORTUNE / 1_000, DENOM)])?.1,
        );
        of.insert("withdraw", self.withdraw(account)?);
        let more = self.collect_more()?;
        Ok((of, more))
    }

    /// What one more stream of the same provider costs in a collect, each from an account of its own.
    fn collect_more(&self) -> Result<u64> {
        let mut leases = vec![];
        let first = self.next_account()?;
        for account in first..first + MANY {
            self.open_account(&self.tenant)?;
            leases.push(self.lease_of(self.lease(account)?.0)?);
        }
        self.hour()?;
        self.collect(&leases)?;
        self.hour()?;
        let one = self.collect(&leases[..1])?.gas();
        self.hour()?;
        let all = self.collect(&leases)?.gas();
        Ok((all - one).div_ceil(MANY - 1))
    }

    /// Bid, claim, collect and close as the first and as the `count`-th of one provider and one account, and the `count`-th bid on one
    /// order.
    pub fn flatness(&self, count: u64) -> Result<Vec<Flat>> {
        let account = 1;
        let mut taken = vec![];
        let mut ids = vec![];
        for k in 1..=count {
            let (id, [bid, claim]) = self.lease(account)?;
            ids.push(id);
            if k == 1 || k == count {
                self.hour()?;
                self.collect(&[self.lease_of(id)?])?;
                self.hour()?;
                let collect = self.collect(&[self.lease_of(id)?])?.gas();
                taken.push([
                    ("bid of a provider with leases", bid),
                    ("claim", claim),
                    ("collect", collect),
                ]);
            }
        }
        let [first, last] = taken.as_slice() else {
            anyhow::bail!("two samples")
        };
        let mut flat: Vec<Flat> = first
            .iter()
            .zip(last)
            .map(|((operation, first), (_, last))| Flat {
                operation,
                first: *first,
                last: *last,
            })
            .collect();
        // The last but one and the first to close: both leave the provider a lease and the account a deployment.
        self.hour()?;
        let (first, rest) = ids[1..].split_last().context("three leases")?;
        let many = self.close(*first)?.gas();
        let (last, rest) = rest.split_last().context("three leases")?;
        for id in rest {
            self.chain.pass(60, 10);
            self.heartbeat(2)?;
            self.close(*id)?;
        }
        self.hour()?;
        flat.push(Flat {
            operation: "close",
            first: self.close(*last)?.gas(),
            last: many,
        });
        flat.push(self.many_bids(account, count)?);
        Ok(flat)
    }

    /// Two providers undercut each other.
    fn many_bids(&self, account: u64, count: u64) -> Result<Flat> {
        let order = order_id(self.create(Some(account), &[])?.0, 0).context("an order id")?;
        let mut rate = MAX_RATE;
        let mut gas = vec![];
        self.bid(0, order, rate)?;
        for k in 0..count {
            rate = rate * 9_800 / 10_000;
            gas.push(self.bid(if k % 2 == 0 { 1 } else { 0 }, order, rate)?.gas());
        }
        let (first, last) = (
            gas.first().context("one bid")?,
            gas.last().context("one bid")?,
        );
        Ok(Flat {
            operation: "bid on an order with bids",
            first: *first,
            last: *last,
        })
    }

    /// A lease of the last provider, and what its winning bid and its claim took.
    fn lease(&self, account: u64) -> Result<(u64, [u64; 2])> {
        self.beat()?;
        let (id, _) = self.create(Some(account), &[])?;
        let order = order_id(id, 0).context("an order id")?;
        self.bid(0, order, RATE * 9 / 8)?;
        let bid = self.bid(2, order, RATE)?.gas();
        self.chain.pass(BIDDING.0, BIDDING.1);
        let claim = self.claim(2, order)?.gas();
        Ok((id, [bid, claim]))
    }

    fn at(
        &self,
        contract: &str,
        sender: &str,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<Receipt> {
        self.chain.execute(sender, contract, msg, funds)
    }

    fn open_account(&self, owner: &str) -> Result<Receipt> {
        let open = escrow::ExecuteMsg::Open {
            owner: None,
            denom: Denom::Native(DENOM.into()),
        };
        self.at(
            &self.suite.escrow,
            owner,
            &open,
            &[coin(FORTUNE / 100, DENOM)],
        )
    }

    fn next_account(&self) -> Result<u64> {
        let counter = escrow::NEXT_ACCOUNT;
        let stored = self
            .chain
            .state
            .borrow_mut()
            .get(&self.suite.escrow, counter.as_slice());
        Ok(from_json(stored.context("escrow counts its accounts")?)?)
    }

    fn deposit(&self, account: u64) -> Result<Receipt> {
        let deposit = escrow::ExecuteMsg::Deposit { account };
        self.at(
            &self.suite.escrow,
            &self.tenant,
            &deposit,
            &[coin(5_000_000, DENOM)],
        )
    }

    fn withdraw(&self, account: u64) -> Result<Receipt> {
        let withdraw = escrow::ExecuteMsg::Withdraw {
            account,
            amount: Some(Uint128::new(1_000_000)),
        };
        self.at(&self.suite.escrow, &self.tenant, &withdraw, &[])
    }

    fn create(&self, account: Option<u64>, funds: &[Coin]) -> Result<(u64, Receipt)> {
        let create = deployment::ExecuteMsg::Create {
            groups: vec![group().into()],
            manifest_hash: Binary::from(vec![0xa5; 32]),
            denom: Denom::Native(DENOM.into()),
            account,
        };
        let receipt = self.at(&self.suite.deployment, &self.tenant, &create, funds)?;
        let id = from_json(
            receipt
                .data
                .as_ref()
                .context("create answers with the id")?,
        )?;
        Ok((id, receipt))
    }

    fn bid(&self, provider: usize, order_id: u64, rate: u128) -> Result<Receipt> {
        let bid = market::ExecuteMsg::Bid {
            order_id,
            rate: Uint128::new(rate),
        };
        self.at(&self.suite.market, &self.providers[provider], &bid, &[])
    }

    fn claim(&self, provider: usize, order_id: u64) -> Result<Receipt> {
        let claim = market::ExecuteMsg::Claim { order_id };
        self.at(&self.suite.market, &self.providers[provider], &claim, &[])
    }

    fn collect(&self, streams: &[u64]) -> Result<Receipt> {
        let collect = escrow::ExecuteMsg::Collect {
            streams: streams.to_vec(),
        };
        self.at(&self.suite.escrow, &self.providers[2], &collect, &[])
    }

    fn close(&self, deployment_id: u64) -> Result<Receipt> {
        let close = deployment::ExecuteMsg::Close { deployment_id };
        self.at(&self.suite.deployment, &self.tenant, &close, &[])
    }

    fn heartbeat(&self, provider: usize) -> Result<Receipt> {
        self.at(
            &self.suite.provider,
            &self.providers[provider],
            &provider::ExecuteMsg::Heartbeat {},
            &[],
        )
    }

    fn beat(&self) -> Result<()> {
        for provider in 0..self.providers.len() {
            self.heartbeat(provider)?;
        }
        Ok(())
    }

    /// An hour with a heartbeat of everybody each ten minutes.
    fn hour(&self) -> Result<()> {
        for _ in 0..6 {
            self.chain.pass(600, 100);
            self.beat()?;
        }
        Ok(())
    }

    /// The lease of a deployment's only group.
    fn lease_of(&self, deployment: u64) -> Result<u64> {
        let order = order_id(deployment, 0).context("an order id")?;
        let key = market::ORDERS.key(order);
        let stored = self.chain.state.borrow_mut().get(&self.suite.market, &key);
        let order: market::Order = from_json(stored.context("the market keeps the order")?)?;
        ensure!(
            order.lease.is_some(),
            "deployment {deployment} has no lease"
        );
        order.lease.context("leased")
    }
}

/// What a life of create, three bids, claim, one collect and close takes.
pub const LIFE: [&str; 7] = [
    "create",
    "bid_first",
    "bid_second",
    "bid",
    "claim",
    "collect",
    "close",
];
