//! Rent and collateral in a token that its attacker controls.

use leasehold_api::deployment::ExecuteMsg as DeploymentMsg;
use leasehold_api::escrow::ExecuteMsg as EscrowMsg;
use leasehold_testing::puppet::{PaidInToken, Puppet};

use crate::{Scene, RATE};

/// A tenant pays in a token that it freezes. A collect of it fails alone or takes the batch that it is in along, changing nothing; the lease
/// closes all the same, and what was refused waits for the payee.
#[test]
fn collect_to_a_reverting_cw20() {
    let mut scene = Scene::new();
    let (_, honest) = scene.lease();
    let (crook, [_, provider, _]) = (scene.crook.clone(), scene.honest.clone());
    let mallory = scene.mallory.clone();
    let attack = scene.attack_on_tenant();
    let puppet = Puppet::new(&mut scene.world);
    let paid = PaidInToken::start(&mut scene.world, puppet, &crook, &provider, RATE).unwrap();
    scene.pass(10);
    paid.puppet.freeze(&mut scene.world, true);
    let world = &mut scene.world;
    world.collect(&provider, &[paid.lease]).unwrap_err();
    world.collect(&mallory, &[honest, paid.lease]).unwrap_err();
    world.collect(&mallory, &[honest]).unwrap();
    world.close(&crook, paid.deployment).unwrap();
    let claim = EscrowMsg::ClaimUnpaid {
        payee: provider.to_string(),
        denom: paid.puppet.denom(),
    };
    world.escrow_call(&mallory, &claim, 0).unwrap_err();
    paid.puppet.freeze(world, false);
    world.escrow_call(&mallory, &claim, 0).unwrap();
    assert_eq!(
        world.balance(&provider, &paid.puppet.denom()).u128(),
        10 * RATE
    );
    // The honest tenant has paid for the service of its own lease.
    let started = world.lease(honest).unwrap().started_at;
    let service = u128::from(world.now() - started) * RATE;
    attack.end(&scene.world).unwrap().at_most(0, service);
}

/// A provider's token refuses to pay the parts of its slash, to keep its bond or its lease. The fail-over goes on and the parts are the
/// insurance's.
#[test]
fn slash_in_a_reverting_cw20() {
    let mut scene = Scene::new();
    let (tenant, [crooked, _]) = (scene.tenant.clone(), scene.crooked.clone());
    let attack = scene.attack();
    let puppet = Puppet::new(&mut scene.world);
    let paid = PaidInToken::start(&mut scene.world, puppet, &tenant, &crooked, RATE).unwrap();
    scene.pass(30);
    paid.puppet.freeze(&mut scene.world, true);
    scene.world.failover(&tenant, paid.lease).unwrap();
    scene.pass(10);
    scene.world.slash_all(&tenant).unwrap();
    let close = DeploymentMsg::Close {
        deployment_id: paid.deployment,
    };
    scene.world.deployment_call(&tenant, &close, 0).unwrap();
    paid.puppet.freeze(&mut scene.world, false);
    scene.world.withdraw_all(&tenant, paid.account).unwrap();
    let held = scene.world.balance(&tenant, &paid.puppet.denom()).u128();
    assert_eq!(held, 1_000_000 - 10 * RATE);
    attack.end(&scene.world).unwrap().at_most(0, 0);
}
