//! What auditors' and watchers' signatures cost, and bids of a provider of whom much is vouched for.

mod members;

use std::path::Path;

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, from_json, Addr, Binary, Coin, Uint128};
use k256::ecdsa::{signature::Signer as _, Signature, SigningKey};
use leasehold_api::deployment::{self, order_id};
use leasehold_api::provider::{
    round_at, sign_bytes, Attestation, ExecuteMsg, GpuReport, GpuThroughput, Key, Role, Signed,
    Vote, ATTESTATION, MAX_AUDITS, VERDICT,
};
use leasehold_api::{
    market, Attribute, Capability, Denom, GpuInventory, GroupSpec, Level, Requirements, Suite,
};
use leasehold_test_story::fixtures::{contact, group, MAX_RATE, RATE};
use leasehold_test_story::{genesis, Receipt as _, Receipts, DENOM, FORTUNE, STAKE};

use crate::address;
use crate::chain::{Chain, Receipt};
use crate::stage::{artifact, deploy};
use crate::state::CHAIN_ID;

const ATTRIBUTES: usize = 32;
const WATCHERS: u8 = 3;

struct Town {
    chain: Chain,
    suite: Suite,
    tenant: String,
    /// The last declares 32 attributes and two cards, of which eight auditors vouch for everything.
    providers: Vec<String>,
    auditors: Vec<String>,
}

/// Signed by a key of either kind that a number stands for.
fn signed(seed: u8, edwards: bool, bytes: &[u8]) -> Result<(Key, Binary)> {
    if edwards {
        let key = ed25519_zebra::SigningKey::from([seed; 32]);
        let public = ed25519_zebra::VerificationKey::from(&key);
        let signature = <[u8; 64]>::from(key.sign(bytes));
        return Ok((
            Key::Ed25519(<[u8; 32]>::from(public).into()),
            signature.into(),
        ));
    }
    let key = SigningKey::from_slice(&[seed; 32]).map_err(|e| anyhow::anyhow!("{e}"))?;
    let point = key.verifying_key().to_encoded_point(true);
    let signature: Signature = key.sign(bytes);
    let signature = Binary::from(&signature.to_bytes()[..]);
    Ok((Key::Secp256k1(point.as_bytes().into()), signature))
}

fn capability() -> Capability {
    let attribute = |n| Attribute {
        key: format!("capabilities/feature-{n:02}"),
        value: "true".into(),
    };
    Capability {
        attributes: (0..ATTRIBUTES).map(attribute).collect(),
        gpus: vec![GpuInventory {
            vendor: "nvidia".into(),
            model: "h100".into(),
            vram_mib: 81_920,
            interface: "sxm".into(),
            count: 2,
        }],
    }
}

/// Each in the situation that its name stands for.
pub fn operations(artifacts: &Path, cache: &Path, pinned: bool) -> Result<Receipts<Receipt>> {
    let town = Town::begin(artifacts, cache, pinned)?;
    let mut of = Receipts::new();
    for (number, auditor) in (0_u8..).zip(&town.auditors) {
        let receipt = town.attest(number, auditor)?;
        match number {
            1 => of.insert("attest", receipt),
            2 => of.insert("attest_ed25519", receipt),
            _ => None,
        };
    }
    of.insert("bid_vouched", town.bid(Requirements::default())?.1);
    let named = |count: usize| Requirements {
        all_of: town.auditors.iter().take(count.min(4)).cloned().collect(),
        any_of: town
            .auditors
            .iter()
            .skip(4)
            .take(count.saturating_sub(4))
            .cloned()
            .collect(),
        min_level: Some(Level::Benchmarked),
        attributes: vec![],
    };
    let (order, bid) = town.bid(named(1))?;
    of.insert("bid_audited", bid);
    of.insert("bid_audited_by_8", town.bid(named(MAX_AUDITS))?.1);
    town.pass(61);
    let claim = market::ExecuteMsg::Claim { order_id: order };
    let provider = town.providers.last().context("a provider")?;
    of.insert(
        "claim_audited",
        town.send(provider, &town.suite.market, &claim, &[])?,
    );
    let lease = market::lease_id(order, 1).context("a lease id")?;
    of.insert("watch_lease", town.watch(lease)?);
    of.insert("submit_verdict", town.verdict(lease)?);
    members::operations(&town, lease, &mut of)?;
    Ok(of)
}

impl Town {
    fn begin(artifacts: &Path, cache: &Path, pinned: bool) -> Result<Self> {
        let chain = Chain::new(cache, pinned)?;
        let suite = deploy(&chain, &genesis(), |name| artifact(artifacts, name))?;
        let people = |name: &str, count: usize| {
            let named = |n| address::user(&format!("{name}{n}"));
            (0..count).map(named).collect::<Result<Vec<_>>>()
        };
        let town = Town {
            tenant: address::user("tenant")?,
            providers: people("provider", 3)?,
            auditors: people("auditor", MAX_AUDITS)?,
            chain,
            suite,
        };
        let everybody = town.providers.iter().chain(&town.auditors);
        for person in everybody.chain([&town.tenant]) {
            let bank = &mut town.chain.state.borrow_mut().bank;
            bank.mint(person, FORTUNE, DENOM);
            bank.mint(person, FORTUNE, STAKE);
        }
        for provider in &town.providers {
            let register = ExecuteMsg::Register {
                contact: contact(),
                capability: capability(),
            };
            let bond = [coin(FORTUNE / 10, DENOM)];
            town.send(provider, &town.suite.provider, &register, &bond)?;
        }
        for (number, auditor) in (0_u8..).zip(&town.auditors) {
            let (key, _) = signed(number + 1, number == 2, &[])?;
            let role = Role::Auditor;
            town.enrol(auditor, role, key.clone())?;
            if number < WATCHERS {
                town.enrol(auditor, Role::Watcher, key)?;
            }
        }
        Ok(town)
    }

