//! Attacks by those whose word counts, and on it.

use cosmwasm_std::{coin, Addr};
use leasehold_api::deployment::GroupRequest;
use leasehold_api::market::OrderPhase;
use leasehold_api::provider::{ExecuteMsg as ProviderMsg, Role};
use leasehold_testing::verbs::small_group;
use leasehold_testing::verbs::trust::{h100s, Signatory};
use leasehold_testing::world::STAKE;

use crate::{Scene, DEPOSIT, DESCENDING, RATE};

/// What a lease at the usual rate locks: an hour of rent.
const BOND: u128 = 3_600 * RATE;

impl Scene {
    fn signatory(&mut self, name: &str, seed: u8) -> Signatory {
        let address = self.world.newcomer(name, 1).unwrap();
        self.world.mint(&address, coin(100_000_000, STAKE)).unwrap();
        Signatory::new(address, seed)
    }

    fn auditor(&mut self, name: &str, seed: u8) -> Signatory {
        let auditor = self.signatory(name, seed);
        self.world.enrol(&auditor, Role::Auditor).unwrap();
        auditor
    }

    fn attest(&mut self, by: &Signatory, provider: &Addr) -> anyhow::Result<()> {
        let update = ProviderMsg::Update {
            contact: None,
            capability: Some(h100s(2)),
        };
        self.world.provider_call(provider, &update)?;
        let attestation = self.world.attestation(provider, 2)?;
        self.world.attest(by, attestation).map(|_| ())
    }
}

/// A tenant names its accomplice, who vouches for a provider and revokes once that one has won: for its penalty.
#[test]
fn auditor_lets_a_winner_down() {
    let mut scene = Scene::new();
    let accomplice = scene.auditor("accomplice", 1);
    let [victim, ..] = scene.honest.clone();
    scene.attest(&accomplice, &victim).unwrap();
    let crook = scene.crook.clone();
    let attack = scene.attack();
    let account = scene.world.open_account(&crook, DEPOSIT).unwrap();
    let mut spec = small_group("trap", RATE);
    spec.requirements.all_of = vec![accomplice.address.to_string()];
    let group = GroupRequest {
        auction: Some(DESCENDING),
        ..spec.into()
    };
    let denom = scene.world.rent_denom();
    let trap = scene
        .world
        .request(&crook, vec![group], 0, Some(account), denom);
    let order = trap.unwrap() * 8;
    scene.world.bid(&victim, order, RATE).unwrap();
    scene.pass(9);
    let revoke = ProviderMsg::RevokeAttestation {
        provider: victim.to_string(),
    };
    scene
        .world
        .provider_call(&accomplice.address, &revoke)
        .unwrap();
    scene.world.claim(&victim, order).unwrap();
    assert_eq!(scene.world.order(order).unwrap().phase, OrderPhase::Closed);
    scene.pass(20);
    assert!(scene.world.penalties().unwrap().is_empty());
    attack.end(&scene.world).unwrap().at_most(0, 0);
    scene.world.check();
}

/// All watchers are in league with a tenant and find its honest provider down.
#[test]
fn watchers_condemn_an_honest_provider() {
    let mut scene = Scene::new();
    let cartel: Vec<_> = (1..=5)
        .map(|n| {
            let watcher = scene.signatory(&format!("watcher{n}"), n);
            scene.world.enrol(&watcher, Role::Watcher).unwrap();
            watcher
        })
        .collect();
    let [victim, ..] = scene.honest.clone();
    let (crook, mallory) = (scene.crook.clone(), scene.mallory.clone());
    let attack = scene.attack();
    let account = scene.world.open_account(&crook, DEPOSIT).unwrap();
    let (_, lease) = scene.world.rent(&crook, account, &victim, RATE).unwrap();
    scene.world.watch_lease(&crook, lease, 1_000_000).unwrap();
    scene.pass(20);
    let verdict = scene.world.submit_verdict(&mallory, lease, true, &cartel);
    verdict.unwrap();
    scene.world.failover(&mallory, lease).unwrap();
    scene.pass(10);
    scene.world.slash_all(&mallory).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, BOND / 10);
    scene.world.check();
}

/// A crooked provider has another's cards attested as its own.
#[test]
fn card_sold_twice() {
    let mut scene = Scene::new();
    let (honest, fooled) = (scene.auditor("honest", 1), scene.auditor("fooled", 2));
    let ([owner, ..], [thief, _]) = (scene.honest.clone(), scene.crooked.clone());
    scene.attest(&honest, &owner).unwrap();
    let attack = scene.attack();
    let update = ProviderMsg::Update {
        contact: None,
        capability: Some(h100s(2)),
    };
    scene.world.provider_call(&thief, &update).unwrap();
    let mut stolen = scene.world.attestation(&owner, 2).unwrap();
    stolen.provider = thief.to_string();
    scene.world.attest(&fooled, stolen).unwrap_err();
    attack.end(&scene.world).unwrap().at_most(0, 0);
    scene.world.check();
}
