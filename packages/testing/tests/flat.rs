//! Invariant 11: what an operation does to storage is the same with one lease, stream, bid or deployment as with ten thousand.

use std::collections::BTreeMap;

use cosmwasm_std::{Addr, Uint128};
use leasehold_api::escrow::{ExecuteMsg as EscrowMsg, Limits, Refill};
use leasehold_api::genesis::Genesis;
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_api::{AuctionMode, Pricing};
use leasehold_testing::meter::Tally;
use leasehold_testing::verbs::{rate, small_group, small_terms, taking};
use leasehold_testing::world::{World, STAKE};

const CROWD: u32 = 10_000;
const FUNDS: u128 = 100_000_000_000;
const RATE: u128 = 10;

/// Who and what the operations are about.
struct Stage {
    world: World,
    tenant: Addr,
    heir: Addr,
    /// Serves the crowd of leases.
    busy: Addr,
    /// Two that bid against each other and one that comes late.
    bidders: [Addr; 2],
    late: Addr,
    /// Sells a crowd of leases by one offer, among a crowd of offers.
    seller: Addr,
    offer: u64,
    /// Pays the crowd of streams.
    account: u64,
    /// Orders with a crowd of bids.
    open: u64,
    descending: u64,
    size: u32,
    tallies: BTreeMap<&'static str, Tally>,
}

impl Stage {
    /// `size` leases of one provider and streams of one account, deployments of one tenant, bids on each of two orders.
    fn of(size: u32) -> Self {
        let mut world = world();
        let [tenant, heir] = [0, 1].map(|i| world.tenants[i].clone());
        let [busy, one, two, late, seller] = [0, 1, 2, 3, 4].map(|i| world.providers[i].clone());
        for provider in [&busy, &one, &two, &late, &seller] {
            world.register(provider, FUNDS).unwrap();
        }
        let account = world.open_account(&tenant, FUNDS).unwrap();
        let mut order = |mode| {
            let id = world.create(&tenant, &[(RATE, mode)], 0, Some(account));
            id.unwrap() * 8
        };
        let open = order(AuctionMode::Open { auto_after: None });
        let descending = order(AuctionMode::default());
        let (_, lease) = world.rent(&tenant, account, &busy, RATE).unwrap();
        world.multiply_lease(lease, size - 1).unwrap();
        let terms = small_terms(&world, 2 * u64::from(CROWD), RATE);
        let offer = world.post_offer(&seller, terms).unwrap();
        let group = [(RATE, taking(offer, RATE))];
        let id = world.take(&tenant, &group, 0, Some(account)).unwrap();
        let lease = world.lease_of(id * 8).unwrap();
        world.multiply_lease(lease, size - 1).unwrap();
        world.multiply_offer(offer, size - 1).unwrap();
        let mut stage = Stage {
            world,
            tenant,
            heir,
            busy,
            bidders: [one, two],
            late,
            seller,
            offer,
            account,
            open,
            descending,
            size,
            tallies: BTreeMap::new(),
        };
        stage.fill_orders(size);
        stage.world.check();
        stage
    }

    fn fill_orders(&mut self, size: u32) {
        self.beat();
        let [one, two] = self.bidders.clone();
        self.world.bid(&one, self.open, RATE).unwrap();
        self.world.multiply_bid(self.open, &one, size - 1).unwrap();
        // Counted down, so that the same one leads in the end; one bid more, so that there is a runner-up.
        for left in (0..=size).rev() {
            let bidder = if left % 2 == 0 { &two } else { &one };
            let scaled = rate(RATE - 1) + Uint128::from(left);
            self.world
                .bid_scaled(bidder, self.descending, scaled)
                .unwrap();
        }
    }

    fn beat(&mut self) {
        for provider in self.everybody() {
            self.world.heartbeat(&provider).unwrap();
        }
    }

    fn everybody(&self) -> Vec<Addr> {
        let [one, two] = self.bidders.clone();
        vec![
            self.busy.clone(),
            one,
            two,
            self.late.clone(),
            self.seller.clone(),
        ]
    }
}

