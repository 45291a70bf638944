//! Attacks on the change of a lease: what one side agreed to is what happens, and nobody else's lease pays for it.

use cosmwasm_std::Uint128;
use leasehold_api::escrow::Limits;
use leasehold_testing::verbs::{rate, small_group};

use crate::{Scene, COLLATERAL, RATE};

const RUNWAY: u64 = 30;

/// A crooked tenant proposes a good price and, while the provider's acceptance is on its way, a bad one in the same block. The acceptance
/// names what the provider read, and fails.
#[test]
fn proposal_swapped_in_the_same_block() {
    let mut scene = Scene::new();
    let (crook, [provider, ..]) = (scene.crook.clone(), scene.honest.clone());
    let account = scene.world.open_account(&crook, 50_000).unwrap();
    let (id, lease) = scene.world.rent(&crook, account, &provider, RATE).unwrap();
    let attack = scene.attack();
    let better = Some(small_group("group0", 3 * RATE));
    let proposed = scene.world.propose(&crook, id, 0, 2 * RATE, better);
    proposed.unwrap();
    let read = scene.world.proposed(id, 0).unwrap();
    scene.world.propose(&crook, id, 0, 1, None).unwrap();
    let accepted = scene.world.accept_change(&provider, id, 0, read);
    accepted.unwrap_err();
    assert_eq!(scene.world.lease(lease).unwrap().rate, rate(RATE));
    scene.pass(100);
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A provider takes up an offer that was good for a while, when it no longer is.
#[test]
fn accept_after_expiry() {
    let mut scene = Scene::new();
    let ([crooked, _], tenant) = (scene.crooked.clone(), scene.tenant.clone());
    let rented = scene.world.rent(&tenant, scene.account, &crooked, RATE);
    let (id, lease) = rented.unwrap();
    let better = Some(small_group("group0", 9 * RATE));
    scene
        .world
        .propose(&tenant, id, 0, 9 * RATE, better)
        .unwrap();
    let read = scene.world.proposed(id, 0).unwrap();
    scene
        .world
        .pass_alive(100, std::slice::from_ref(&crooked))
        .unwrap();
    let attack = scene.attack();
    let accepted = scene.world.accept_change(&crooked, id, 0, read);
    accepted.unwrap_err();
    assert_eq!(scene.world.lease(lease).unwrap().rate, rate(RATE));
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A provider accepts what was proposed to another, to get its lease or its price.
#[test]
fn accept_by_another_provider() {
    let mut scene = Scene::new();
    let ([crooked, _], tenant) = (scene.crooked.clone(), scene.tenant.clone());
    let (id, lease) = scene.lease();
    scene.world.propose(&tenant, id, 0, RATE - 1, None).unwrap();
    let read = scene.world.proposed(id, 0).unwrap();
    let attack = scene.attack();
    let mallory = scene.mallory.clone();
    for thief in [&crooked, &mallory, &tenant] {
        scene.world.heartbeat(&crooked).unwrap();
        let accepted = scene.world.accept_change(thief, id, 0, read);
        accepted.unwrap_err();
    }
    assert_eq!(scene.world.lease(lease).unwrap().rate, rate(RATE));
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A tenant raises the price of a lease with its accomplice until nothing is left for an honest provider on the same account. The account
/// keeps the runway of all its leases, and both are paid to the same second.
#[test]
fn reprice_that_starves_another_lease() {
    let mut scene = Scene::new();
    let (crook, [honest, ..]) = (scene.crook.clone(), scene.honest.clone());
    let [crooked, _] = scene.crooked.clone();
    let account = scene.world.open_account(&crook, 30_000).unwrap();
    scene.world.rent(&crook, account, &honest, RATE).unwrap();
    let (id, _) = scene.world.rent(&crook, account, &crooked, RATE).unwrap();
    scene.pass(1);
    let attack = scene.attack();
    let balance = scene.world.account(account).unwrap().withdrawable.u128();
    let most = (balance + 2 * RATE * u128::from(RUNWAY)) / u128::from(RUNWAY) - RATE;
    for (units, fits) in [(most + 1, false), (most, true)] {
        let spec = Some(small_group("group0", units));
        scene.world.propose(&crook, id, 0, units, spec).unwrap();
        let read = scene.world.proposed(id, 0).unwrap();
        scene.world.heartbeat(&crooked).unwrap();
        let accepted = scene.world.accept_change(&crooked, id, 0, read);
        assert_eq!(accepted.is_ok(), fits, "{units}: {accepted:?}");
    }
    // As long as the runway the honest one earns as ever; then it stops serving.
    let before = scene.world.wealth(&[&honest]).unwrap();
    scene.pass(RUNWAY);
    let after = scene.world.wealth(&[&honest]).unwrap();
    let rent = scene.world.rent_denom();
    let earned = after[&rent] - before[&rent];
    assert_eq!(
        earned,
        (RATE * u128::from(RUNWAY)) as i128 * 10_i128.pow(12)
    );
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// The tenant lets its account run down to less than the runway and buys more with what it has not.
#[test]
fn reprice_to_drain_the_account_below_its_runway() {
    let mut scene = Scene::new();
    let (crook, [honest, ..]) = (scene.crook.clone(), scene.honest.clone());
    let account = scene.world.open_account(&crook, 5_000).unwrap();
    let (id, lease) = scene.world.rent(&crook, account, &honest, RATE).unwrap();
    scene.world.withdraw_all(&crook, account).unwrap();
    scene.pass(1);
    let attack = scene.attack();
    // Not even the present price again: no change leaves an account below the runway.
    for units in [RATE, 100 * RATE] {
        let spec = Some(small_group("group0", units));
        scene.world.propose(&crook, id, 0, units, spec).unwrap();
        let read = scene.world.proposed(id, 0).unwrap();
        let accepted = scene.world.accept_change(&honest, id, 0, read);
        accepted.unwrap_err();
    }
    assert_eq!(scene.world.lease(lease).unwrap().rate, rate(RATE));
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A spender that is allowed a rate agrees on ten times as much with its accomplice.
#[test]
fn reprice_beyond_an_allowance() {
    let mut scene = Scene::new();
    let (tenant, spender) = (scene.tenant.clone(), scene.crook.clone());
    let [crooked, _] = scene.crooked.clone();
    let limits = Limits {
        max_rate: rate(2 * RATE),
        max_total: Uint128::new(50_000),
        expires: None,
        refill: None,
    };
    let drawn = scene.world.allow(&tenant, scene.account, &spender, limits);
    let drawn = drawn.unwrap();
    scene.world.draw(&spender, drawn, 50_000).unwrap();
    let rented = scene.world.rent(&spender, drawn, &crooked, RATE);
    let (id, lease) = rented.unwrap();
    for (units, fits) in [(2 * RATE + 1, false), (2 * RATE, true)] {
        let spec = Some(small_group("group0", units));
        scene.world.propose(&spender, id, 0, units, spec).unwrap();
        let read = scene.world.proposed(id, 0).unwrap();
        scene.world.heartbeat(&crooked).unwrap();
        let accepted = scene.world.accept_change(&crooked, id, 0, read);
        assert_eq!(accepted.is_ok(), fits, "{units}: {accepted:?}");
    }
    assert_eq!(scene.world.lease(lease).unwrap().rate, rate(2 * RATE));
    scene.world.check();
}

/// A seller proposes ten times the price to its accomplice and hands the deployment over; the buyer would pay it.
#[test]
fn proposal_left_behind_by_the_former_owner() {
    let mut scene = Scene::new();
    let (crook, buyer) = (scene.crook.clone(), scene.tenant.clone());
    let [crooked, _] = scene.crooked.clone();
    let account = scene.world.open_account(&crook, 50_000).unwrap();
    let (id, lease) = scene.world.rent(&crook, account, &crooked, RATE).unwrap();
    let spec = Some(small_group("group0", 10 * RATE));
    scene.world.propose(&crook, id, 0, 10 * RATE, spec).unwrap();
    let read = scene.world.proposed(id, 0).unwrap();
    scene.world.transfer(&crook, id, &buyer).unwrap();
    let attack = scene.attack();
    scene.world.heartbeat(&crooked).unwrap();
    let accepted = scene.world.accept_change(&crooked, id, 0, read);
    accepted.unwrap_err();
    assert_eq!(scene.world.lease(lease).unwrap().rate, rate(RATE));
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A provider takes on more than its collateral stands for.
#[test]
fn growth_without_collateral() {
    let mut scene = Scene::new();
    let (tenant, account) = (scene.tenant.clone(), scene.account);
    let [crooked, _] = scene.crooked.clone();
    let (id, lease) = scene.world.rent(&tenant, account, &crooked, RATE).unwrap();
    let bond = scene.world.lease(lease).unwrap().bond.u128();
    scene.world.unbond(&crooked, COLLATERAL - bond).unwrap();
    let attack = scene.attack();
    let spec = Some(small_group("group0", 2 * RATE));
    for (units, fits) in [(RATE + 1, false), (RATE, true)] {
        let proposed = scene.world.propose(&tenant, id, 0, units, spec.clone());
        proposed.unwrap();
        let read = scene.world.proposed(id, 0).unwrap();
        scene.world.heartbeat(&crooked).unwrap();
        let accepted = scene.world.accept_change(&crooked, id, 0, read);
        assert_eq!(accepted.is_ok(), fits, "{units}: {accepted:?}");
    }
    attack.end(&scene.world).unwrap().at_most(0, 0);
}
