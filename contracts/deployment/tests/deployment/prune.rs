//! Removing a deployment that is closed, when its orders are gone.

use cosmwasm_std::Order as Direction;
use leasehold_api::deployment::{ExecuteMsg, CHANGES, DEPLOYMENTS, GROUPS};
use leasehold_api::event::DeploymentPruned;
use leasehold_api::market::OrderStatus;
use leasehold_deployment::ContractError;

use crate::peers::{prune_order, set_order};
use crate::setup::*;

const PRUNE: ExecuteMsg = ExecuteMsg::Prune { deployment_id: 1 };

#[test]
fn it_goes_with_all_that_belongs_to_it_and_its_id_is_not_used_again() {
    let mut world = World::deployed();
    let (market, stranger) = (world.suite.market.clone(), world.stranger.clone());
    set_order(
        &mut world.app,
        &market,
        8,
        OrderStatus::Leased,
        Some(80_001),
    );
    let propose = ExecuteMsg::ProposeChange {
        deployment_id: 1,
        group: 0,
        rate: 1_u128.into(),
        spec: None,
        manifest_hash: None,
        expires_at: START + 1_000,
    };
    world.tenant(&propose).unwrap();
    world
        .tenant(&ExecuteMsg::Close { deployment_id: 1 })
        .unwrap();
    for order in [8, 9] {
        let kept = ContractError::OrderKept { id: 1, order };
        assert_eq!(refusal(world.send(&stranger, &PRUNE, &[])), kept);
        prune_order(&mut world.app, &market, order);
    }
    let response = world.send(&stranger, &PRUNE, &[]).unwrap();
    let pruned: DeploymentPruned = event(&response).unwrap();
    assert_eq!(pruned.deployment_id, 1);
    {
        let storage = world.app.contract_storage(&world.address);
        let storage = storage.as_ref();
        assert!(!DEPLOYMENTS.has(storage, 1));
        assert!(!CHANGES.has(storage, (1, 0)));
        let mut groups = GROUPS.range(storage, None, None, Direction::Ascending);
        assert!(groups.next().is_none());
    }
    let gone = ContractError::NoSuchDeployment { id: 1 };
    assert_eq!(refusal(world.send(&stranger, &PRUNE, &[])), gone);
    let another = create(groups(), Some(FIRST_ACCOUNT));
    world.tenant(&another).unwrap();
    assert!(!world.deployment(2).closed);
}

#[test]
fn attack_pruning_an_open_deployment() {
    let mut world = World::deployed();
    let (market, stranger) = (world.suite.market.clone(), world.stranger.clone());
    for order in [8, 9] {
        prune_order(&mut world.app, &market, order);
    }
    let open = ContractError::StillOpen { id: 1 };
    assert_eq!(refusal(world.send(&stranger, &PRUNE, &[])), open);
}
