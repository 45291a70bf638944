//! A tenant asks for H100 that an auditor it trusts has measured: who may serve it, at the bid and at the claim.

use cosmwasm_std::{Addr, Uint128};
use leasehold_api::deployment::GroupRequest;
use leasehold_api::genesis::Genesis;
use leasehold_api::market::OrderPhase;
use leasehold_api::provider::{Attestation, ExecuteMsg, Role};
use leasehold_api::{AuctionMode, GpuModel, GpuRequirement, Level, Requirements};
use leasehold_testing::verbs::small_group;
use leasehold_testing::verbs::trust::{h100s, Signatory};
use leasehold_testing::world::{World, STAKE};

const COLLATERAL: u128 = 1_000_000;
const RATE: u128 = 10;
const CARDS: u8 = 4;

struct Scene {
    world: World,
    /// Four H100, declared.
    provider: Addr,
    /// Named by the tenant, and another one.
    auditor: Signatory,
    other: Signatory,
    /// Wants two H100 that the auditor has measured.
    order: u64,
}

impl Scene {
    fn new() -> Self {
        Scene::asking(AuctionMode::Descending { min_bidders: None }, |_| {})
    }

    fn asking(auction: AuctionMode, change: impl FnOnce(&mut Requirements)) -> Self {
        let mut world = World::with(&Genesis::development(STAKE));
        let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
        let [auditor, other] = [1, 2].map(|i| {
            let address = world.tenants[usize::from(i)].clone();
            Signatory::new(address, i)
        });
        for auditor in [&auditor, &other] {
            world.enrol(auditor, Role::Auditor).unwrap();
        }
        register(&mut world, &provider);
        let mut spec = small_group("training", RATE);
        spec.resources[0].gpu = Some(GpuRequirement {
            count: 2,
            models: vec![GpuModel {
                vendor: "nvidia".into(),
                model: Some("h100".into()),
                vram_mib: Some(80_000),
                interface: Some("sxm".into()),
            }],
        });
        spec.requirements = Requirements {
            all_of: vec![auditor.address.to_string()],
            min_level: Some(Level::Benchmarked),
            ..Requirements::default()
        };
        change(&mut spec.requirements);
        let group = GroupRequest {
            auction: Some(auction),
            ..spec.into()
        };
        let denom = world.rent_denom();
        let deployment = world.request(&tenant, vec![group], 100_000, None, denom);
        Scene {
            order: deployment.unwrap() * 8,
            world,
            provider,
            auditor,
            other,
        }
    }

    /// Attested as it declares.
    fn attested() -> Self {
        let mut scene = Scene::new();
        scene.attest(CARDS, |_| {});
        scene
    }

    fn attest(&mut self, cards: u8, change: impl FnOnce(&mut Attestation)) {
        let mut attestation = self.world.attestation(&self.provider, cards).unwrap();
        change(&mut attestation);
        let auditor = self.auditor.clone();
        self.world.attest(&auditor, attestation).unwrap();
    }

    fn bid(&mut self) -> Result<(), String> {
        let (provider, order) = (self.provider.clone(), self.order);
        let bid = self.world.bid(&provider, order, RATE - 1);
        bid.map(|_| ()).map_err(|e| format!("{e:?}"))
    }

    /// Wins, loses what `lose` takes, and claims.
    fn claim_after(mut self, lose: impl FnOnce(&mut Scene)) {
        self.bid().unwrap();
        let alive = [self.provider.clone()];
        self.world.pass_alive(9, &alive).unwrap();
        assert_eq!(self.phase(), OrderPhase::AwardBest);
        lose(&mut self);
        let before = self.locked();
        assert!(!before.is_zero());
        self.world.claim(&alive[0], self.order).unwrap();
        // No lease; and who was let down by an auditor is not punished.
        assert_eq!(self.phase(), OrderPhase::Closed);
        assert!(self.world.lease_of(self.order).is_err());
        assert_eq!(self.locked(), Uint128::zero());
        assert!(self.world.penalties().unwrap().is_empty());
        self.world.check();
    }

    /// Refuses the bid, and the claim of who won before.
    fn never_after(lose: impl Fn(&mut Scene), why: &str) {
        let mut scene = Scene::attested();
        lose(&mut scene);
        let refused = scene.bid().unwrap_err();
        assert!(refused.contains(why), "{refused}");
        Scene::attested().claim_after(lose);
    }

