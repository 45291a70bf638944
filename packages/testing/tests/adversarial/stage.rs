//! A chain in the middle of its life, on which each message of the suite is accepted from somebody: what attackers vary.

mod dao;

use cosmwasm_std::{coin, Addr, Uint128};
use cw_multi_test::MockApiBech32;
use leasehold_api::escrow::{Cw20HookMsg, Limits, Refill, UNPAID};
use leasehold_api::genesis::Genesis;
use leasehold_api::governance::Guardian;
use leasehold_api::market::{Exit, OfferTerms, RETENTION};
use leasehold_api::provider::{ExecuteMsg as ProviderMsg, Role, Vote as Finding};
use leasehold_api::{Asset, AuctionMode, Capability, Pricing};
use leasehold_testing::verbs::trust::Signatory;
use leasehold_testing::verbs::{contact, rate, small_terms, taking};
use leasehold_testing::world::{World, RENT, STAKE};

use crate::{DESCENDING, RATE};

const SEALED: AuctionMode = AuctionMode::Sealed {
    pricing: Pricing::First,
    min_bidders: None,
};
const COLLATERAL: u128 = 10_000_000;
pub const STAKED: u128 = 10_000_000;

pub struct Stage {
    pub world: World,
    pub tenant: Addr,
    pub heir: Addr,
    /// Alive, with collateral.
    pub providers: [Addr; 3],
    pub mallory: Addr,
    /// Draining; draining and with nothing bonded; nobody yet.
    pub draining: Addr,
    pub leaver: Addr,
    pub newcomer: Addr,
    pub silent: Addr,
    pub account: u64,
    pub token_account: u64,
    /// Draws on the account, with a refill due; its spender is the heir.
    pub drawn: u64,
    /// Deployments: leased by the first provider, with a change proposed; leased by the silent one; a tenant's choice with a bid of the second; paused; with an
    /// account of its own.
    pub leased: u64,
    pub down: u64,
    pub choice: u64,
    pub paused: u64,
    pub apart: u64,
    /// … whose winner, the third, may claim; whose winner did not come; where a penalty of the second is due.
    pub won: u64,
    pub missed: u64,
    pub penalized: u64,
    /// … sealed, taking commitments; sealed, with a commitment of the first that it may reveal.
    pub sealed: u64,
    pub revealing: u64,
    /// … reserved, taking bids.
    pub reserved: u64,
    /// … closed a month ago; so, and without an order.
    pub old: u64,
    pub bare: u64,
    /// Of the second, with a lease on it.
    pub offer: u64,
    /// Proposals by what may be done to them.
    pub executable: u64,
    pub closable: u64,
    pub vetoable: u64,
    pub treasury_stream: u64,
    pub open: u64,
    /// The first attests the first two providers, the second challenges what it says of the second, the third has retired long ago.
    pub auditors: [Signatory; 3],
    /// Of the first provider's lease, with a verdict for the round before this one.
    pub watchers: [Signatory; 3],
}

/// Its key is told by its name.
fn signatory(world: &mut World, name: &str) -> Signatory {
    let address = world.newcomer(name, 1).unwrap();
    world.mint(&address, coin(100_000_000, STAKE)).unwrap();
    let seed = name.bytes().fold(1_u8, |sum, byte| sum.wrapping_add(byte));
    Signatory::new(address, seed)
}

fn genesis() -> Genesis {
    let mut genesis = Genesis::development(STAKE);
    let guardian = MockApiBech32::new("wasm").addr_make("stranger");
    genesis.governance.guardian = Some(Guardian {
        address: guardian.into(),
        // Within a year of the test chain's beginning.
        until: 1_600_000_000,
    });
    genesis
}

/// A deployment that was closed before anybody served it, a month ago.
fn end_long_ago(world: &mut World, tenant: &Addr) -> u64 {
    let id = world.create(tenant, &[(RATE, DESCENDING)], 1_000, None);
    let id = id.unwrap();
    world.close(tenant, id).unwrap();
    world.pass(RETENTION);
    id
}

