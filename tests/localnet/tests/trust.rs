//! Auditors and watchers on a real chain: signatures of both kinds verified by its own code, an audited group, a verdict that moves a lease.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, from_json, Addr, Binary};
use leasehold_api::deployment::{self, GroupRequest};
use leasehold_api::market::{LeaseResponse, OrderResponse, PenaltiesResponse, PenaltyReason};
use leasehold_api::provider::{
    round_at, sign_bytes, ConfigResponse, ExecuteMsg, Key, QueryMsg, Role, Signed, Trust, Vote,
    ATTESTATION, VERDICT,
};
use leasehold_api::{
    market, AuctionMode, Denom, GpuModel, GpuRequirement, Level, Requirements, Suite,
};
use leasehold_client::{ChainClient, Execute, Wallet};
use leasehold_test_localnet::{
    connect, dev_key, invariants, newcomers, pass, suite, wallet, FREE, STAKE,
};
use leasehold_testing::verbs::trust::{attestation, h100s};
use leasehold_testing::verbs::{contact, rate, small_group};
use serde::Serialize;

const COLLATERAL: u128 = 10_000_000;
const DEPOSIT: u128 = 1_000_000;
const RENT: u128 = 10;
const WATCHERS: usize = 3;
const CARDS: u8 = 2;

/// Somebody whose word counts, with a key of either kind.
struct Member {
    wallet: Wallet,
    signs: Signs,
}

enum Signs {
    Account(leasehold_client::Key),
    Ed25519(Box<ed25519_zebra::SigningKey>),
}

struct Chain {
    client: ChainClient,
    suite: Suite,
    trust: Trust,
    tenant: Wallet,
    provider: Wallet,
    auditors: Vec<Member>,
    watchers: Vec<Member>,
}

#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn an_audited_lease_is_watched_and_moved() -> Result<()> {
    let chain = Chain::new().await?;
    let order = chain.ask_for_audited_cards().await?;
    chain.heartbeat().await?;
    let claim = market::ExecuteMsg::Claim { order_id: order };
    let refused = chain
        .provider
        .execute(&chain.suite.market, &claim, &[])
        .await;
    let refused = refused.err().context("nobody vouches yet")?.to_string();
    ensure!(refused.contains("does not vouch"), "{refused}");
    for auditor in &chain.auditors {
        chain.attest(auditor).await?;
    }
    chain.heartbeat().await?;
    chain
        .provider
        .execute(&chain.suite.market, &claim, &[])
        .await?;
    let lease = chain.lease(order).await?;
    chain.condemn(lease.id).await?;
    invariants(&chain.client, &chain.suite).await
}

impl Member {
    fn new(wallet: Wallet) -> Self {
        let signs = Signs::Account(wallet.key().clone());
        Member { wallet, signs }
    }

    fn key(&self) -> Key {
        match &self.signs {
            Signs::Account(key) => Key::Secp256k1(key.public_key().into()),
            Signs::Ed25519(key) => {
                let public = ed25519_zebra::VerificationKey::from(key.as_ref());
                Key::Ed25519(<[u8; 32]>::from(public).into())
            }
        }
    }

    fn sign(&self, chain: &Chain, purpose: &str, body: &impl Serialize) -> Result<Binary> {
        let registry = Addr::unchecked(&chain.suite.provider);
        let bytes = sign_bytes(purpose, chain.client.chain_id(), &registry, body)?;
        Ok(match &self.signs {
            Signs::Account(key) => key.sign(&bytes).into(),
            Signs::Ed25519(key) => <[u8; 64]>::from(key.sign(&bytes)).into(),
        })
    }
}

impl Chain {
    async fn new() -> Result<Self> {
        let client = connect().await?;
        let suite = suite(&client).await?;
        let config: ConfigResponse = client
            .query_smart(&suite.provider, &QueryMsg::Config {})
            .await?;
        let alice = wallet(&client, dev_key("alice")?, FREE)?;
        let mut newcomers: Vec<Member> = newcomers(&client, WATCHERS + 3)
            .await?
            .into_iter()
            .map(Member::new)
            .collect();
        let watchers = newcomers.split_off(3);
        let [tenant, provider, second] = <[Member; 3]>::try_from(newcomers)
            .map_err(|rest| anyhow::anyhow!("{} newcomers", rest.len()))?;
        let signs = Signs::Ed25519(Box::new([7; 32].into()));
        let edwards = Member {
            wallet: second.wallet,
            signs,
        };
        let chain = Chain {
            auditors: vec![Member::new(alice), edwards],
            tenant: tenant.wallet,
            provider: provider.wallet,
            trust: config.params.trust,
            client,
            suite,
            watchers,
        };
        chain.join().await?;
        Ok(chain)
    }

    /// The provider registers, everybody else enrols.
    async fn join(&self) -> Result<()> {
        let register = ExecuteMsg::Register {
            contact: contact(),
            capability: h100s(CARDS.into()),
        };
        let collateral = [coin(COLLATERAL, STAKE)];
        self.provider
            .execute(&self.suite.provider, &register, &collateral)
            .await?;
        let auditors = self.auditors.iter().map(|one| (one, Role::Auditor));
        let watchers = self.watchers.iter().map(|one| (one, Role::Watcher));
        for (member, role) in auditors.chain(watchers) {
            let key = member.key();
            let enrol = ExecuteMsg::Enrol { role, key };
            let bond = [coin(self.trust.bond(role).u128(), STAKE)];
            member
                .wallet
                .execute(&self.suite.provider, &enrol, &bond)
                .await?;
        }
        Ok(())
    }

