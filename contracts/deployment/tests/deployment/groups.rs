//! Pausing and starting a group.

use leasehold_api::deployment::{ExecuteMsg, GroupStatus};
use leasehold_api::event::{GroupPaused, GroupStarted};
use leasehold_api::market::{self, OrderStatus};
use leasehold_deployment::ContractError;

use crate::peers::set_order;
use crate::setup::*;

fn pause(deployment_id: u64, group: u32) -> ExecuteMsg {
    ExecuteMsg::PauseGroup {
        deployment_id,
        group,
    }
}

fn start(deployment_id: u64, group: u32) -> ExecuteMsg {
    ExecuteMsg::StartGroup {
        deployment_id,
        group,
    }
}

#[test]
fn a_group_pauses_and_starts_as_it_was_ordered() {
    let mut world = World::deployed();
    let opened = world.market_calls()[1].clone();
    let response = world.tenant(&pause(1, 1)).unwrap();
    let paused: GroupPaused = event(&response).unwrap();
    assert_eq!((paused.deployment_id, paused.group), (1, 1));
    let close = market::ExecuteMsg::CloseOrder { order_id: 9 };
    assert_eq!(world.market_calls()[2].0, format!("{close:?}"));
    assert_eq!(world.deployment(1).groups[1].status, GroupStatus::Paused);
    assert_eq!(world.deployment(1).groups[0].status, GroupStatus::Open);

    let response = world.tenant(&start(1, 1)).unwrap();
    let started: GroupStarted = event(&response).unwrap();
    assert_eq!((started.deployment_id, started.group), (1, 1));
    assert_eq!(world.market_calls()[3], opened);
    assert_eq!(world.deployment(1).groups[1].status, GroupStatus::Open);
}

#[test]
fn a_leased_group_pauses_but_does_not_start() {
    let mut world = World::deployed();
    let market = world.suite.market.clone();
    set_order(&mut world.app, &market, 8, OrderStatus::Leased, Some(3));
    let refused = refusal(world.tenant(&start(1, 0)));
    assert_eq!(refused, ContractError::GroupRunning { id: 1, group: 0 });
    world.tenant(&pause(1, 0)).unwrap();
}

#[test]
fn what_is_so_already_is_refused() {
    let mut world = World::deployed();
    let refused = refusal(world.tenant(&start(1, 0)));
    assert_eq!(refused, ContractError::GroupRunning { id: 1, group: 0 });
    world.tenant(&pause(1, 0)).unwrap();
    let refused = refusal(world.tenant(&pause(1, 0)));
    assert_eq!(refused, ContractError::GroupPaused { id: 1, group: 0 });
}

#[test]
fn unknown_groups_and_deployments_are_refused() {
    let mut world = World::deployed();
    for msg in [pause(1, 2), start(1, 2), pause(1, u32::MAX)] {
        let refused = refusal(world.tenant(&msg));
        assert!(matches!(
            refused,
            ContractError::NoSuchGroup { last: 1, .. }
        ));
    }
    for msg in [pause(2, 0), start(2, 0), pause(0, 0)] {
        let refused = refusal(world.tenant(&msg));
        assert!(matches!(refused, ContractError::NoSuchDeployment { .. }));
    }
}

#[test]
fn nothing_starts_after_the_close() {
    let mut world = World::deployed();
    world
        .tenant(&ExecuteMsg::Close { deployment_id: 1 })
        .unwrap();
    for msg in [pause(1, 0), start(1, 0)] {
        let refused = refusal(world.tenant(&msg));
        assert_eq!(refused, ContractError::Closed { id: 1 });
    }
}
