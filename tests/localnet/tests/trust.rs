//! Auditors and watchers on a real chain: signatures of both kinds verified by its own code, an audited group, a verdict that moves a lease.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, Addr, Binary};
use leasehold_api::deployment::GroupRequest;
use leasehold_api::market::{ExecuteMsg as MarketMsg, PenaltiesResponse, PenaltyReason, QueryMsg};
use leasehold_api::provider::{
    round_at, sign_bytes, ExecuteMsg, Key, Role, Signed, Trust, Vote, ATTESTATION, VERDICT,
};
use leasehold_api::{AuctionMode, GpuModel, GpuRequirement, Level, Requirements};
use leasehold_client::{Execute, Wallet};
use leasehold_test_localnet::{newcomers, refused, Town, STAKE};
use leasehold_testing::verbs::trust::{attestation, h100s};
use leasehold_testing::verbs::{rate, small_group};
use serde::Serialize;

const DEPOSIT: u128 = 1_000_000;
/// Units per second.
const PRICE: u128 = 10;
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

struct Story {
    town: Town,
    provider: Wallet,
    trust: Trust,
    /// One with a key of each kind.
    auditors: [Member; 2],
    watchers: Vec<Member>,
}

#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn an_audited_lease_is_watched_and_moved() -> Result<()> {
    let story = Story::begin().await?;
    let Story { town, provider, .. } = &story;
    let order = story.ask_for_audited_cards().await?;
    town.heartbeat(provider).await?;
    refused(town.claim(provider, order).await, "does not vouch")?;
    for auditor in &story.auditors {
        story.attest(auditor).await?;
    }
    town.claim(provider, order).await?;
    let lease = town.lease_of(order).await?;
    story.condemn(lease.id).await?;
    town.invariants().await
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

    fn sign(&self, town: &Town, purpose: &str, body: &impl Serialize) -> Result<Binary> {
        let registry = Addr::unchecked(&town.suite.provider);
        let bytes = sign_bytes(purpose, town.client.chain_id(), &registry, body)?;
        Ok(match &self.signs {
            Signs::Account(key) => key.sign(&bytes).into(),
            Signs::Ed25519(key) => <[u8; 64]>::from(key.sign(&bytes)).into(),
        })
    }
}

impl Story {
    async fn begin() -> Result<Self> {
        let genesis = Town::genesis();
        let town = Town::new(1, &genesis).await?;
        let mut members: Vec<Member> = newcomers(&town.client, 2 + WATCHERS)
            .await?
            .into_iter()
            .map(Member::new)
            .collect();
        let watchers = members.split_off(2);
        let mut auditors = <[Member; 2]>::try_from(members)
            .map_err(|rest| anyhow::anyhow!("{} auditors", rest.len()))?;
        auditors[1].signs = Signs::Ed25519(Box::new([7; 32].into()));
        let story = Story {
            provider: town.providers[0].clone(),
            town,
            trust: genesis.provider.trust,
            auditors,
            watchers,
        };
        story.join().await?;
        Ok(story)
    }

    /// The provider has cards, everybody else enrols.
    async fn join(&self) -> Result<()> {
        let cards = ExecuteMsg::Update {
            contact: None,
            capability: Some(h100s(CARDS.into())),
        };
        self.town.registry(&self.provider, &cards, &[]).await?;
        let auditors = self.auditors.iter().map(|one| (one, Role::Auditor));
        let watchers = self.watchers.iter().map(|one| (one, Role::Watcher));
        for (member, role) in auditors.chain(watchers) {
            let key = member.key();
            let enrol = ExecuteMsg::Enrol { role, key };
            let bond = [coin(self.trust.bond(role).u128(), STAKE)];
            self.town.registry(&member.wallet, &enrol, &bond).await?;
        }
        Ok(())
    }

    /// An order at a posted price that both auditors must vouch for; answers its id.
    async fn ask_for_audited_cards(&self) -> Result<u64> {
        let mut spec = small_group("training", PRICE);
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
        let group = GroupRequest {
            auction: Some(AuctionMode::Dutch {
                min_rate: Some(rate(PRICE)),
            }),
            ..spec.into()
        };
        let tenant = &self.town.tenant;
        let account = self.town.open_account(tenant, DEPOSIT).await?;
        let (_, order) = self.town.create(tenant, group, account).await?;
        Ok(order)
    }

    /// The provider submits what an auditor signed.
    async fn attest(&self, auditor: &Member) -> Result<()> {
        let provider = Addr::unchecked(self.provider.address());
        let attestation = attestation(&provider, CARDS, self.town.now().await?, 3_600);
        let attest = ExecuteMsg::Attest {
            auditor: auditor.wallet.address().into(),
            signature: auditor.sign(&self.town, ATTESTATION, &attestation)?,
            attestation,
        };
        self.town.registry(&self.provider, &attest, &[]).await?;
        Ok(())
    }

    /// All watchers find the lease down in a round that began after it; its provider's heart beats.
    async fn condemn(&self, lease_id: u64) -> Result<()> {
        let Town { suite, tenant, .. } = &self.town;
        let watch = ExecuteMsg::WatchLease { lease_id };
        let fees = [coin(1_000_000, STAKE)];
        self.town.registry(tenant, &watch, &fees).await?;
        self.town.pass(2 * self.trust.watch_round).await?;
        self.town.heartbeat(&self.provider).await?;
        let vote = Vote {
            lease_id,
            round: round_at(self.town.now().await?, self.trust.watch_round),
            down: true,
        };
        let signed = |watcher: &Member| {
            Ok(Signed {
                watcher: watcher.wallet.address().into(),
                signature: watcher.sign(&self.town, VERDICT, &vote)?,
            })
        };
        let submit = ExecuteMsg::SubmitVerdict {
            lease_id,
            round: vote.round,
            down: vote.down,
            signatures: self.watchers.iter().map(signed).collect::<Result<_>>()?,
        };
        let failover = MarketMsg::Failover { lease_id };
        let calls = vec![
            Execute::new(&suite.provider, &submit, &[])?,
            Execute::new(&suite.market, &failover, &[])?,
        ];
        tenant.execute_many(calls).await?;
        self.punish().await?;
        let claim = ExecuteMsg::ClaimFees {};
        for watcher in &self.watchers {
            self.town.registry(&watcher.wallet, &claim, &[]).await?;
        }
        Ok(())
    }

    /// Once it is due, the only penalty is carried out.
    async fn punish(&self) -> Result<()> {
        let query = QueryMsg::Penalties {
            start_after: None,
            limit: None,
        };
        let market = &self.town.suite.market;
        let waiting: PenaltiesResponse = self.town.query(market, &query).await?;
        let penalty = waiting.penalties.first().context("a penalty")?;
        ensure!(penalty.reason == PenaltyReason::Condemned, "{penalty:?}");
        ensure!(penalty.provider.as_str() == self.provider.address());
        self.town.pass_to(penalty.due_at + 1).await?;
        let slash = MarketMsg::Slash {
            order_id: penalty.order_id,
            number: penalty.number,
        };
        self.town.market(&self.town.tenant, &slash).await?;
        Ok(())
    }
}
