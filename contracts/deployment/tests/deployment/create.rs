//! From groups to orders in one message.

use cosmwasm_std::{coin, from_json, Binary, Uint128};
use leasehold_api::deployment::{deployment, group, ExecuteMsg, GroupRequest, GroupStatus};
use leasehold_api::event::DeploymentCreated;
use leasehold_api::market::{Exit, TakeOffer, Terms};
use leasehold_api::{escrow, market, AuctionMode, Denom, RuleError};
use leasehold_deployment::ContractError;
use leasehold_rules::resources::MAX_GROUPS;
use proptest::prelude::*;

use crate::peers::{account, break_on};
use crate::setup::*;

#[test]
fn one_message_opens_the_account_and_all_orders() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let msg = create(groups(), None);
    let response = world.send(&tenant, &msg, &[coin(500, "uakt")]).unwrap();
    assert_eq!(from_json::<u64>(response.data.clone().unwrap()).unwrap(), 1);
    let created: DeploymentCreated = event(&response).unwrap();
    let expected = DeploymentCreated {
        deployment_id: 1,
        owner: tenant.clone(),
        account: FIRST_ACCOUNT,
        groups: 2,
        manifest_hash: "01".repeat(32),
    };
    assert_eq!(created, expected);

    let open = escrow::ExecuteMsg::Open {
        owner: Some(tenant.to_string()),
        denom: uakt(),
    };
    let funds = vec![coin(500, "uakt")];
    assert_eq!(world.escrow_calls(), [(format!("{open:?}"), funds)]);
    let order = |order_id, mode: AuctionMode, rate: u128| market::ExecuteMsg::OpenOrder {
        order_id,
        account: FIRST_ACCOUNT,
        denom: uakt(),
        max_rate: Uint128::new(rate),
        terms: Terms::from(mode),
        offer: None,
    };
    let dutch = groups()[1].auction.unwrap();
    let first = order(8, AuctionMode::default(), 200);
    let second = order(9, dutch, 140);
    let calls = [
        (format!("{first:?}"), vec![]),
        (format!("{second:?}"), vec![]),
    ];
    assert_eq!(world.market_calls(), calls);
    // The predicted account is the one that escrow opened, and no money stays here.
    assert_eq!(
        account(&world.app, &world.suite.escrow, FIRST_ACCOUNT).owner,
        tenant
    );
    assert_eq!(world.purse(&world.address), 0);
    assert_eq!(world.purse(&world.suite.escrow), 500);

    let wrap = world.app.wrap();
    let stored = deployment(&wrap, &world.address, 1).unwrap();
    assert_eq!((stored.owner, stored.account), (tenant, FIRST_ACCOUNT));
    let modes: Vec<_> = stored.terms.iter().map(|terms| terms.auction).collect();
    assert_eq!(modes, [AuctionMode::default(), dutch]);
    assert_eq!(stored.created_at, START);
    assert_eq!(
        group(&wrap, &world.address, 1, 1).unwrap(),
        groups()[1].spec
    );
    assert_eq!(world.deployment(1).groups[0].status, GroupStatus::Open);
}

#[test]
fn ids_count_up_and_so_do_orders() {
    let mut world = World::deployed();
    let tenant = world.tenant.clone();
    let msg = create(vec![request("db", 1, None)], None);
    world.send(&tenant, &msg, &[coin(1, "uakt")]).unwrap();
    let second = world.deployment(2);
    assert_eq!(second.groups[0].order_id, 16);
    assert_eq!(second.account, FIRST_ACCOUNT + 1);
}

#[test]
fn an_account_of_the_senders_is_drawn_on() {
    let mut world = world();
    let tenant = world.tenant.clone();
    world.account(7, &tenant, uakt());
    world.tenant(&create(groups(), Some(7))).unwrap();
    assert_eq!(world.escrow_calls(), []);
    assert_eq!(world.deployment(1).account, 7);

    let deposit = escrow::ExecuteMsg::Deposit { account: 7 };
    let funds = vec![coin(30, "uakt")];
    world
        .send(&tenant, &create(groups(), Some(7)), &funds)
        .unwrap();
    assert_eq!(world.escrow_calls(), [(format!("{deposit:?}"), funds)]);
    assert_eq!(world.purse(&world.address), 0);
}

#[test]
fn a_cw20_account_is_drawn_on_without_coins() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let denom = Denom::Cw20(world.stranger.to_string());
    world.account(7, &tenant, denom.clone());
    let with = |account| ExecuteMsg::Create {
        groups: groups(),
        manifest_hash: hash(1),
        denom: denom.clone(),
        account,
    };
    world.tenant(&with(Some(7))).unwrap();
    let refused = refusal(world.send(&tenant, &with(Some(7)), &[coin(1, "uakt")]));
    assert!(matches!(refused, ContractError::WrongFunds { .. }));
    let refused = refusal(world.tenant(&with(None)));
    let denom = denom.to_string();
    assert_eq!(refused, ContractError::AccountRequired { denom });
}

