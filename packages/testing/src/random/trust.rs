//! Auditors, watchers and who believes them: most say what is so, some are sentenced, some leave.

use anyhow::{anyhow, ensure, Context as _, Result};
use cosmwasm_std::{coin, Addr, Uint128};
use leasehold_api::deployment::GroupRequest;
use leasehold_api::market::order_of;
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::provider::{
    AttestationsResponse, ExecuteMsg, QueryMsg, Role, Vote, WatchesResponse, VERDICT,
};
use leasehold_api::{Level, Requirements};
use rand::Rng;

use super::Life;
use crate::verbs::small_group;
use crate::verbs::trust::{h100s, Signatory};
use crate::world::{World, STAKE};

const AUDITORS: u8 = 2;
const WATCHERS: u8 = 5;
const FORTUNE: u128 = 1_000_000_000;
/// Cards that each provider declares.
const CARDS: u8 = 2;

/// Those whose word counts for as long as they are in good standing.
pub(super) struct Signatories {
    auditors: Vec<Signatory>,
    watchers: Vec<Signatory>,
}

impl Signatories {
    /// Enrolled, and every provider of the world declares cards for them to look at.
    pub fn enrolled(world: &mut World) -> Result<Self> {
        for provider in world.providers.clone() {
            let declare = ExecuteMsg::Update {
                contact: None,
                capability: Some(h100s(CARDS.into())),
            };
            world.provider_call(&provider, &declare)?;
        }
        let auditors = enrolled(world, Role::Auditor, 1..=AUDITORS)?;
        let watchers = enrolled(world, Role::Watcher, AUDITORS + 1..=AUDITORS + WATCHERS)?;
        Ok(Signatories { auditors, watchers })
    }

    fn of(&self, role: Role) -> &[Signatory] {
        match role {
            Role::Auditor => &self.auditors,
            Role::Watcher => &self.watchers,
        }
    }
}

fn enrolled(
    world: &mut World,
    role: Role,
    seeds: std::ops::RangeInclusive<u8>,
) -> Result<Vec<Signatory>> {
    seeds
        .map(|seed| {
            let address = world.newcomer(&format!("{}{seed}", role.as_str()), 1)?;
            world.mint(&address, coin(FORTUNE, STAKE))?;
            let signatory = Signatory::new(address, seed);
            world.enrol(&signatory, role)?;
            Ok(signatory)
        })
        .collect()
}

impl Life {
    pub(super) fn trust_action(&mut self) -> (&'static str, Result<()>) {
        match self.dice.gen_range(0..20) {
            0..=3 => ("attest", self.attest()),
            4 => ("revoke_attestation", self.revoke()),
            5 | 6 => ("challenge_attestation", self.challenge()),
            7 => ("uphold_challenge", self.uphold()),
            8 | 9 => ("rent_audited", self.rent_audited()),
            10..=12 => ("watch_lease", self.watch_lease()),
            13 => ("unwatch_lease", self.unwatch_lease()),
            14 | 15 => self.verdict(),
            16 => ("accuse_watcher", self.accuse()),
            17 => ("claim_fees", self.claim_fees()),
            _ => self.membership(),
        }
    }

    fn attest(&mut self) -> Result<()> {
        let (provider, by) = (self.provider(), self.member(Role::Auditor));
        let cards = self.dice.gen_range(1..=CARDS);
        let mut attestation = self.world.attestation(&provider, cards)?;
        if self.dice.gen_ratio(1, 6) {
            // The cards of another.
            let other = self.provider();
            attestation.gpus = self.world.attestation(&other, cards)?.gpus;
        }
        self.world.attest(&by, attestation).map(|_| ())
    }

    fn revoke(&mut self) -> Result<()> {
        let (provider, by) = (self.provider(), self.member(Role::Auditor));
        let revoke = ExecuteMsg::RevokeAttestation {
            provider: provider.into(),
        };
        self.world.provider_call(&by.address, &revoke).map(|_| ())
    }

    fn challenge(&mut self) -> Result<()> {
        let (provider, auditor) = self.attested()?;
        let challenge = ExecuteMsg::ChallengeAttestation {
            provider: provider.into(),
            auditor: auditor.into(),
            evidence_hash: [4; 32].into(),
        };
        let deposit = self.world.trust()?.challenge_deposit.u128();
        let (by, to) = (
            self.member(Role::Auditor).address,
            self.world.suite.provider.clone(),
        );
        let paid = [coin(deposit, STAKE)];
        self.world.execute(&by, &to, &challenge, &paid).map(|_| ())
    }

    fn uphold(&mut self) -> Result<()> {
        let (provider, auditor) = self.attested()?;
        let uphold = ExecuteMsg::UpholdChallenge {
            provider: provider.into(),
            auditor: auditor.into(),
            slash: Uint128::new(self.dice.gen_range(0..=2_000_000)),
        };
        let governance = self.world.suite.governance.clone();
        self.world.provider_call(&governance, &uphold).map(|_| ())
    }

    /// For whoever has cards that one of the auditors has measured.
    fn rent_audited(&mut self) -> Result<()> {
        let who = self.tenant();
        let most = self.dice.gen_range(1..=40);
        let mut spec = small_group("audited", most);
        let auditors = self.signatories.auditors.iter();
        spec.requirements = Requirements {
            any_of: auditors.map(|a| a.address.to_string()).collect(),
            min_level: Some(Level::Benchmarked),
            ..Requirements::default()
        };
        let group = GroupRequest {
            auction: Some(self.auction(most)),
            ..spec.into()
        };
        let denom = self.world.rent_denom();
        let deposit = self.dice.gen_range(1..=8_000);
        let made = self.world.request(&who, vec![group], deposit, None, denom);
        made.map(|_| ())
    }