    fn phase(&self) -> OrderPhase {
        self.world.order(self.order).unwrap().phase
    }

    fn locked(&self) -> Uint128 {
        let query = leasehold_api::market::QueryMsg::Locked {
            provider: self.provider.to_string(),
            denom: self.world.rent_denom(),
        };
        let lock: leasehold_api::market::Lock =
            self.world.query(&self.world.suite.market, &query).unwrap();
        lock.amount
    }
}

fn register(world: &mut World, provider: &Addr) {
    world.register(provider, COLLATERAL).unwrap();
    let update = ExecuteMsg::Update {
        contact: None,
        capability: Some(h100s(CARDS.into())),
    };
    world.provider_call(provider, &update).unwrap();
    world.heartbeat(provider).unwrap();
}

const NO_VOUCH: &str = "does not vouch for it";

#[test]
fn eligible() {
    let mut scene = Scene::attested();
    scene.bid().unwrap();
    let provider = scene.provider.clone();
    scene
        .world
        .pass_alive(9, std::slice::from_ref(&provider))
        .unwrap();
    scene.world.claim(&provider, scene.order).unwrap();
    assert_eq!(scene.phase(), OrderPhase::Leased);
    // A lease that runs is not touched by what auditors say later.
    scene
        .world
        .judge(Role::Auditor, &scene.auditor.address, 0, true)
        .unwrap();
    let lease = scene.world.lease_of(scene.order).unwrap();
    assert!(scene.world.lease(lease).unwrap().ended.is_none());
}

#[test]
fn never_attested() {
    assert!(Scene::new().bid().unwrap_err().contains(NO_VOUCH));
}

#[test]
fn expired() {
    let expire = |scene: &mut Scene| {
        let alive = [scene.provider.clone()];
        scene.world.pass_alive(2, &alive).unwrap();
    };
    let mut scene = Scene::new();
    scene.attest(CARDS, |a| a.expires_at = a.measured_at + 2);
    expire(&mut scene);
    assert!(scene.bid().unwrap_err().contains(NO_VOUCH));
    let mut scene = Scene::new();
    // Good until the second before the claim.
    scene.attest(CARDS, |a| a.expires_at = a.measured_at + 10);
    scene.claim_after(expire);
}

#[test]
fn revoked() {
    let revoke = |scene: &mut Scene| {
        let provider = scene.provider.to_string();
        let revoke = ExecuteMsg::RevokeAttestation { provider };
        let auditor = scene.auditor.address.clone();
        scene.world.provider_call(&auditor, &revoke).unwrap();
    };
    Scene::never_after(revoke, NO_VOUCH);
}

#[test]
fn challenged() {
    let challenge = |scene: &mut Scene| {
        let challenge = ExecuteMsg::ChallengeAttestation {
            provider: scene.provider.to_string(),
            auditor: scene.auditor.address.to_string(),
            evidence_hash: vec![3; 32].into(),
        };
        let (other, registry) = (
            scene.other.address.clone(),
            scene.world.suite.provider.clone(),
        );
        let deposit = scene.world.trust().unwrap().challenge_deposit.u128();
        let deposit = [cosmwasm_std::coin(deposit, STAKE)];
        let challenged = scene.world.execute(&other, &registry, &challenge, &deposit);
        challenged.unwrap();
    };
    Scene::never_after(challenge, NO_VOUCH);
}

/// Measured again, and found to be something else.
fn found(change: impl Fn(&mut Attestation)) -> impl Fn(&mut Scene) {
    move |scene: &mut Scene| {
        let alive = [scene.provider.clone()];
        scene.world.pass_alive(1, &alive).unwrap();
        scene.attest(CARDS, &change);
    }
}

#[test]
fn wrong_model() {
    Scene::never_after(found(|a| a.gpus[0].model = "a100".into()), NO_VOUCH);
}

#[test]
fn less_memory_than_declared() {
    Scene::never_after(found(|a| a.gpus[0].vram_mib = 40_960), NO_VOUCH);
}

#[test]
fn wrong_count() {
    Scene::never_after(found(|a| a.gpus[0].devices.truncate(1)), NO_VOUCH);
}

#[test]
fn too_low_a_level() {
    Scene::never_after(found(|a| a.level = Level::Inventory), NO_VOUCH);
}

