//! Watched leases and verdicts on them.

mod panels;

use cosmwasm_std::{coin, from_json, Addr, Binary, Uint128};
use leasehold_api::deployment::{order_id, Deployment, DEPLOYMENTS};
use leasehold_api::market::{lease_id, Lease, Order, LEASES, ORDERS};
use leasehold_api::provider::{
    verdict, ExecuteMsg, QueryMsg, Role, Signed, WatchResponse, WatchesResponse,
};
use leasehold_provider::ContractError;

use crate::setup::*;
use crate::signing::*;

const ROUND: u64 = 100;

struct Scene {
    registry: Registry,
    tenant: Addr,
    lease: u64,
    watchers: Vec<Signatory>,
}

/// Seven watchers, a lease that is served since the start, now well into a later round.
fn scene() -> Scene {
    let (mut registry, anna) = Registry::with_anna(100);
    let watchers = (0..7)
        .map(|n| registry.enrol(&format!("watcher{n}"), Role::Watcher, signs(n), 500))
        .collect();
    let tenant = registry.rich("tenant", 1_000);
    let lease = record_lease(&mut registry, &tenant, &anna);
    registry.pass(2 * ROUND - START % ROUND + 10);
    Scene {
        registry,
        tenant,
        lease,
        watchers,
    }
}

fn signs(n: u8) -> Signs {
    match n % 2 {
        0 => Signs::secp256k1(20 + n),
        _ => Signs::ed25519(20 + n),
    }
}

/// What deployment and market would have on record.
fn record_lease(registry: &mut Registry, tenant: &Addr, provider: &Addr) -> u64 {
    let order = order_id(1, 0).unwrap();
    let lease = lease_id(order, 1).unwrap();
    let leased = Lease {
        provider: provider.clone(),
        rate: Uint128::one(),
        bond: Uint128::one(),
        started_at: START,
        taken: None,
        until: None,
    };
    let deployment = Deployment {
        owner: tenant.clone(),
        account: 1,
        manifest_hash: Binary::from([0; 32]),
        terms: vec![],
        created_at: START,
    };
    let suite = registry.suite.clone();
    {
        let mut market = registry.app.contract_storage_mut(&suite.market);
        LEASES.save(market.as_mut(), lease, &leased).unwrap();
    }
    {
        let mut deployments = registry.app.contract_storage_mut(&suite.deployment);
        DEPLOYMENTS
            .save(deployments.as_mut(), 1, &deployment)
            .unwrap();
    }
    order_names(registry, Some(lease));
    lease
}

fn order_names(registry: &mut Registry, lease: Option<u64>) {
    let text = r#"{"a":1,"d":"nuakt","s":"l","r":1,"n":0,"q":{"x":"100"}}"#;
    let mut order: Order = from_json(text).unwrap();
    order.lease = lease;
    let market = registry.suite.market.clone();
    let mut storage = registry.app.contract_storage_mut(&market);
    ORDERS
        .save(storage.as_mut(), order_id(1, 0).unwrap(), &order)
        .unwrap();
}

impl Scene {
    fn pay(&mut self, amount: u128) -> Outcome {
        let watch = ExecuteMsg::WatchLease {
            lease_id: self.lease,
        };
        let tenant = self.tenant.clone();
        self.registry.send(&tenant, &watch, &[coin(amount, "uakt")])
    }

    fn round(&self) -> u64 {
        self.registry.now() / ROUND
    }

    fn watch(&self) -> WatchResponse {
        let lease_id = self.lease;
        self.registry.ask(&QueryMsg::Watch { lease_id }).unwrap()
    }

    fn is_on_panel(&self, watcher: &Addr) -> bool {
        self.watch().panel.contains(watcher)
    }

    /// The panel's members' signatures, of as many as asked for.
    fn signed(&self, round: u64, down: bool, count: usize) -> Vec<Signed> {
        let on_panel = |w: &&Signatory| self.is_on_panel(&w.address);
        let chosen = self.watchers.iter().filter(on_panel).take(count);
        chosen
            .map(|watcher| self.sign(watcher, round, down))
            .collect()
    }

    fn sign(&self, watcher: &Signatory, round: u64, down: bool) -> Signed {
        Signed {
            watcher: watcher.address.to_string(),
            signature: self.registry.vote(watcher, self.lease, round, down),
        }
    }

