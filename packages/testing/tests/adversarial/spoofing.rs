//! Pretending to be what one is not: another contract's storage, a peer, another denom, a token that was sent.

use cosmwasm_std::{coin, to_json_binary, Addr, Uint128};
use cw20::Cw20ReceiveMsg;
use cw_storage_plus::Item;
use leasehold_api::deployment::{Deployment, ExecuteMsg as DeploymentMsg, DEPLOYMENTS};
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg as EscrowMsg, ACCOUNTS, STREAMS};
use leasehold_api::market::{ExecuteMsg as MarketMsg, LEASES, ORDERS};
use leasehold_api::provider::{
    Cw20HookMsg as BondHook, ExecuteMsg as ProviderMsg, CAPABILITY, HOT,
};
use leasehold_api::Denom;
use leasehold_testing::verbs::{rate, small_group};

use crate::{Scene, DESCENDING, RATE};
use leasehold_testing::puppet::Puppet;

/// A contract publishes records under the keys that the suite reads from its own contracts: a rich account, a live provider with collateral, a
/// lease, a stream. Nobody reads them: contracts look at the five addresses that they were born with, whoever asks.
#[test]
fn raw_key_spoofing() {
    let mut scene = Scene::new();
    let (deployment, lease) = scene.lease();
    let order = deployment * 8;
    let attack = scene.attack();
    let puppet = Puppet::new(&mut scene.world);
    let itself = puppet.address.clone();
    copy_records(&mut scene, &puppet, (deployment, order, lease));

    let create = DeploymentMsg::Create {
        groups: vec![small_group("web", RATE).into()],
        manifest_hash: vec![1; 32].into(),
        denom: scene.world.rent_denom(),
        account: Some(scene.account),
    };
    let suite = scene.world.suite.clone();
    let world = &mut scene.world;
    puppet.run(world, &suite.deployment, &create).unwrap_err();
    let open = world.create(&scene.tenant, &[(RATE, DESCENDING)], 0, Some(scene.account));
    let open = open.unwrap() * 8;
    let rate = rate(RATE);
    let bid = MarketMsg::Bid {
        order_id: open,
        rate,
    };
    puppet.run(world, &suite.market, &bid).unwrap_err();
    let steal = [
        EscrowMsg::Withdraw {
            account: scene.account,
            amount: Some(Uint128::new(1_000)),
        },
        EscrowMsg::CloseStream { stream: lease },
        EscrowMsg::OpenStream {
            stream: 1,
            account: scene.account,
            tenant: scene.tenant.to_string(),
            payee: itself.to_string(),
            rate,
            until: None,
        },
    ];
    for msg in &steal {
        puppet.run(world, &suite.escrow, msg).unwrap_err();
    }
    let end = MarketMsg::EndLease { lease_id: lease };
    puppet.run(world, &suite.market, &end).unwrap_err();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// The records of the honest lease, in the puppet's own storage and in its own favour.
fn copy_records(scene: &mut Scene, puppet: &Puppet, ids: (u64, u64, u64)) {
    let (deployment, order, lease) = ids;
    let itself = &puppet.address;
    let [provider, ..] = scene.honest.clone();
    let world = &mut scene.world;
    let mut account = ACCOUNTS
        .load(&*world.storage(|s| &s.escrow), scene.account)
        .unwrap();
    account.owner = itself.clone();
    let mut stream = STREAMS.load(&*world.storage(|s| &s.escrow), lease).unwrap();
    stream.payee = itself.clone();
    let mut agreed = LEASES.load(&*world.storage(|s| &s.market), lease).unwrap();
    agreed.provider = itself.clone();
    let copied: Deployment = DEPLOYMENTS
        .load(&*world.storage(|s| &s.deployment), deployment)
        .unwrap();
    let owned = Deployment {
        owner: itself.clone(),
        ..copied
    };
    let record = ORDERS.load(&*world.storage(|s| &s.market), order).unwrap();
    let hot = HOT
        .load(&*world.storage(|s| &s.provider), &provider)
        .unwrap();
    let capability = CAPABILITY
        .load(&*world.storage(|s| &s.provider), &provider)
        .unwrap();
    puppet.publish(world, ACCOUNTS.key(scene.account).to_vec(), &account);
    puppet.publish(world, STREAMS.key(lease).to_vec(), &stream);
    puppet.publish(world, LEASES.key(lease).to_vec(), &agreed);
    puppet.publish(world, DEPLOYMENTS.key(deployment).to_vec(), &owned);
    puppet.publish(world, ORDERS.key(order).to_vec(), &record);
    puppet.publish(world, HOT.key(itself).to_vec(), &hot);
    puppet.publish(world, CAPABILITY.key(itself).to_vec(), &capability);
    for config in ["c", "suite"] {
        let peers = Item::<Vec<Addr>>::new(config);
        puppet.publish(world, peers.as_slice().to_vec(), &vec![itself.clone(); 5]);
    }
}

/// A bank coin that is named like a token's address, as rent and as collateral. It is another denom wherever it is used.
#[test]
fn look_alike_denoms() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let (crook, [crooked, _]) = (scene.crook.clone(), scene.crooked.clone());
    let token = scene.world.token.clone();
    let name = token.to_string();
    let suite = scene.world.suite.clone();
    let world = &mut scene.world;
    world.mint(&crook, coin(1_000_000, &name)).unwrap();
    world.mint(&crooked, coin(1_000_000, &name)).unwrap();

    let bond = ProviderMsg::Bond {};
    let coins = [coin(1_000_000, &name)];
    world
        .execute(&crooked, &suite.provider, &bond, &coins)
        .unwrap();
    let open = Cw20HookMsg::Open { owner: None };
    let tenant = scene.tenant.clone();
    world
        .send_token(&tenant, &suite.escrow, 10_000, &open)
        .unwrap();
    let denom = world.token_denom();
    let group = [(RATE, DESCENDING)];
    let honest = world.create_in(&tenant, &group, 0, Some(2), denom.clone());
    world.bid(&crooked, honest.unwrap() * 8, RATE).unwrap_err();

    let open = EscrowMsg::Open {
        owner: None,
        denom: Denom::Native(name),
    };
    world.execute(&crook, &suite.escrow, &open, &coins).unwrap();
    world
        .create_in(&crook, &group, 0, Some(3), denom)
        .unwrap_err();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A contract tells escrow and the registry that tokens were sent which were not. A token is believed about itself alone, and by the registry
/// only for a provider that has allowed it.
#[test]
fn fake_transfers() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let puppet = Puppet::new(&mut scene.world);
    let suite = scene.world.suite.clone();
    let (tenant, [provider, ..]) = (scene.tenant.clone(), scene.honest.clone());
    let world = &mut scene.world;
    let open = Cw20HookMsg::Open { owner: None };
    world
        .send_token(&tenant, &suite.escrow, 1_000, &open)
        .unwrap();
    let sent = |sender: &Addr, hook: cosmwasm_std::Binary| Cw20ReceiveMsg {
        sender: sender.to_string(),
        amount: Uint128::new(1_000_000),
        msg: hook,
    };
    for account in [scene.account, scene.account + 1] {
        let hook = to_json_binary(&Cw20HookMsg::Deposit { account }).unwrap();
        let lie = EscrowMsg::Receive(sent(&tenant, hook));
        puppet.run(world, &suite.escrow, &lie).unwrap_err();
    }
    let hook = to_json_binary(&BondHook::Bond {}).unwrap();
    let lie = ProviderMsg::Receive(sent(&provider, hook));
    puppet.run(world, &suite.provider, &lie).unwrap_err();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}