#[test]
fn duplicate_card() {
    // The cards are another's: its auditor's word is not even taken.
    let twice = |scene: &mut Scene| {
        let thief = scene.world.providers[1].clone();
        register(&mut scene.world, &thief);
        let mut attestation = scene.world.attestation(&scene.provider, CARDS).unwrap();
        attestation.provider = thief.to_string();
        let other = scene.other.clone();
        let refused = scene.world.attest(&other, attestation).unwrap_err();
        assert!(format!("{refused:?}").contains("is wasm"), "{refused:?}");
        thief
    };
    let any_of_both = |scene: &Scene| {
        let names = [&scene.auditor, &scene.other];
        names.map(|auditor| auditor.address.to_string()).to_vec()
    };
    let plain = Scene::new();
    let names = any_of_both(&plain);
    let mut scene = Scene::asking(AuctionMode::Open { auto_after: None }, |needs| {
        needs.all_of.clear();
        needs.any_of = names;
    });
    scene.attest(CARDS, |_| {});
    let thief = twice(&mut scene);
    let refused = scene.world.bid(&thief, scene.order, 1).unwrap_err();
    assert!(format!("{refused:?}").contains("none of the auditors"));
    scene.bid().unwrap();
}

#[test]
fn duplicate_card_at_the_claim() {
    // What was the winner's when it bid is found elsewhere once its own attestation is over.
    Scene::attested().claim_after(|scene| {
        let provider = scene.provider.to_string();
        let revoke = ExecuteMsg::RevokeAttestation { provider };
        let (auditor, other) = (scene.auditor.address.clone(), scene.other.clone());
        scene.world.provider_call(&auditor, &revoke).unwrap();
        let finder = scene.world.providers[1].clone();
        register(&mut scene.world, &finder);
        let mut moved = scene.world.attestation(&scene.provider, CARDS).unwrap();
        moved.provider = finder.to_string();
        scene.world.attest(&other, moved).unwrap();
        let alive = [scene.provider.clone(), finder];
        scene.world.pass_alive(1, &alive).unwrap();
        let again = scene.world.attestation(&scene.provider, CARDS).unwrap();
        let auditor = scene.auditor.clone();
        scene.world.attest(&auditor, again).unwrap_err();
    });
}

#[test]
fn unknown_auditor() {
    let nobody = World::new().stranger.to_string();
    let mut scene = Scene::asking(AuctionMode::Descending { min_bidders: None }, |needs| {
        needs.all_of = vec![nobody];
    });
    scene.attest(CARDS, |_| {});
    assert!(scene.bid().unwrap_err().contains(NO_VOUCH));
    // A claim without a bid asks the same.
    let nobody = World::new().stranger.to_string();
    let mut scene = Scene::asking(AuctionMode::Dutch { min_rate: None }, |needs| {
        needs.all_of = vec![nobody];
    });
    scene.attest(CARDS, |_| {});
    let alive = [scene.provider.clone()];
    scene.world.pass_alive(9, &alive).unwrap();
    let refused = scene.world.claim(&alive[0], scene.order).unwrap_err();
    assert!(format!("{refused:?}").contains(NO_VOUCH));
}

#[test]
fn auditor_retired() {
    let retire = |scene: &mut Scene| {
        let role = Role::Auditor;
        let auditor = scene.auditor.address.clone();
        let retire = ExecuteMsg::Retire { role };
        scene.world.provider_call(&auditor, &retire).unwrap();
    };
    Scene::never_after(retire, NO_VOUCH);
}

#[test]
fn auditor_jailed() {
    let jail = |scene: &mut Scene| {
        let auditor = scene.auditor.address.clone();
        scene.world.judge(Role::Auditor, &auditor, 1, true).unwrap();
    };
    Scene::never_after(jail, NO_VOUCH);
}

/// Where nobody is bound, a claim without a vouch is refused and nothing else happens.
#[test]
fn an_unbound_claim_is_refused() {
    let mut scene = Scene::asking(AuctionMode::Dutch { min_rate: None }, |_| {});
    let (provider, order) = (scene.provider.clone(), scene.order);
    scene
        .world
        .pass_alive(10, std::slice::from_ref(&provider))
        .unwrap();
    let refused = scene.world.claim(&provider, order).unwrap_err();
    assert!(format!("{refused:?}").contains(NO_VOUCH));
    scene.attest(CARDS, |_| {});
    scene.world.claim(&provider, order).unwrap();
    assert_eq!(scene.phase(), OrderPhase::Leased);
}