    fn submit(&mut self, round: u64, down: bool, signatures: Vec<Signed>) -> Outcome {
        let submit = ExecuteMsg::SubmitVerdict {
            lease_id: self.lease,
            round,
            down,
            signatures,
        };
        let anyone = self.registry.stranger.clone();
        self.registry.send(&anyone, &submit, &[])
    }

    fn fees(&self) -> Vec<u128> {
        let fees = |w: &Signatory| self.registry.member(Role::Watcher, &w.address).fees.u128();
        self.watchers.iter().map(fees).collect()
    }
}

#[test]
fn a_majority_of_the_panel_makes_a_verdict_and_each_signer_earns_alike() {
    for down in [true, false] {
        let mut scene = scene();
        done(scene.pay(100));
        let round = scene.round();
        let watch = scene.watch();
        assert_eq!((watch.panel.len(), watch.quorum), (5, 3));
        let two = rule(scene.submit(round, down, scene.signed(round, down, 2)));
        assert!(two.contains("signatures is 2"), "{two}");
        done(scene.submit(round, down, scene.signed(round, down, 4)));
        assert_eq!(scene.fees().iter().sum::<u128>(), 4 * 3);
        assert_eq!(scene.watch().funds.u128(), 100 - 12);
        let wrap = scene.registry.app.wrap();
        let found = verdict(&wrap, &scene.registry.address, scene.lease).unwrap();
        let found = found.unwrap();
        let now = scene.registry.now();
        assert_eq!((found.down, found.at, found.until), (down, now, now + 200));
        let again = refusal(scene.submit(round, !down, scene.signed(round, !down, 5)));
        assert!(matches!(again, ContractError::AlreadyDecided { .. }));
        let signer = &scene.watchers[scene.fees().iter().position(|f| *f > 0).unwrap()];
        let (signer, claim) = (signer.address.clone(), ExecuteMsg::ClaimFees {});
        let before = scene.registry.purse(&signer, &uakt());
        done(scene.registry.send(&signer, &claim, &[]));
        assert_eq!(scene.registry.purse(&signer, &uakt()), before + 3);
        refusal(scene.registry.send(&signer, &claim, &[]));
    }
}

#[test]
fn only_the_panel_signs_each_once_and_for_this_vote() {
    let mut scene = scene();
    done(scene.pay(100));
    let round = scene.round();
    let off = |w: &&Signatory| !scene.is_on_panel(&w.address);
    let outsider = scene.watchers.iter().find(off).unwrap();
    let outsider = scene.sign(outsider, round, true);
    let good = scene.signed(round, true, 3);
    let with = |extra: Signed| [good.clone(), vec![extra]].concat();
    let wrong_round = scene.signed(round + 1, true, 4).pop().unwrap();
    let wrong_answer = scene.signed(round, false, 4).pop().unwrap();
    let refused = [
        refusal(scene.submit(round, true, with(outsider))),
        refusal(scene.submit(round, true, with(good[0].clone()))),
        refusal(scene.submit(round, true, with(wrong_round))),
        refusal(scene.submit(round, true, with(wrong_answer))),
    ];
    assert!(matches!(refused[0], ContractError::NotOnPanel { .. }));
    assert!(matches!(
        refused[1],
        ContractError::NotInGoodStanding { .. }
    ));
    assert!(matches!(refused[2], ContractError::WrongSignature { .. }));
    assert!(matches!(refused[3], ContractError::WrongSignature { .. }));
    done(scene.submit(round, true, good));
}

#[test]
fn verdicts_are_for_this_round_or_the_one_before_and_for_a_lease_that_was_served_then() {
    let mut scene = scene();
    done(scene.pay(100));
    let round = scene.round();
    for other in [round - 2, round + 1] {
        assert!(rule(scene.submit(other, true, vec![])).contains("round is"));
    }
    // The lease began after this round did.
    let started = |scene: &mut Scene, at: u64| {
        let market = scene.registry.suite.market.clone();
        let mut storage = scene.registry.app.contract_storage_mut(&market);
        let mut lease = LEASES.load(storage.as_ref(), scene.lease).unwrap();
        lease.started_at = at;
        LEASES.save(storage.as_mut(), scene.lease, &lease).unwrap();
    };
    started(&mut scene, round * ROUND + 1);
    let early = rule(scene.submit(round, true, scene.signed(round, true, 3)));
    assert!(early.contains("round is"), "{early}");
    started(&mut scene, round * ROUND);
    order_names(&mut scene.registry, None);
    let ended = refusal(scene.submit(round, true, scene.signed(round, true, 3)));
    assert!(matches!(ended, ContractError::NotActive { .. }));
    order_names(&mut scene.registry, Some(scene.lease));
    done(scene.submit(round, true, scene.signed(round, true, 3)));
}

