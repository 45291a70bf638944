//! Members that really sign.

use cosmwasm_std::{coin, Addr, Binary, Uint128};
use cw_multi_test::AppResponse;
use k256::ecdsa::{signature::Signer, Signature, SigningKey};
use leasehold_api::provider::{
    sign_bytes, Attestation, AttestationResponse, AttestationsResponse, ExecuteMsg, GpuReport,
    GpuThroughput, Key, MemberResponse, QueryMsg, Role, Vote, ATTESTATION, VERDICT, VOUCHES,
};
use leasehold_api::{Level, Vouch};
use serde::Serialize;

use crate::setup::*;

/// A member's key, of both kinds.
pub enum Signs {
    Secp256k1(SigningKey),
    Ed25519(Box<ed25519_zebra::SigningKey>),
}

impl Signs {
    pub fn secp256k1(seed: u8) -> Self {
        Signs::Secp256k1(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    pub fn ed25519(seed: u8) -> Self {
        Signs::Ed25519(Box::new([seed; 32].into()))
    }

    pub fn key(&self) -> Key {
        match self {
            Signs::Secp256k1(key) => {
                let point = key.verifying_key().to_encoded_point(true);
                Key::Secp256k1(point.as_bytes().into())
            }
            Signs::Ed25519(key) => {
                let public = ed25519_zebra::VerificationKey::from(key.as_ref());
                Key::Ed25519(<[u8; 32]>::from(public).into())
            }
        }
    }

    pub fn sign(&self, registry: &Registry, purpose: &str, body: &impl Serialize) -> Binary {
        let chain = registry.app.block_info().chain_id;
        self.sign_for(&chain, &registry.address, purpose, body)
    }

    pub fn sign_for(
        &self,
        chain: &str,
        registry: &Addr,
        purpose: &str,
        body: &impl Serialize,
    ) -> Binary {
        let bytes = sign_bytes(purpose, chain, registry, body).unwrap();
        match self {
            Signs::Secp256k1(key) => {
                let signature: Signature = key.sign(&bytes);
                signature.to_bytes().as_slice().into()
            }
            Signs::Ed25519(key) => <[u8; 64]>::from(key.sign(&bytes)).into(),
        }
    }
}

/// An auditor or a watcher with its key.
pub struct Signatory {
    pub address: Addr,
    pub signs: Signs,
}

pub fn card(n: u8) -> Binary {
    Binary::from([n; 32])
}

/// Two cards, measured at the start.
pub fn attestation(provider: &str) -> Attestation {
    Attestation {
        provider: provider.into(),
        level: Level::Benchmarked,
        attributes: capability().attributes,
        gpus: vec![GpuReport {
            vendor: "nvidia".into(),
            model: "h100".into(),
            vram_mib: 81_559,
            interface: "sxm".into(),
            devices: vec![card(1), card(2)],
            driver: "550.54".into(),
            compute_capability: Some("9.0".into()),
            measured: Some(GpuThroughput {
                gflops: 60_000,
                memory_mib_s: 2_900_000,
            }),
        }],
        evidence_hash: Binary::from([9; 32]),
        measured_at: START,
        expires_at: START + 5_000,
    }
}

impl Registry {
    /// Enrols an account with a bond of its own.
    pub fn enrol(&mut self, name: &str, role: Role, signs: Signs, bond: u128) -> Signatory {
        let address = self.rich(name, 10 * bond);
        let key = signs.key();
        let enrol = ExecuteMsg::Enrol { role, key };
        self.send(&address, &enrol, &[coin(bond, "uakt")]).unwrap();
        Signatory { address, signs }
    }

    pub fn auditor(&mut self, name: &str, seed: u8) -> Signatory {
        self.enrol(name, Role::Auditor, Signs::secp256k1(seed), 1_000)
    }

    pub fn rich(&mut self, name: &str, amount: u128) -> Addr {
        let address = self.app.api().addr_make(name);
        let funds = vec![coin(amount, "uakt")];
        self.app.init_modules(|router, _, storage| {
            router.bank.init_balance(storage, &address, funds).unwrap();
        });
        address
    }

    pub fn attest(&mut self, sender: &Addr, by: &Signatory, attestation: Attestation) -> Outcome {
        let signature = by.signs.sign(self, ATTESTATION, &attestation);
        let auditor = by.address.to_string();
        let attest = ExecuteMsg::Attest {
            auditor,
            attestation,
            signature,
        };
        self.send(sender, &attest, &[])
    }

    pub fn member(&self, role: Role, who: &Addr) -> MemberResponse {
        let address = who.to_string();
        self.ask(&QueryMsg::Member { role, address }).unwrap()
    }

    pub fn judge(&mut self, role: Role, who: &Addr, slash: u128, jailed: bool) -> Outcome {
        let governance = self.suite.governance.clone();
        let judge = ExecuteMsg::Judge {
            role,
            member: who.to_string(),
            slash: Uint128::new(slash),
            jailed,
        };
        self.send(&governance, &judge, &[])
    }

    pub fn attestations(&self, provider: &Addr) -> Vec<AttestationResponse> {
        let query = QueryMsg::Attestations {
            provider: provider.to_string(),
            start_after: None,
            limit: None,
        };
        let found: AttestationsResponse = self.ask(&query).unwrap();
        found.attestations
    }

    /// Who vouches for a provider now.
    pub fn auditors_of(&self, provider: &Addr) -> Vec<String> {
        let audits = self.provider(provider).audits.into_iter();
        audits.map(|audit| audit.auditor).collect()
    }

    /// What the market reads.
    pub fn vouches(&self, provider: &Addr) -> Vec<Vouch> {
        let address = self.address.clone();
        let found = VOUCHES.query(&self.app.wrap(), address, provider);
        found.unwrap().unwrap_or_default()
    }

    pub fn vote(&self, by: &Signatory, lease_id: u64, round: u64, down: bool) -> Binary {
        let vote = Vote {
            lease_id,
            round,
            down,
        };
        by.signs.sign(self, VERDICT, &vote)
    }
}

pub fn insured(registry: &Registry) -> u128 {
    let query = QueryMsg::Insurance {
        start_after: None,
        limit: None,
    };
    let fund: leasehold_api::provider::InsuranceResponse = registry.ask(&query).unwrap();
    fund.insurance.iter().map(|asset| asset.amount.u128()).sum()
}

pub fn done(outcome: Outcome) -> AppResponse {
    outcome.unwrap()
}