#[test]
fn wrong_accounts_are_refused() {
    let mut world = world();
    let (tenant, stranger) = (world.tenant.clone(), world.stranger.clone());
    world.account(7, &stranger, uakt());
    world.account(8, &tenant, Denom::Native("uatom".into()));
    let refused = refusal(world.tenant(&create(groups(), Some(6))));
    assert_eq!(refused, ContractError::NoSuchAccount { account: 6 });
    let refused = refusal(world.tenant(&create(groups(), Some(7))));
    let expected = RuleError::WrongParty {
        who: tenant.to_string(),
        action: "spend from the account",
        allowed: format!("account 7 belongs to {stranger}"),
    };
    assert_eq!(refused, expected.into());
    let refused = refusal(world.tenant(&create(groups(), Some(8))));
    let expected = ContractError::WrongDenom {
        account: 8,
        held: "uatom".into(),
        denom: "uakt".into(),
    };
    assert_eq!(refused, expected);
}

#[test]
fn wrong_funds_are_refused() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let refused = refusal(world.tenant(&create(groups(), None)));
    let denom = "uakt".to_string();
    assert_eq!(refused, ContractError::NoFunds { denom });
    for funds in [
        vec![coin(1, "uatom")],
        vec![coin(1, "uakt"), coin(1, "uatom")],
    ] {
        let refused = refusal(world.send(&tenant, &create(groups(), None), &funds));
        assert!(
            matches!(refused, ContractError::WrongFunds { .. }),
            "{refused}"
        );
    }
    let unknown = ExecuteMsg::Create {
        groups: groups(),
        manifest_hash: hash(1),
        denom: Denom::Native("unknown".into()),
        account: None,
    };
    let refused = refusal(world.send(&tenant, &unknown, &[coin(1, "uakt")]));
    let expected = ContractError::WrongFunds {
        sent: "1uakt".into(),
        denom: "unknown".into(),
    };
    assert_eq!(refused, expected);
    assert_eq!(world.purse(&tenant), RICHES);
}

/// A bank delivers no zero coin; the contract does not rely on it.
#[test]
fn a_zero_coin_is_no_deposit() {
    use cosmwasm_std::testing::{message_info, mock_dependencies, mock_env};
    use leasehold_deployment::contract::{execute, instantiate};
    let mut deps = mock_dependencies();
    let world = world();
    let peer = |address: &cosmwasm_std::Addr| address.to_string();
    let suite = leasehold_api::Suite {
        deployment: peer(&world.suite.deployment),
        market: peer(&world.suite.market),
        escrow: peer(&world.suite.escrow),
        provider: peer(&world.suite.provider),
        governance: peer(&world.suite.governance),
    };
    let begin = leasehold_api::deployment::InstantiateMsg { suite };
    let tenant = |funds: &[_]| message_info(&world.tenant, funds);
    instantiate(deps.as_mut(), mock_env(), tenant(&[]), begin).unwrap();
    let zero = tenant(&[coin(0, "uakt")]);
    let refused = execute(deps.as_mut(), mock_env(), zero, create(groups(), None)).unwrap_err();
    assert!(matches!(refused, ContractError::WrongFunds { .. }));
}

#[test]
fn wrong_groups_are_refused() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let many = |count: usize| {
        (0..count)
            .map(|i| request(&format!("g{i}"), 1, None))
            .collect::<Vec<_>>()
    };
    let cases = [
        (many(0), "groups is 0"),
        (many(MAX_GROUPS + 1), "groups is 9"),
        (
            vec![request("a", 1, None), request("a", 2, None)],
            "each name once",
        ),
        (vec![request("a", 0, None)], "rate of the group is 0"),
        (vec![request("a", u128::MAX, None)], "overflows"),
        (vec![request("", 1, None)], "group name"),
    ];
    for (groups, reason) in cases {
        let refused = refusal(world.send(&tenant, &create(groups, None), &[coin(1, "uakt")]));
        let text = refused.to_string();
        assert!(matches!(refused, ContractError::Rule(_)), "{text}");
        assert!(text.contains(reason), "{text}");
    }
    let eight = create(many(MAX_GROUPS), None);
    world.send(&tenant, &eight, &[coin(1, "uakt")]).unwrap();
    assert_eq!(world.market_calls().len(), 8);
}

#[test]
fn terms_of_leaving_reach_the_market_and_have_bounds() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let with = |exit| GroupRequest {
        exit: Some(exit),
        ..request("web", 1, None)
    };
    let month = 2_592_000;
    let exit = |notice, compensation_bps| Exit {
        notice,
        compensation_bps,
    };
    for (bad, reason) in [
        (exit(month + 1, 0), "notice"),
        (exit(0, 10_001), "compensation"),
    ] {
        let msg = create(vec![with(bad)], None);
        let refused = refusal(world.send(&tenant, &msg, &[coin(1, "uakt")]));
        assert!(refused.to_string().contains(reason), "{refused}");
    }
    let most = exit(month, 10_000);
    let msg = create(vec![with(most)], None);
    world.send(&tenant, &msg, &[coin(1, "uakt")]).unwrap();
    assert_eq!(world.deployment(1).groups[0].exit, Some(most));
    assert!(world.market_calls()[0].0.contains(&format!("{most:?}")));
}