impl Stage {
    pub fn set() -> Self {
        let mut world = World::with(&genesis());
        let [tenant, heir] = [0, 1].map(|i| world.tenants[i].clone());
        let [one, two, three, silent, draining] =
            [0, 1, 2, 3, 4].map(|i| world.providers[i].clone());
        for provider in world.providers.clone() {
            world.register(&provider, COLLATERAL).unwrap();
        }
        let [old, bare] = [(); 2].map(|()| end_long_ago(&mut world, &tenant));
        for provider in world.providers.clone() {
            world.heartbeat(&provider).unwrap();
        }
        world.prune(&tenant, bare * 8).unwrap();
        world.bond_token(&one, COLLATERAL).unwrap();
        world.unbond(&two, 1_000).unwrap();
        let newcomer = world.newcomer("newcomer", COLLATERAL).unwrap();
        let leaver = world.newcomer("leaver", 1).unwrap();
        let register = ProviderMsg::Register {
            contact: contact(),
            capability: Capability::default(),
        };
        world.provider_call(&leaver, &register).unwrap();
        for who in [&leaver, &draining] {
            world.provider_call(who, &ProviderMsg::Drain {}).unwrap();
        }
        let account = world.open_account(&tenant, 1_000_000).unwrap();
        let escrow = world.suite.escrow.clone();
        let open = Cw20HookMsg::Open { owner: None };
        world.send_token(&tenant, &escrow, 1_000, &open).unwrap();
        let mut stage = Stage {
            mallory: world.stranger.clone(),
            providers: [one, two, three],
            tenant,
            heir,
            draining,
            leaver,
            newcomer,
            silent,
            account,
            token_account: account + 1,
            drawn: 0,
            leased: 0,
            down: 0,
            choice: 0,
            paused: 0,
            apart: 0,
            won: 0,
            missed: 0,
            penalized: 0,
            sealed: 0,
            revealing: 0,
            reserved: 0,
            old,
            bare,
            offer: 0,
            executable: 0,
            closable: 0,
            vetoable: 0,
            treasury_stream: 0,
            open: 0,
            auditors: ["a1", "a2", "a3"].map(|name| signatory(&mut world, name)),
            watchers: ["w1", "w2", "w3"].map(|name| signatory(&mut world, name)),
            world,
        };
        stage.govern();
        stage.audit();
        stage.reward();
        stage.rent();
        stage.sell();
        stage.leave_money();
        stage.allow();
        stage.propose_late();
        stage.propose_change();
        stage.watch();
        stage.world.check();
        stage
    }

    fn audit(&mut self) {
        let [first, second, third] = self.auditors.clone();
        for auditor in [&first, &second, &third] {
            self.world.enrol(auditor, Role::Auditor).unwrap();
        }
        for watcher in self.watchers.clone() {
            self.world.enrol(&watcher, Role::Watcher).unwrap();
        }
        let role = Role::Auditor;
        let retire = ProviderMsg::Retire { role };
        self.world.provider_call(&third.address, &retire).unwrap();
        for provider in &self.providers.clone()[..2] {
            let attestation = self.world.attestation(provider, 2).unwrap();
            self.world.attest(&first, attestation).unwrap();
        }
        let challenge = ProviderMsg::ChallengeAttestation {
            provider: self.providers[1].to_string(),
            auditor: first.address.to_string(),
            evidence_hash: vec![5; 32].into(),
        };
        let registry = self.world.suite.provider.clone();
        let deposit = self.world.trust().unwrap().challenge_deposit;
        let deposit = [coin(deposit.u128(), STAKE)];
        let challenged = self
            .world
            .execute(&second.address, &registry, &challenge, &deposit);
        challenged.unwrap();
    }

    fn watch(&mut self) {
        let lease_id = self.world.lease_of(self.leased * 8).unwrap();
        let tenant = self.tenant.clone();
        self.world
            .watch_lease(&tenant, lease_id, 1_000_000)
            .unwrap();
        let vote = Finding {
            lease_id,
            round: self.world.watch_round().unwrap() - 1,
            down: false,
        };
        let signers: Vec<_> = self.watchers.iter().collect();
        let verdict = self.world.verdict(vote, &signers).unwrap();
        self.world.provider_call(&tenant, &verdict).unwrap();
    }