    async fn heartbeat(&self) -> Result<()> {
        let beat = ExecuteMsg::Heartbeat {};
        self.provider
            .execute(&self.suite.provider, &beat, &[])
            .await?;
        Ok(())
    }

    /// An order at a posted price that both auditors must vouch for; answers its id.
    async fn ask_for_audited_cards(&self) -> Result<u64> {
        let mut spec = small_group("training", RENT);
        spec.resources[0].gpu = Some(GpuRequirement {
            count: CARDS.into(),
            models: vec![GpuModel {
                vendor: "nvidia".into(),
                model: Some("h100".into()),
                vram_mib: Some(80_000),
                interface: None,
            }],
        });
        let named = self.auditors.iter().map(|a| a.wallet.address().to_owned());
        spec.requirements = Requirements {
            all_of: named.collect(),
            min_level: Some(Level::Benchmarked),
            ..Requirements::default()
        };
        let create = deployment::ExecuteMsg::Create {
            groups: vec![GroupRequest {
                auction: Some(AuctionMode::Dutch {
                    min_rate: Some(rate(RENT)),
                }),
                ..spec.into()
            }],
            manifest_hash: [1; 32].into(),
            denom: Denom::Native(STAKE.into()),
            account: None,
        };
        let funds = [coin(DEPOSIT, STAKE)];
        let created = self
            .tenant
            .execute(&self.suite.deployment, &create, &funds)
            .await?;
        let deployment_id: u64 = from_json(created.execute_data(0)?)?;
        deployment::order_id(deployment_id, 0).context("a first group")
    }

    /// The provider submits what an auditor signed.
    async fn attest(&self, auditor: &Member) -> Result<()> {
        let measured_at = self.client.status().await?.time.seconds();
        let provider = Addr::unchecked(self.provider.address());
        let attestation = attestation(&provider, CARDS, measured_at, 3_600);
        let attest = ExecuteMsg::Attest {
            auditor: auditor.wallet.address().into(),
            signature: auditor.sign(self, ATTESTATION, &attestation)?,
            attestation,
        };
        self.provider
            .execute(&self.suite.provider, &attest, &[])
            .await?;
        Ok(())
    }

    async fn lease(&self, order_id: u64) -> Result<LeaseResponse> {
        let market = &self.suite.market;
        let query = market::QueryMsg::Order { id: order_id };
        let order: OrderResponse = self.client.query_smart(market, &query).await?;
        let id = order.lease_id.context("the claim made a lease")?;
        let query = market::QueryMsg::Lease { id };
        Ok(self.client.query_smart(market, &query).await?)
    }

    /// All watchers find the lease down in a round that began after it; its provider's heart beats.
    async fn condemn(&self, lease_id: u64) -> Result<()> {
        let registry = &self.suite.provider;
        let watch = ExecuteMsg::WatchLease { lease_id };
        let fees = [coin(1_000_000, STAKE)];
        self.tenant.execute(registry, &watch, &fees).await?;
        pass(&self.client, 2 * self.trust.watch_round).await?;
        self.heartbeat().await?;
        let now = self.client.status().await?.time.seconds();
        let vote = Vote {
            lease_id,
            round: round_at(now, self.trust.watch_round),
            down: true,
        };
        let signed = |watcher: &Member| {
            Ok(Signed {
                watcher: watcher.wallet.address().into(),
                signature: watcher.sign(self, VERDICT, &vote)?,
            })
        };
        let submit = ExecuteMsg::SubmitVerdict {
            lease_id,
            round: vote.round,
            down: vote.down,
            signatures: self.watchers.iter().map(signed).collect::<Result<_>>()?,
        };
        let failover = market::ExecuteMsg::Failover { lease_id };
        let calls = vec![
            Execute::new(registry, &submit, &[])?,
            Execute::new(&self.suite.market, &failover, &[])?,
        ];
        self.tenant.execute_many(calls).await?;
        let query = market::QueryMsg::Penalties {
            start_after: None,
            limit: None,
        };
        let waiting: PenaltiesResponse =
            self.client.query_smart(&self.suite.market, &query).await?;
        let own = |penalty: &&market::PenaltyResponse| {
            penalty.provider.as_str() == self.provider.address()
        };
        let penalty = waiting.penalties.iter().find(own).context("a penalty")?;
        ensure!(penalty.reason == PenaltyReason::Condemned, "{penalty:?}");
        while self.client.status().await?.time.seconds() <= penalty.due_at {
            pass(&self.client, 1).await?;
        }
        let slash = market::ExecuteMsg::Slash {
            order_id: penalty.order_id,
            number: penalty.number,
        };
        self.tenant.execute(&self.suite.market, &slash, &[]).await?;
        let claim = ExecuteMsg::ClaimFees {};
        for watcher in &self.watchers {
            watcher.wallet.execute(registry, &claim, &[]).await?;
        }
        Ok(())
    }
}
