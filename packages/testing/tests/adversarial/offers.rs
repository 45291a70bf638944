//! Attacks on standing offers: on who sells by them, on who buys, on who looks for one.

use anyhow::Result;
use leasehold_api::deployment::{ExecuteMsg as DeploymentMsg, GroupRequest};
use leasehold_api::market::{EndReason, Exit, OffersResponse, QueryMsg, MAX_OFFERS};
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_testing::verbs::{small_group, small_terms, taking};

use crate::{Scene, RATE};

const RUNWAY: u64 = 30;
const RESUME_WINDOW: u64 = 60;

impl Scene {
    /// The first honest provider sells room for so many groups.
    fn honest_offer(&mut self, groups: u64) -> u64 {
        let terms = small_terms(&self.world, groups, RATE);
        let [provider, ..] = self.honest.clone();
        self.world.post_offer(&provider, terms).unwrap()
    }

    /// The crook takes it with a group of its own; its deployment.
    fn crook_takes(&mut self, offer: u64, deposit: u128) -> Result<u64> {
        let crook = self.crook.clone();
        let group = [(RATE, taking(offer, RATE))];
        self.world.take(&crook, &group, deposit, None)
    }
}

/// A crook takes the last unit in the same block as the tenant, after it and before it. Who comes second has its whole message undone, the
/// deposit included.
#[test]
fn two_takes_of_the_last_unit() {
    let mut scene = Scene::new();
    let offer = scene.honest_offer(1);
    let attack = scene.attack();
    let (tenant, account) = (scene.tenant.clone(), Some(scene.account));
    let group = [(RATE, taking(offer, RATE))];
    let id = scene.world.take(&tenant, &group, 0, account).unwrap();
    scene.crook_takes(offer, 1_000).unwrap_err();
    scene.world.close(&tenant, id).unwrap();
    scene.crook_takes(offer, 1_000).unwrap();
    scene.world.take(&tenant, &group, 0, account).unwrap_err();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A crook comes back for a price that no longer holds.
#[test]
fn taking_an_expired_offer() {
    let mut scene = Scene::new();
    let offer = scene.honest_offer(1);
    let attack = scene.attack();
    scene.pass(1_000);
    scene.crook_takes(offer, 1_000).unwrap_err();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A crooked provider lures with a price and raises it in the block in which the tenant takes it, up to what the tenant would pay at most
/// for a good provider. The tenant's guard undoes the whole.
#[test]
fn raising_the_price_in_the_same_block() {
    let mut scene = Scene::new();
    let ([crooked, _], tenant) = (scene.crooked.clone(), scene.tenant.clone());
    let lure = small_terms(&scene.world, 1, RATE);
    let offer = scene.world.post_offer(&crooked, lure).unwrap();
    let attack = scene.attack();
    let dear = small_terms(&scene.world, 1, 10 * RATE);
    scene.world.update_offer(&crooked, offer, dear).unwrap();
    let group = [(10 * RATE, taking(offer, RATE))];
    let account = Some(scene.account);
    scene.world.take(&tenant, &group, 0, account).unwrap_err();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A crooked provider rents from itself, for leases that look like custom.
#[test]
fn taking_ones_own_offer() {
    let mut scene = Scene::new();
    let [crooked, _] = scene.crooked.clone();
    let terms = small_terms(&scene.world, 1, RATE);
    let offer = scene.world.post_offer(&crooked, terms).unwrap();
    let attack = scene.attack();
    let group = [(RATE, taking(offer, RATE))];
    let own = scene.world.take(&crooked, &group, 1_000, None);
    own.unwrap_err();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A crook uses an offer to bind a provider that wants to leave.
#[test]
fn taking_a_draining_providers_offer() {
    let mut scene = Scene::new();
    let offer = scene.honest_offer(1);
    let [provider, ..] = scene.honest.clone();
    let attack = scene.attack();
    scene
        .world
        .provider_call(&provider, &ProviderMsg::Drain {})
        .unwrap();
    scene.crook_takes(offer, 1_000).unwrap_err();
    scene.world.unbond(&provider, crate::COLLATERAL).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A crook takes an offer on terms of leaving that its provider never saw: a month's notice, and the whole bond if it goes.
#[test]
fn terms_of_leaving_that_nobody_conceded() {
    let mut scene = Scene::new();
    let offer = scene.honest_offer(1);
    let attack = scene.attack();
    let exits = [(2_592_000, 0), (0, 10_000)];
    for (notice, compensation_bps) in exits {
        let exit = Exit {
            notice,
            compensation_bps,
        };
        let create = DeploymentMsg::Create {
            groups: vec![GroupRequest {
                offer: Some(taking(offer, RATE)),
                exit: Some(exit),
                ..small_group("trap", RATE).into()
            }],
            manifest_hash: vec![1; 32].into(),
            denom: scene.world.rent_denom(),
            account: None,
        };
        let crook = scene.crook.clone();
        let trap = scene.world.deployment_call(&crook, &create, 1_000);
        trap.unwrap_err();
    }
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A crook takes all that a provider sells with no more money than it must have, to keep others out. It pays for every second until the
/// money ends; then the provider waits for the resume window, ends the lease without a penalty and sells the room again.
#[test]
fn hoarding() {
    let mut scene = Scene::new();
    let offer = scene.honest_offer(1);
    let [provider, ..] = scene.honest.clone();
    let attack = scene.attack();
    let least = u128::from(RUNWAY) * RATE;
    let id = scene.crook_takes(offer, least).unwrap();
    let lease = scene.world.lease_of(id * 8).unwrap();
    scene.pass(RUNWAY + RESUME_WINDOW);
    scene.world.end_lease(&provider, lease).unwrap();
    let ended = scene.world.lease(lease).unwrap().ended.unwrap();
    assert_eq!(ended.reason, EndReason::Unfunded);
    assert!(scene.world.penalties().unwrap().is_empty());
    assert_eq!(scene.world.left(offer).unwrap().0[0], 100);
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), i128::from(RUNWAY) * RATE as i128);
}

/// Crooked providers post all the offers that they may, at absurd prices, to bury an honest one and to make taking it dear. No more than
/// sixteen each are kept, a page of the listing costs its reader the same, and the honest offer is found and taken as before.
#[test]
fn offer_spam() {
    let mut scene = Scene::new();
    let first = scene.honest_offer(2);
    let (tenant, account) = (scene.tenant.clone(), Some(scene.account));
    let attack = scene.attack();
    let group = [(RATE, taking(first, RATE))];
    scene.world.meter.take();
    scene.world.take(&tenant, &group, 0, account).unwrap();
    let before = scene.world.meter.take();
    for crooked in scene.crooked.clone() {
        for _ in 0..MAX_OFFERS {
            let absurd = small_terms(&scene.world, u64::MAX / 100, 10_u128.pow(16));
            scene.world.post_offer(&crooked, absurd).unwrap();
        }
        let more = small_terms(&scene.world, 1, 1);
        scene.world.post_offer(&crooked, more).unwrap_err();
    }
    scene.world.meter.take();
    scene.world.take(&tenant, &group, 0, account).unwrap();
    let after = scene.world.meter.take();
    assert_eq!((before.reads, before.writes), (after.reads, after.writes));
    let last = scene.honest_offer(1);
    let query = |start_after| QueryMsg::Offers {
        denom: scene.world.rent_denom(),
        group: Some(small_group("wanted", RATE)),
        exit: None,
        start_after,
        limit: None,
    };
    let mut found = vec![];
    let mut next = None;
    for _ in 0..2 {
        let market = &scene.world.suite.market;
        let page: OffersResponse = scene.world.query(market, &query(next)).unwrap();
        found.extend(page.offers.into_iter().map(|offer| offer.id));
        next = page.next;
    }
    assert_eq!((found, next), (vec![first, last], None));
    attack.end(&scene.world).unwrap().at_most(0, 0);
}
