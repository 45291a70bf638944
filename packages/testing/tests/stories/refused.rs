//! What is refused changes nothing.

use super::*;

/// Bad input is refused as a whole: nothing is half-applied, nothing is lost.
#[test]
fn huge_messages_change_nothing() {
    let mut world = world();
    registered(&mut world, 1);
    let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
    let huge = "x".repeat(129 * 1024);
    let mut spec = leasehold_testing::verbs::small_group(&huge, 10);
    let request = |spec: leasehold_api::GroupSpec| DeploymentMsg::Create {
        groups: vec![spec.into()],
        manifest_hash: vec![1; 32].into(),
        denom: Denom::Native(RENT.into()),
        account: None,
    };
    world
        .deployment_call(&tenant, &request(spec.clone()), 1_000)
        .unwrap_err();
    spec.name = "web".into();
    spec.requirements.attributes = vec![Attribute {
        key: "region".into(),
        value: huge.clone(),
    }];
    world
        .deployment_call(&tenant, &request(spec), 1_000)
        .unwrap_err();
    let mut contact = leasehold_testing::verbs::contact();
    contact.gateway = format!("https://{huge}");
    let update = ProviderMsg::Update {
        contact: Some(contact),
        capability: None,
    };
    world.provider_call(&provider, &update).unwrap_err();
    let transfer = DeploymentMsg::Transfer {
        deployment_id: 1,
        new_owner: huge,
    };
    world.deployment_call(&tenant, &transfer, 0).unwrap_err();
    assert_eq!(world.balance(&tenant, &world.rent_denom()).u128(), FORTUNE);
    world.check();
}

#[test]
fn a_malformed_bid_changes_nothing() {
    let mut world = world();
    registered(&mut world, 2);
    let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
    let id = world
        .create(&tenant, &[(10, DESCENDING)], 1_000, None)
        .unwrap();
    let order_id = id * 8;
    for rate in [0, 11 * leasehold_api::SCALE, u128::MAX] {
        let bid = MarketMsg::Bid {
            order_id,
            rate: rate.into(),
        };
        world.market_call(&provider, &bid).unwrap_err();
    }
    world.bid(&tenant, order_id, 5).unwrap_err();
    world.bid(&world.stranger.clone(), order_id, 5).unwrap_err();
    world.bid(&provider, order_id + 1, 5).unwrap_err();
    assert!(world.order(order_id).unwrap().best.is_none());
    world.check();
}