/// Each bid may undercut the leader by next to nothing, so that ten thousand find room under one maximum.
fn world() -> World {
    let mut genesis = Genesis::development(STAKE);
    genesis.market.auction.min_decrement_bps = 0;
    World::with(&genesis)
}

impl Stage {
    /// Every operation, on the same things in the same order whatever the size.
    fn operations(mut self) -> BTreeMap<&'static str, Tally> {
        self.of_providers();
        self.of_bids();
        self.of_offers();
        self.of_sealed_bids();
        self.of_money();
        self.of_leases();
        self.of_changes();
        self.of_jobs();
        self.of_deployments();
        self.world.check();
        self.tallies
    }

    fn of_providers(&mut self) {
        let late = self.late.clone();
        let busy = self.busy.clone();
        self.measure("heartbeat", |w| w.heartbeat(&busy));
        self.measure("unbond", |w| w.unbond(&late, 1));
        self.measure("drain", |w| w.provider_call(&late, &ProviderMsg::Drain {}));
        self.measure("resume", |w| {
            w.provider_call(&late, &ProviderMsg::Resume {})
        });
    }

    fn of_sealed_bids(&mut self) {
        let [one, two] = self.bidders.clone();
        let (late, tenant) = (self.late.clone(), self.tenant.clone());
        let mode = AuctionMode::Sealed {
            pricing: Pricing::Second,
            min_bidders: None,
        };
        let id = self
            .world
            .create(&tenant, &[(RATE, mode)], 0, Some(self.account));
        let (order, more) = (id.unwrap() * 8, self.size - 1);
        self.world.commit(&one, order, RATE).unwrap();
        self.world.multiply_commitment(order, &one, more).unwrap();
        self.measure("commit", |w| w.commit(&two, order, RATE - 1));
        self.measure("commit, again", |w| w.commit(&two, order, RATE - 1));
        self.world.commit(&late, order, RATE).unwrap();
        self.wait_for_phase(order);
        self.measure("reveal", |w| w.reveal(&one, order, RATE));
        self.measure("reveal, leading", |w| w.reveal(&two, order, RATE - 1));
        self.wait_for_phase(order);
        self.measure("claim, sealed", |w| w.claim(&two, order));
        self.measure("expire, commitment", |w| w.expire_of(&tenant, order, &late));
    }

    fn wait_for_phase(&mut self, order: u64) {
        let ends_at = self.world.order(order).unwrap().phase_ends_at.unwrap();
        self.wait(ends_at - self.world.now());
    }

    fn of_bids(&mut self) {
        let (open, descending) = (self.open, self.descending);
        let (tenant, late) = (self.tenant.clone(), self.late.clone());
        let [one, two] = self.bidders.clone();
        self.measure("bid, open", |w| w.bid(&late, open, RATE - 1));
        self.measure("bid, open, again", |w| w.bid(&late, open, RATE - 2));
        self.measure("withdraw_bid, open", |w| w.withdraw_bid(&late, open));
        self.measure("accept", |w| w.accept(&tenant, open, &one));
        self.measure("bid, leading", |w| w.bid(&late, descending, RATE - 3));
        self.measure("bid, second", |w| w.bid(&two, descending, RATE - 2));
        self.measure("withdraw_bid, second", |w| w.withdraw_bid(&two, descending));
        self.wait_for_phase(descending);
        self.measure("claim", |w| w.claim(&late, descending));
        let group = [(RATE, AuctionMode::default())];
        let missed = self.world.create(&tenant, &group, 0, Some(self.account));
        let missed = missed.unwrap() * 8;
        self.world.bid(&late, missed, RATE).unwrap();
        self.wait(20);
        self.measure("expire", |w| w.expire(&tenant, missed));
    }

    fn of_offers(&mut self) {
        let (tenant, seller, account) = (self.tenant.clone(), self.seller.clone(), self.account);
        let terms = small_terms(&self.world, 2 * u64::from(CROWD), RATE - 1);
        let (offer, dearer) = (self.offer, terms.clone());
        let posted = self.measure("post_offer", |w| w.post_offer(&seller, terms));
        self.measure("update_offer", |w| w.update_offer(&seller, offer, dearer));
        let group = [(RATE, taking(offer, RATE))];
        let id = self.measure("create, on an offer", |w| {
            w.take(&tenant, &group, 0, Some(account))
        });
        self.measure("close, on an offer", |w| w.close(&tenant, id));
        self.measure("withdraw_offer", |w| w.withdraw_offer(&seller, posted));
    }

    fn of_money(&mut self) {
        let (tenant, busy, account) = (self.tenant.clone(), self.busy.clone(), self.account);
        let lease = self.lease();
        self.measure("open", |w| w.open_account(&tenant, 1_000));
        self.measure("deposit", |w| w.deposit(&tenant, account, 1_000));
        self.measure("settle", |w| w.settle(&tenant, account));
        self.measure("withdraw", |w| w.withdraw(&tenant, account, 1_000));
        self.of_allowances();
        self.wait(5);
        self.measure("collect", |w| w.collect(&busy, &[lease]));
    }

    fn of_allowances(&mut self) {
        let (tenant, spender, account) = (self.tenant.clone(), self.heir.clone(), self.account);
        let limits = Limits {
            max_rate: rate(RATE),
            max_total: Uint128::new(100_000),
            expires: None,
            refill: Some(Refill { below: 30, to: 60 }),
        };
        let wider = Limits {
            max_rate: rate(2 * RATE),
            ..limits.clone()
        };
        let drawn = self.measure("allow", |w| w.allow(&tenant, account, &spender, limits));
        self.measure("draw", |w| w.draw(&spender, drawn, 300));
        let min_rate = Some(rate(RATE));
        let posted = [(RATE, AuctionMode::Dutch { min_rate })];
        let id = self.measure("create, allowed", |w| {
            w.create(&spender, &posted, 0, Some(drawn))
        });
        let busy = self.busy.clone();
        self.measure("claim, allowed", |w| w.claim(&busy, id * 8));
        self.wait(1);
        let ends = [
            ("top_up", EscrowMsg::TopUp { account: drawn }),
            (
                "adjust",
                EscrowMsg::Adjust {
                    account: drawn,
                    limits: wider,
                },
            ),
            ("revoke", EscrowMsg::Revoke { account: drawn }),
            (
                "move",
                EscrowMsg::Move {
                    from: drawn,
                    to: account,
                    amount: Some(Uint128::one()),
                },
            ),
        ];
        for (name, msg) in ends {
            self.measure(name, |w| w.escrow_call(&tenant, &msg, 0));
        }
    }

    fn of_leases(&mut self) {
        let (tenant, busy) = (self.tenant.clone(), self.busy.clone());
        let [ended, quit, failed] = [self.lease(), self.lease(), self.lease()];
        self.measure("end_lease", |w| w.end_lease(&tenant, ended));
        self.measure("give_notice", |w| w.give_notice(&busy, failed));
        self.measure("end_lease, by provider", |w| w.end_lease(&busy, quit));
        self.world.pass(30);
        self.measure("failover", |w| w.failover(&tenant, failed));
        let silent = [busy.to_string()];
        let count = ProviderMsg::CountLapses {
            providers: silent.into(),
        };
        self.measure("count_lapses", |w| w.provider_call(&tenant, &count));
        self.beat();
        self.wait(30);
        let penalty = self.world.penalties().unwrap().remove(0);
        self.measure("slash", |w| {
            w.slash(&tenant, penalty.order_id, penalty.number)
        });
    }

    fn of_changes(&mut self) {
        let (tenant, busy) = (self.tenant.clone(), self.busy.clone());
        let lease = self.lease();
        let id = self.world.lease(lease).unwrap().deployment_id;
        let larger = Some(small_group("group0", 2 * RATE));
        self.measure("propose_change", |w| {
            w.propose(&tenant, id, 0, 2 * RATE, larger)
        });
        let change = self.world.proposed(id, 0).unwrap();
        self.measure("accept_change", |w| w.accept_change(&busy, id, 0, change));
    }

    fn of_jobs(&mut self) {
        let (tenant, busy, account) = (self.tenant.clone(), self.busy.clone(), self.account);
        let id = self.measure("create, job", |w| w.create_job(&tenant, account, RATE, 20));
        self.measure("claim, job", |w| w.claim(&busy, id * 8));
        let lease = self.world.lease_of(id * 8).unwrap();
        self.wait(10);
        self.measure("collect, job", |w| w.collect(&busy, &[lease]));
        self.wait(10);
        self.measure("end_lease, job", |w| w.end_lease(&tenant, lease));
    }

    fn of_deployments(&mut self) {
        let (tenant, heir, account) = (self.tenant.clone(), self.heir.clone(), self.account);
        let group = [(RATE, AuctionMode::default())];
        let on_market = self.measure("create", |w| w.create(&tenant, &group, 0, Some(account)));
        self.measure("pause_group", |w| w.pause(&tenant, on_market, 0));
        self.measure("start_group", |w| w.start(&tenant, on_market, 0));
        self.measure("close, open", |w| w.close(&tenant, on_market));
        let lease = self.lease();
        let leased = self.world.lease(lease).unwrap().deployment_id;
        self.measure("close, leased", |w| w.close(&tenant, leased));
        let own = self.measure("create, with account", |w| {
            w.create(&tenant, &group, 10_000, None)
        });
        self.measure("transfer", |w| w.transfer(&tenant, own, &heir));
    }

    fn measure<T>(
        &mut self,
        name: &'static str,
        operation: impl FnOnce(&mut World) -> anyhow::Result<T>,
    ) -> T {
        self.world.meter.take();
        let answer = operation(&mut self.world).unwrap_or_else(|e| panic!("{name}: {e:#}"));
        self.tallies.insert(name, self.world.meter.take());
        answer
    }

    /// One more lease of the busy provider on the crowded account.
    fn lease(&mut self) -> u64 {
        let (tenant, busy, account) = (self.tenant.clone(), self.busy.clone(), self.account);
        let (_, lease) = self.world.rent(&tenant, account, &busy, RATE).unwrap();
        self.beat();
        lease
    }

    fn wait(&mut self, seconds: u64) {
        let everybody = self.everybody();
        self.world.pass_alive(seconds, &everybody).unwrap();
    }
}

