//! Update, close, transfer.

use cosmwasm_std::{coin, Binary};
use leasehold_api::deployment::{DeploymentsResponse, ExecuteMsg, GroupStatus, QueryMsg};
use leasehold_api::event::{DeploymentClosed, DeploymentTransferred, DeploymentUpdated};
use leasehold_api::{escrow, market, market::OrderStatus};
use leasehold_deployment::ContractError;

use crate::peers::{account, break_on, set_order};
use crate::setup::*;

const CLOSE: ExecuteMsg = ExecuteMsg::Close { deployment_id: 1 };

fn update(manifest_hash: Binary) -> ExecuteMsg {
    ExecuteMsg::Update {
        deployment_id: 1,
        manifest_hash,
    }
}

fn transfer(deployment_id: u64, new_owner: impl ToString) -> ExecuteMsg {
    ExecuteMsg::Transfer {
        deployment_id,
        new_owner: new_owner.to_string(),
    }
}

#[test]
fn an_update_changes_the_hash_and_no_lease() {
    let mut world = World::deployed();
    let calls = world.market_calls().len();
    let response = world.tenant(&update(hash(2))).unwrap();
    let updated: DeploymentUpdated = event(&response).unwrap();
    assert_eq!(updated.manifest_hash, "02".repeat(32));
    assert_eq!(world.deployment(1).manifest_hash, hash(2));
    assert_eq!(world.market_calls().len(), calls);
    let refused = refusal(world.tenant(&update(hash(2))));
    assert_eq!(refused, ContractError::SameHash { id: 1 });
    let refused = refusal(world.tenant(&update(Binary::from([2; 31]))));
    assert_eq!(refused, ContractError::HashLength { length: 31 });
}

#[test]
fn a_close_closes_every_group_for_good() {
    let mut world = World::deployed();
    let response = world.tenant(&CLOSE).unwrap();
    let closed: DeploymentClosed = event(&response).unwrap();
    assert_eq!(closed.deployment_id, 1);
    let orders: Vec<_> = world.market_calls()[2..].to_vec();
    let close = |order_id| {
        let msg = market::ExecuteMsg::CloseOrder { order_id };
        (format!("{msg:?}"), vec![])
    };
    assert_eq!(orders, [close(8), close(9)]);
    let deployment = world.deployment(1);
    assert!(deployment.closed);
    let all_closed = |status| status == GroupStatus::Closed;
    assert!(deployment.groups.iter().all(|g| all_closed(g.status)));
    let stranger = world.stranger.clone();
    for msg in [CLOSE, update(hash(2)), transfer(1, stranger)] {
        let refused = refusal(world.tenant(&msg));
        assert_eq!(refused, ContractError::Closed { id: 1 });
    }
}

#[test]
fn a_close_with_a_paused_group_closes_the_rest() {
    let mut world = World::deployed();
    let pause = ExecuteMsg::PauseGroup {
        deployment_id: 1,
        group: 0,
    };
    world.tenant(&pause).unwrap();
    world.tenant(&CLOSE).unwrap();
    assert!(world.deployment(1).closed);
}

#[test]
fn a_deployment_on_anothers_account_is_not_handed_over() {
    let mut world = World::deployed();
    let (tenant, stranger) = (world.tenant.clone(), world.stranger.clone());
    let escrow = world.suite.escrow.clone();
    let mut drawn = account(&world.app, &escrow, FIRST_ACCOUNT);
    drawn.owner = stranger.clone();
    world.set_account(FIRST_ACCOUNT, &drawn);
    let refused = refusal(world.tenant(&transfer(1, &stranger)));
    let expected = ContractError::NotYourAccount {
        account: FIRST_ACCOUNT,
        owner: stranger,
        sender: tenant,
    };
    assert_eq!(refused, expected);
}

#[test]
fn a_transfer_hands_over_deployment_and_account() {
    let mut world = World::deployed();
    let (tenant, stranger) = (world.tenant.clone(), world.stranger.clone());
    let response = world.tenant(&transfer(1, &stranger)).unwrap();
    let transferred: DeploymentTransferred = event(&response).unwrap();
    assert_eq!(transferred.owner, tenant);
    assert_eq!(transferred.new_owner, stranger);
    let told = escrow::ExecuteMsg::TransferAccount {
        account: FIRST_ACCOUNT,
        owner: tenant.to_string(),
        new_owner: stranger.to_string(),
    };
    assert_eq!(world.escrow_calls()[1], (format!("{told:?}"), vec![]));
    assert_eq!(
        account(&world.app, &world.suite.escrow, FIRST_ACCOUNT).owner,
        stranger
    );
    assert_eq!(world.deployment(1).owner, stranger);
    let of = |owner: &cosmwasm_std::Addr| {
        let msg = QueryMsg::Deployments {
            owner: Some(owner.to_string()),
            start_after: None,
            limit: None,
        };
        world.ask::<DeploymentsResponse>(&msg).unwrap().deployments
    };
    assert_eq!(of(&tenant), []);
    assert_eq!(of(&stranger).len(), 1);
    // The former owner has no say any more, the new one has.
    let refused = refusal(world.tenant(&CLOSE));
    let expected = ContractError::Unauthorized {
        sender: tenant,
        owner: stranger.clone(),
    };
    assert_eq!(refused, expected);
    world.send(&stranger, &CLOSE, &[]).unwrap();
}

#[test]
fn wrong_new_owners_are_refused() {
    let mut world = World::deployed();
    let tenant = world.tenant.clone();
    let refused = refusal(world.tenant(&transfer(1, &tenant)));
    let owner = tenant;
    assert_eq!(refused, ContractError::SameOwner { id: 1, owner });
    for malformed in ["", "tenant", "cosmos1abc"] {
        let refused = refusal(world.tenant(&transfer(1, malformed)));
        assert!(matches!(refused, ContractError::Std(_)));
    }
}

/// Else the new owner would pay for leases that stay the old owner's.
#[test]
fn an_account_that_pays_for_another_lease_is_not_handed_over() {
    let mut world = World::deployed();
    let (tenant, stranger) = (world.tenant.clone(), world.stranger.clone());
    let second = create(groups(), Some(FIRST_ACCOUNT));
    world.send(&tenant, &second, &[coin(5, "uakt")]).unwrap();
    let (market, escrow) = (world.suite.market.clone(), world.suite.escrow.clone());
    // Two leases of the second deployment.
    let mut paying = account(&world.app, &escrow, FIRST_ACCOUNT);
    paying.streams = 2;
    world.set_account(FIRST_ACCOUNT, &paying);
    for (order, lease) in [(16, 160_001), (17, 170_001)] {
        set_order(
            &mut world.app,
            &market,
            order,
            OrderStatus::Leased,
            Some(lease),
        );
    }
    let refused = refusal(world.tenant(&transfer(1, &stranger)));
    let expected = ContractError::AccountShared {
        account: FIRST_ACCOUNT,
        leases: 2,
    };
    assert_eq!(refused, expected);
    world.tenant(&transfer(2, &stranger)).unwrap();
    assert_eq!(world.deployment(2).owner, stranger);
}

#[test]
fn what_escrow_refuses_is_not_half_done() {
    let mut world = World::deployed();
    let (tenant, stranger) = (world.tenant.clone(), world.stranger.clone());
    let escrow = world.suite.escrow.clone();
    break_on(&mut world.app, &escrow, "TransferAccount");
    world.tenant(&transfer(1, &stranger)).unwrap_err();
    assert_eq!(world.deployment(1).owner, tenant);
}
