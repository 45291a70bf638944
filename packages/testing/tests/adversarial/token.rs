//! Rent and collateral in a token that its attacker controls.

use cosmwasm_std::Addr;
use leasehold_api::deployment::ExecuteMsg as DeploymentMsg;
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg as EscrowMsg};
use leasehold_api::provider::{Cw20HookMsg as BondHook, ExecuteMsg as ProviderMsg};
use leasehold_testing::world::World;

use crate::puppet::Puppet;
use crate::{Scene, DESCENDING, RATE};

/// A lease that is paid in a puppet's token, and what it hangs on.
pub struct PaidInToken {
    pub puppet: Puppet,
    pub account: u64,
    pub deployment: u64,
    pub lease: u64,
}

impl PaidInToken {
    /// Of `provider`, who trusts the token, for `tenant`.
    pub fn start(world: &mut World, puppet: Puppet, tenant: &Addr, provider: &Addr) -> Self {
        let suite = world.suite.clone();
        puppet.mint(world, tenant, 1_000_000);
        puppet.mint(world, provider, 1_000_000);
        let open = Cw20HookMsg::Open { owner: None };
        puppet
            .send(world, tenant, &suite.escrow, 1_000_000, &open)
            .unwrap();
        let allow = ProviderMsg::AllowToken {
            token: puppet.address.to_string(),
        };
        world.provider_call(provider, &allow).unwrap();
        puppet
            .send(
                world,
                provider,
                &suite.provider,
                1_000_000,
                &BondHook::Bond {},
            )
            .unwrap();
        let account = 2;
        let group = [(RATE, DESCENDING)];
        let deployment = world
            .create_in(tenant, &group, 0, Some(account), puppet.denom())
            .unwrap();
        let lease = world.win(provider, deployment * 8, RATE).unwrap();
        PaidInToken {
            puppet,
            account,
            deployment,
            lease,
        }
    }
}

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
    let paid = PaidInToken::start(&mut scene.world, puppet, &crook, &provider);
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
    let paid = PaidInToken::start(&mut scene.world, puppet, &tenant, &crooked);
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