/// Counts are equal; bytes may differ by 2 %. What each operation does is printed with `--nocapture`.
#[test]
fn every_operation_costs_the_same_in_a_crowd() {
    let (alone, crowded) = (Stage::of(1).operations(), Stage::of(CROWD).operations());
    println!(
        "{:<24} {:>5} {:>6} {:>7} {:>5} {:>8} {:>6} {:>15}",
        "", "reads", "writes", "deletes", "steps", "messages", "bytes", "with all digits"
    );
    let mut grown = vec![];
    for (name, small) in &alone {
        let large = &crowded[name];
        println!(
            "{name:<24} {:>5} {:>6} {:>7} {:>5} {:>8} {:>6} {:>7} {:>7}",
            small.reads,
            small.writes,
            small.deletes,
            small.steps,
            small.messages,
            small.bytes,
            small.raw_bytes,
            large.raw_bytes
        );
        if counts(small) != counts(large) || large.bytes.abs_diff(small.bytes) * 50 > small.bytes {
            grown.push(format!("{name}: {small:?} became {large:?}"));
        }
    }
    assert!(grown.is_empty(), "{grown:#?}");
}

fn counts(tally: &Tally) -> [u64; 5] {
    let Tally {
        reads,
        writes,
        deletes,
        steps,
        messages,
        ..
    } = *tally;
    [reads, writes, deletes, steps, messages]
}