#[test]
fn offers_reach_the_market_group_by_group_and_are_taken_once() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let offer = TakeOffer {
        offer_id: 5,
        max_rate: Some(Uint128::new(9)),
    };
    let taking = GroupRequest {
        offer: Some(offer),
        ..request("web", 1, None)
    };
    let msg = create(vec![request("db", 1, None), taking], None);
    world.send(&tenant, &msg, &[coin(1, "uakt")]).unwrap();
    let named = |world: &World| -> Vec<bool> {
        let calls = world.market_calls();
        let text = format!("offer: Some({offer:?})");
        calls.iter().map(|(call, _)| call.contains(&text)).collect()
    };
    assert_eq!(named(&world), [false, true]);

    let group = ExecuteMsg::PauseGroup {
        deployment_id: 1,
        group: 1,
    };
    world.tenant(&group).unwrap();
    let group = ExecuteMsg::StartGroup {
        deployment_id: 1,
        group: 1,
    };
    world.tenant(&group).unwrap();
    assert_eq!(named(&world), [false, true, false, false]);
}

/// Nothing of a creation stays when its offer is refused, the coins included.
#[test]
fn an_offer_that_is_refused_undoes_the_creation() {
    let mut world = world();
    let tenant = world.tenant.clone();
    break_on(&mut world.app, &world.suite.market, "offer_id: 5");
    let offer = TakeOffer {
        offer_id: 5,
        max_rate: None,
    };
    let taking = GroupRequest {
        offer: Some(offer),
        ..request("web", 1, None)
    };
    let before = world.purse(&tenant);
    let msg = create(vec![taking], None);
    assert!(world.send(&tenant, &msg, &[coin(1, "uakt")]).is_err());
    assert_eq!(world.purse(&tenant), before);
    assert!(deployment(&world.app.wrap(), &world.address, 1).is_err());
}

#[test]
fn auditors_are_addresses() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let stranger = world.stranger.to_string();
    for malformed in ["akash1xyz", "auditor", &stranger.to_uppercase()] {
        for all in [true, false] {
            let mut bad = request("web", 1, None);
            let list = vec![stranger.clone(), malformed.to_string()];
            let requirements = &mut bad.spec.requirements;
            *(if all {
                &mut requirements.all_of
            } else {
                &mut requirements.any_of
            }) = list;
            let msg = create(vec![bad], None);
            let refused = refusal(world.send(&tenant, &msg, &[coin(1, "uakt")]));
            let named =
                matches!(&refused, ContractError::Auditor { auditor, .. } if auditor == malformed);
            assert!(named, "{refused}");
        }
    }
    let mut good = request("web", 1, None);
    good.spec.requirements.all_of = vec![stranger.clone()];
    good.spec.requirements.any_of = vec![stranger];
    world
        .send(&tenant, &create(vec![good], None), &[coin(1, "uakt")])
        .unwrap();
}

#[test]
fn a_manifest_hash_has_32_bytes() {
    let mut world = world();
    let tenant = world.tenant.clone();
    for length in [0, 31, 33] {
        let msg = ExecuteMsg::Create {
            groups: groups(),
            manifest_hash: Binary::from(vec![1; length]),
            denom: uakt(),
            account: None,
        };
        let refused = refusal(world.send(&tenant, &msg, &[coin(1, "uakt")]));
        assert_eq!(refused, ContractError::HashLength { length });
    }
}

#[test]
fn a_failed_order_undoes_everything() {
    let mut world = world();
    let (tenant, market) = (world.tenant.clone(), world.suite.market.clone());
    break_on(&mut world.app, &market, "order_id: 9");
    let before = world.app.dump_wasm_raw(&world.address);
    let outcome = world.send(&tenant, &create(groups(), None), &[coin(500, "uakt")]);
    assert!(format!("{:?}", outcome.unwrap_err()).contains("broken"));
    assert_eq!(world.app.dump_wasm_raw(&world.address), before);
    assert_eq!(world.escrow_calls(), []);
    assert_eq!(world.market_calls(), []);
    assert_eq!(world.purse(&tenant), RICHES);
}

proptest! {
    #[test]
    fn order_ids_and_groups_map_one_to_one(id in 0..=u64::MAX / 8, index in 0..8_u32) {
        use leasehold_api::deployment::{group_of, order_id};
        let order = order_id(id, index);
        prop_assert_eq!(order.map(group_of), Some((id, index)));
    }
}
