//! Auditors and watchers. Everybody's key is derived from a number, so that a test can sign for anybody.

use anyhow::Result;
use cosmrs::crypto::secp256k1::SigningKey;
use cosmwasm_std::{coin, Addr, Binary, Uint128};
use cw_multi_test::AppResponse;
use leasehold_api::provider::{
    round_at, sign_bytes, Attestation, ConfigResponse, ExecuteMsg, GpuReport, GpuThroughput, Key,
    QueryMsg, Role, Signed, Trust, Vote, WatchResponse, ATTESTATION, VERDICT,
};
use leasehold_api::{Capability, GpuInventory, Level};
use serde::Serialize;

use crate::world::{World, STAKE};

/// Somebody who signs.
#[derive(Debug, Clone)]
pub struct Signatory {
    pub address: Addr,
    seed: u8,
}

impl Signatory {
    /// `seed` is at least 1.
    pub fn new(address: Addr, seed: u8) -> Self {
        Signatory { address, seed }
    }

    fn secret(&self) -> Result<SigningKey> {
        SigningKey::from_slice(&[self.seed; 32]).map_err(|e| anyhow::anyhow!("{e}"))
    }

    /// # Errors
    /// A seed of 0.
    pub fn key(&self) -> Result<Key> {
        Ok(Key::Secp256k1(
            self.secret()?.public_key().to_bytes().into(),
        ))
    }

    /// # Errors
    /// A seed of 0.
    pub fn sign(&self, world: &World, purpose: &str, body: &impl Serialize) -> Result<Binary> {
        let chain = &world.app.block_info().chain_id;
        let bytes = sign_bytes(purpose, chain, &world.suite.provider, body)?;
        let signature = self
            .secret()?
            .sign(&bytes)
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        Ok(signature.to_bytes().as_slice().into())
    }
}

/// `count` H100 as they are declared and found.
pub fn h100s(count: u32) -> Capability {
    Capability {
        attributes: vec![],
        gpus: vec![GpuInventory {
            vendor: "nvidia".into(),
            model: "h100".into(),
            vram_mib: 81_559,
            interface: "sxm".into(),
            count,
        }],
    }
}

/// The commitment of a provider's `n`-th card.
pub fn card(provider: &Addr, n: u8) -> Binary {
    let mut bytes = [n; 32];
    for (byte, character) in bytes
        .iter_mut()
        .skip(1)
        .zip(provider.as_str().bytes().rev())
    {
        *byte = character;
    }
    bytes.into()
}

/// `cards` H100 of a provider, measured at `measured_at` and good for `life` seconds.
pub fn attestation(provider: &Addr, cards: u8, measured_at: u64, life: u64) -> Attestation {
    let declared = h100s(cards.into()).gpus.remove(0);
    Attestation {
        provider: provider.to_string(),
        level: Level::Benchmarked,
        attributes: vec![],
        gpus: vec![GpuReport {
            vendor: declared.vendor,
            model: declared.model,
            vram_mib: declared.vram_mib,
            interface: declared.interface,
            devices: (0..cards).map(|n| card(provider, n)).collect(),
            driver: "550.54".into(),
            compute_capability: Some("9.0".into()),
            measured: Some(GpuThroughput {
                gflops: 60_000,
                memory_mib_s: 2_900_000,
            }),
        }],
        evidence_hash: [9; 32].into(),
        measured_at,
        expires_at: measured_at + life,
    }
}

impl World {
    pub fn trust(&self) -> Result<Trust> {
        let config: ConfigResponse = self.query(&self.suite.provider, &QueryMsg::Config {})?;
        Ok(config.params.trust)
    }

    /// Enrols with the least bond.
    pub fn enrol(&mut self, who: &Signatory, role: Role) -> Result<AppResponse> {
        let bond = self.trust()?.bond(role).u128();
        let key = who.key()?;
        let to = self.suite.provider.clone();
        let enrol = ExecuteMsg::Enrol { role, key };
        self.execute(&who.address, &to, &enrol, &[coin(bond, STAKE)])
    }

    /// `cards` H100, measured now, for the longest time.
    pub fn attestation(&self, provider: &Addr, cards: u8) -> Result<Attestation> {
        let life = self.trust()?.attestation_life;
        Ok(attestation(provider, cards, self.now(), life))
    }

    /// Has an auditor sign, and the provider submit.
    pub fn attest(&mut self, by: &Signatory, attestation: Attestation) -> Result<AppResponse> {
        let provider = Addr::unchecked(&attestation.provider);
        let signature = by.sign(self, ATTESTATION, &attestation)?;
        let attest = ExecuteMsg::Attest {
            auditor: by.address.to_string(),
            attestation,
            signature,
        };
        self.provider_call(&provider, &attest)
    }

    pub fn watch_lease(&mut self, who: &Addr, lease_id: u64, units: u128) -> Result<AppResponse> {
        let to = self.suite.provider.clone();
        let watch = ExecuteMsg::WatchLease { lease_id };
        self.execute(who, &to, &watch, &[coin(units, STAKE)])
    }

    pub fn watch(&self, lease_id: u64) -> Result<WatchResponse> {
        self.query(&self.suite.provider, &QueryMsg::Watch { lease_id })
    }

    /// The round of watching now.
    pub fn watch_round(&self) -> Result<u64> {
        Ok(round_at(self.now(), self.trust()?.watch_round))
    }

    /// # Errors
    /// A seed of 0.
    pub fn vote(&self, by: &Signatory, vote: &Vote) -> Result<Signed> {
        Ok(Signed {
            watcher: by.address.to_string(),
            signature: by.sign(self, VERDICT, vote)?,
        })
    }

    /// What submits a verdict that all of `signers` signed.
    ///
    /// # Errors
    /// A seed of 0.
    pub fn verdict(&self, vote: Vote, signers: &[&Signatory]) -> Result<ExecuteMsg> {
        let signatures = signers
            .iter()
            .map(|watcher| self.vote(watcher, &vote))
            .collect::<Result<_>>()?;
        Ok(ExecuteMsg::SubmitVerdict {
            lease_id: vote.lease_id,
            round: vote.round,
            down: vote.down,
            signatures,
        })
    }

    /// Has those of `watchers` that sit on this round's panel sign, and `who` submit.
    pub fn submit_verdict(
        &mut self,
        who: &Addr,
        lease_id: u64,
        down: bool,
        watchers: &[Signatory],
    ) -> Result<AppResponse> {
        let (round, panel) = (self.watch_round()?, self.watch(lease_id)?.panel);
        let vote = Vote {
            lease_id,
            round,
            down,
        };
        let seated = watchers.iter().filter(|w| panel.contains(&w.address));
        let submit = self.verdict(vote, &seated.collect::<Vec<_>>())?;
        self.provider_call(who, &submit)
    }

    /// Sentences a member, as governance.
    pub fn judge(
        &mut self,
        role: Role,
        member: &Addr,
        slash: u128,
        jailed: bool,
    ) -> Result<AppResponse> {
        let governance = self.suite.governance.clone();
        let judge = ExecuteMsg::Judge {
            role,
            member: member.to_string(),
            slash: Uint128::new(slash),
            jailed,
        };
        self.provider_call(&governance, &judge)
    }
}