    fn enrol(&self, who: &str, role: Role, key: Key) -> Result<Receipt> {
        let bond = [coin(20_000_000_000, STAKE)];
        let enrol = ExecuteMsg::Enrol { role, key };
        self.send(who, &self.suite.provider, &enrol, &bond)
    }

    fn send(
        &self,
        who: &str,
        contract: &str,
        msg: &impl serde::Serialize,
        funds: &[Coin],
    ) -> Result<Receipt> {
        self.chain.execute(who, contract, msg, funds)
    }

    fn pass(&self, seconds: u64) {
        let mut state = self.chain.state.borrow_mut();
        state.time += seconds;
        state.height += seconds / 6;
    }

    fn now(&self) -> u64 {
        self.chain.state.borrow().time
    }

    fn sign(&self, number: u8, purpose: &str, body: &impl serde::Serialize) -> Result<Binary> {
        let registry = Addr::unchecked(&self.suite.provider);
        let bytes = sign_bytes(purpose, CHAIN_ID, &registry, body)?;
        Ok(signed(number + 1, number == 2, &bytes)?.1)
    }

    fn attest(&self, number: u8, auditor: &str) -> Result<Receipt> {
        let provider = self.providers.last().context("a provider")?;
        let Capability { attributes, gpus } = capability();
        let reports = gpus.into_iter().map(|gpu| GpuReport {
            vendor: gpu.vendor,
            model: gpu.model,
            vram_mib: gpu.vram_mib,
            interface: gpu.interface,
            devices: vec![[1; 32].into(), [2; 32].into()],
            driver: "550.54.15".into(),
            compute_capability: Some("9.0".into()),
            measured: Some(GpuThroughput {
                gflops: 60_000,
                memory_mib_s: 2_900_000,
            }),
        });
        let attestation = Attestation {
            provider: provider.clone(),
            level: Level::Benchmarked,
            attributes,
            gpus: reports.collect(),
            evidence_hash: [9; 32].into(),
            measured_at: self.now(),
            expires_at: self.now() + 2_592_000,
        };
        let attest = ExecuteMsg::Attest {
            auditor: auditor.into(),
            signature: self.sign(number, ATTESTATION, &attestation)?,
            attestation,
        };
        self.send(provider, &self.suite.provider, &attest, &[])
    }

    /// The audited provider bids on a new order with these requirements; where anybody may, it undercuts another.
    fn bid(&self, requirements: Requirements) -> Result<(u64, Receipt)> {
        let free_for_all = requirements == Requirements::default();
        let spec = GroupSpec {
            requirements,
            ..group()
        };
        let create = deployment::ExecuteMsg::Create {
            groups: vec![spec.into()],
            manifest_hash: [0xa5; 32].into(),
            denom: Denom::Native(DENOM.into()),
            account: None,
        };
        let funds = [coin(FORTUNE / 1_000, DENOM)];
        let created = self.send(&self.tenant, &self.suite.deployment, &create, &funds)?;
        let deployment: u64 = from_json(created.data()?)?;
        let order = order_id(deployment, 0).context("an order id")?;
        let bid = |rate: u128| market::ExecuteMsg::Bid {
            order_id: order,
            rate: Uint128::new(rate),
        };
        let [first, .., audited] = self.providers.as_slice() else {
            anyhow::bail!("providers");
        };
        // Nobody vouches for it: where auditors are named, the audited one leads alone.
        if free_for_all {
            self.send(first, &self.suite.market, &bid(MAX_RATE), &[])?;
        }
        Ok((
            order,
            self.send(audited, &self.suite.market, &bid(RATE), &[])?,
        ))
    }

    fn watch(&self, lease_id: u64) -> Result<Receipt> {
        let funds = [coin(1_000_000, STAKE)];
        let watch = ExecuteMsg::WatchLease { lease_id };
        self.send(&self.tenant, &self.suite.provider, &watch, &funds)
    }

    /// Three watchers find the lease served.
    fn verdict(&self, lease_id: u64) -> Result<Receipt> {
        self.pass(3_600);
        let vote = Vote {
            lease_id,
            round: round_at(self.now(), 3_600),
            down: false,
        };
        let signatures = (0..WATCHERS)
            .zip(&self.auditors)
            .map(|(number, watcher)| {
                Ok(Signed {
                    watcher: watcher.clone(),
                    signature: self.sign(number, VERDICT, &vote)?,
                })
            })
            .collect::<Result<_>>()?;
        let submit = ExecuteMsg::SubmitVerdict {
            lease_id,
            round: vote.round,
            down: vote.down,
            signatures,
        };
        self.send(&self.auditors[0], &self.suite.provider, &submit, &[])
    }
}