#[test]
fn the_tenant_pays_and_gets_the_rest_back() {
    let mut scene = scene();
    let stranger = scene.registry.stranger.clone();
    let lease_id = scene.lease;
    let watch = ExecuteMsg::WatchLease { lease_id };
    let refused = refusal(scene.registry.send(&stranger, &watch, &[coin(5, "uakt")]));
    assert!(matches!(refused, ContractError::Unauthorized { .. }));
    done(scene.pay(10));
    done(scene.pay(1));
    let round = scene.round();
    // Four fees are more than there is, three are not.
    rule(scene.submit(round, true, scene.signed(round, true, 4)));
    done(scene.submit(round, true, scene.signed(round, true, 3)));
    let unwatch = ExecuteMsg::UnwatchLease { lease_id };
    refusal(scene.registry.send(&stranger, &unwatch, &[]));
    let (tenant, before) = (
        scene.tenant.clone(),
        scene.registry.purse(&scene.tenant, &uakt()),
    );
    order_names(&mut scene.registry, None);
    done(scene.registry.send(&stranger, &unwatch, &[]));
    assert_eq!(scene.registry.purse(&tenant, &uakt()), before + 2);
    refusal(scene.registry.send(&tenant, &unwatch, &[]));
}

#[test]
fn what_a_former_owner_paid_ahead_goes_back_to_it() {
    let mut scene = scene();
    done(scene.pay(10));
    let (former, buyer) = (scene.tenant.clone(), scene.registry.rich("buyer", 50));
    {
        let deployment = scene.registry.suite.deployment.clone();
        let mut storage = scene.registry.app.contract_storage_mut(&deployment);
        let mut record = DEPLOYMENTS.load(storage.as_ref(), 1).unwrap();
        record.owner = buyer.clone();
        DEPLOYMENTS.save(storage.as_mut(), 1, &record).unwrap();
    }
    scene.tenant = buyer.clone();
    let before = scene.registry.purse(&former, &uakt());
    done(scene.pay(20));
    assert_eq!(scene.registry.purse(&former, &uakt()), before + 10);
    let watch = scene.watch();
    assert_eq!((watch.payer, watch.funds.u128()), (buyer, 20));
}

#[test]
fn two_answers_to_one_question_cost_a_watcher_its_bond() {
    let mut scene = scene();
    let round = scene.round();
    let liar = &scene.watchers[3];
    let accuse =
        |lease_id, watcher: &Signatory, down: &Binary, up: &Binary| ExecuteMsg::AccuseWatcher {
            watcher: watcher.address.to_string(),
            lease_id,
            round,
            down: down.clone(),
            up: up.clone(),
        };
    let down = scene.registry.vote(liar, scene.lease, round, true);
    let up = scene.registry.vote(liar, scene.lease, round, false);
    let stranger = scene.registry.stranger.clone();
    let forged = [
        accuse(scene.lease, liar, &down, &down),
        accuse(scene.lease + 1, liar, &down, &up),
        accuse(scene.lease, &scene.watchers[2], &down, &up),
    ];
    let proven = accuse(scene.lease, liar, &down, &up);
    let address = liar.address.clone();
    for msg in forged {
        let refused = refusal(scene.registry.send(&stranger, &msg, &[]));
        assert!(matches!(refused, ContractError::WrongSignature { .. }));
    }
    let before = scene.registry.purse(&stranger, &uakt());
    done(scene.registry.send(&stranger, &proven, &[]));
    assert_eq!(scene.registry.purse(&stranger, &uakt()), before + 250);
    assert_eq!(insured(&scene.registry), 250);
    let member = scene.registry.member(Role::Watcher, &address);
    assert!(member.jailed && member.bond.is_zero());
    // Once.
    rule(scene.registry.send(&stranger, &proven, &[]));
}