    fn watch_lease(&mut self) -> Result<()> {
        let lease = self.lease();
        let who = self.owner(order_of(lease));
        let units = self.dice.gen_range(1..=100_000);
        self.world.watch_lease(&who, lease, units).map(|_| ())
    }

    fn unwatch_lease(&mut self) -> Result<()> {
        let (lease_id, payer) = self.watched()?;
        let who = if self.dice.gen_ratio(3, 4) {
            payer
        } else {
            self.anyone()
        };
        let unwatch = ExecuteMsg::UnwatchLease { lease_id };
        self.world.provider_call(&who, &unwatch).map(|_| ())
    }

    /// One that finds a provider down often moves the lease at once.
    fn verdict(&mut self) -> (&'static str, Result<()>) {
        let down = self.dice.gen();
        let (who, watchers) = (self.anyone(), self.signatories.watchers.clone());
        let submitted = self.watched().and_then(|(lease, _)| {
            let submitted = self.world.submit_verdict(&who, lease, down, &watchers);
            submitted.map(|_| lease)
        });
        match submitted {
            Ok(lease) if down && self.world.failover(&who, lease).is_ok() => ("condemn", Ok(())),
            submitted => ("submit_verdict", submitted.map(|_| ())),
        }
    }

    /// A watcher that signed both; anyone may say so.
    fn accuse(&mut self) -> Result<()> {
        let (lease_id, _) = self.watched()?;
        let (who, watcher) = (self.anyone(), self.member(Role::Watcher));
        let round = self.world.watch_round()?;
        let sign = |down| {
            let vote = Vote {
                lease_id,
                round,
                down,
            };
            watcher.sign(&self.world, VERDICT, &vote)
        };
        let (down, up) = (sign(true)?, sign(false)?);
        let accuse = ExecuteMsg::AccuseWatcher {
            watcher: watcher.address.into(),
            lease_id,
            round,
            down,
            up,
        };
        self.world.provider_call(&who, &accuse).map(|_| ())
    }

    /// Of whoever has earned some.
    fn claim_fees(&mut self) -> Result<()> {
        let watchers = self.signatories.watchers.clone();
        let claimed = watchers.iter().find_map(|watcher| {
            let claim = ExecuteMsg::ClaimFees {};
            self.world.provider_call(&watcher.address, &claim).ok()
        });
        claimed.map(|_| ()).context("nobody has earned any")
    }

    fn membership(&mut self) -> (&'static str, Result<()>) {
        let role = *self.pick(&[Role::Auditor, Role::Watcher]);
        let member = self.member(role);
        let registry = self.world.suite.provider.clone();
        match self.dice.gen_range(0..8) {
            0 => {
                let slash = self.dice.gen_range(0..=1_000_000);
                let jailed = self.dice.gen();
                let judged = self.world.judge(role, &member.address, slash, jailed);
                ("judge", judged.map(|_| ()))
            }
            1 | 2 => {
                let retire = ExecuteMsg::Retire { role };
                let retired = self.world.provider_call(&member.address, &retire);
                ("retire", retired.map(|_| ()))
            }
            3..=6 => self.withdraw_bonds(role),
            _ => {
                let add = ExecuteMsg::AddToBond { role };
                let more = [coin(self.dice.gen_range(1..=1_000_000), STAKE)];
                let added = self.world.execute(&member.address, &registry, &add, &more);
                ("add_to_bond", added.map(|_| ()))
            }
        }
    }

    /// Of all whose time has come; some come back at once.
    fn withdraw_bonds(&mut self, role: Role) -> (&'static str, Result<()>) {
        let mut done = ("withdraw_bond", Err(anyhow!("nobody may have a bond back")));
        for member in self.signatories.of(role).to_vec() {
            let withdraw = ExecuteMsg::WithdrawBond { role };
            if self
                .world
                .provider_call(&member.address, &withdraw)
                .is_err()
            {
                continue;
            }
            let returns = self.dice.gen();
            done = if returns && self.world.enrol(&member, role).is_ok() {
                ("enrol", Ok(()))
            } else {
                ("withdraw_bond", Ok(()))
            };
        }
        done
    }

    /// A provider and somebody who vouches for it, challenged or not.
    fn attested(&mut self) -> Result<(Addr, Addr)> {
        let provider = self.provider();
        let query = QueryMsg::Attestations {
            provider: provider.to_string(),
            start_after: None,
            limit: None,
        };
        let found: AttestationsResponse = self.world.query(&self.world.suite.provider, &query)?;
        ensure!(!found.attestations.is_empty(), "nobody vouches for it");
        let auditor = self.pick(&found.attestations).auditor.clone();
        Ok((provider, auditor))
    }

    fn member(&mut self, role: Role) -> Signatory {
        let place = self.dice.gen_range(0..self.signatories.of(role).len());
        self.signatories.of(role)[place].clone()
    }

    /// A lease that is watched, and who pays for it.
    fn watched(&mut self) -> Result<(u64, Addr)> {
        let query = QueryMsg::Watches {
            watcher: None,
            start_after: None,
            limit: Some(MAX_LIMIT),
        };
        let found: WatchesResponse = self.world.query(&self.world.suite.provider, &query)?;
        ensure!(!found.watches.is_empty(), "no lease is watched");
        let watch = self.pick(&found.watches);
        Ok((watch.lease_id, watch.payer.clone()))
    }
}