    fn rent(&mut self) {
        let [one, two, three] = self.providers.clone();
        let (tenant, silent) = (self.tenant.clone(), self.silent.clone());
        self.leased = self.lease(&one);
        self.down = self.lease(&silent);
        // One penalty is carried out, so that there is insurance.
        let quit = self.lease(&three);
        self.quit(&three, quit);
        self.pass(10);
        self.world.slash_all(&tenant).unwrap();
        self.penalized = self.lease(&two);
        self.quit(&two, self.penalized);
        self.choice = self.create(AuctionMode::Open { auto_after: None });
        self.world.bid(&two, self.choice * 8, RATE).unwrap();
        self.paused = self.create(DESCENDING);
        self.world.pause(&tenant, self.paused, 0).unwrap();
        let group = [(RATE, DESCENDING)];
        self.apart = self.world.create(&tenant, &group, 1_000, None).unwrap();
        self.revealing = self.create(SEALED);
        self.world.commit(&one, self.revealing * 8, RATE).unwrap();
        self.missed = self.create(DESCENDING);
        self.world.bid(&three, self.missed * 8, RATE).unwrap();
        self.pass(9);
        self.won = self.create(DESCENDING);
        self.world.bid(&three, self.won * 8, RATE).unwrap();
        self.pass(9);
        self.sealed = self.create(SEALED);
        let group = (RATE, DESCENDING);
        let reserved = self.world.reserve(&tenant, self.account, group, 1_000);
        self.reserved = reserved.unwrap();
    }

    /// Room for three groups, of which one is taken.
    fn sell(&mut self) {
        let (tenant, account) = (self.tenant.clone(), Some(self.account));
        let [_, two, _] = self.providers.clone();
        let terms = OfferTerms {
            exit: Some(Exit {
                notice: 60,
                compensation_bps: 100,
            }),
            ..small_terms(&self.world, 3, RATE)
        };
        self.offer = self.world.post_offer(&two, terms).unwrap();
        let offer = taking(self.offer, RATE);
        let group = [(RATE, offer)];
        self.world.take(&tenant, &group, 0, account).unwrap();
    }

    /// Fees not swept, a treasury, a payment that was refused.
    fn leave_money(&mut self) {
        let lease = self.world.lease_of(self.leased * 8).unwrap();
        let [one, ..] = self.providers.clone();
        self.world.collect(&one, &[lease]).unwrap();
        let suite = self.world.suite.clone();
        let tenant = self.tenant.clone();
        for holder in [&suite.escrow, &suite.governance] {
            self.world.give(&tenant, holder, coin(5, RENT)).unwrap();
        }
        let asset = Asset {
            denom: self.world.rent_denom(),
            amount: Uint128::new(5),
        };
        let key = asset.denom.key();
        let storage = &mut *self.world.storage_mut(|s| &s.escrow);
        UNPAID.save(storage, (&one, &key), &asset).unwrap();
    }

    /// The heir rents a little on the tenant's money, which has all but run out when the stage is set.
    fn allow(&mut self) {
        let (tenant, heir) = (self.tenant.clone(), self.heir.clone());
        let [one, ..] = self.providers.clone();
        let limits = Limits {
            max_rate: rate(10 * RATE),
            max_total: Uint128::new(10_000),
            expires: Some(self.world.now() + 100_000),
            refill: Some(Refill { below: 40, to: 60 }),
        };
        let drawn = self.world.allow(&tenant, self.account, &heir, limits);
        self.drawn = drawn.unwrap();
        self.world.draw(&heir, self.drawn, 30 * RATE).unwrap();
        let min_rate = Some(rate(RATE));
        let posted = [(RATE, AuctionMode::Dutch { min_rate })];
        let id = self.world.create(&heir, &posted, 0, Some(self.drawn));
        self.world.claim(&one, id.unwrap() * 8).unwrap();
    }

    fn propose_change(&mut self) {
        let (tenant, leased) = (self.tenant.clone(), self.leased);
        self.world
            .propose(&tenant, leased, 0, RATE - 1, None)
            .unwrap();
    }

    fn create(&mut self, mode: AuctionMode) -> u64 {
        let (tenant, account) = (self.tenant.clone(), Some(self.account));
        let id = self.world.create(&tenant, &[(RATE, mode)], 0, account);
        id.unwrap()
    }

    fn lease(&mut self, provider: &Addr) -> u64 {
        let deployment = self.create(DESCENDING);
        self.world.bid(provider, deployment * 8, RATE).unwrap();
        self.pass(8);
        self.world.heartbeat(provider).unwrap();
        self.world.claim(provider, deployment * 8).unwrap();
        deployment
    }

    fn quit(&mut self, provider: &Addr, deployment: u64) {
        let lease = self.world.lease_of(deployment * 8).unwrap();
        self.world.end_lease(provider, lease).unwrap();
    }

    fn pass(&mut self, seconds: u64) {
        self.world.pass_alive(seconds, &self.providers).unwrap();
    }
}
