//! Groups that are paid ahead.

use cosmwasm_std::coin;
use leasehold_api::deployment::{ExecuteMsg, GroupRequest};
use leasehold_api::market::MAX_DURATION;
use leasehold_api::SCALE;
use leasehold_deployment::ContractError;

use crate::setup::*;

/// Two replicas at one whole unit a second each, for `seconds`.
fn job(seconds: u64) -> GroupRequest {
    GroupRequest {
        max_duration: Some(seconds),
        ..request("job", SCALE, None)
    }
}

#[test]
fn a_duration_reaches_the_market_and_has_bounds() {
    let mut world = world();
    let tenant = world.tenant.clone();
    for bad in [0, MAX_DURATION + 1, u64::MAX] {
        let msg = create(vec![job(bad)], None);
        let refused = refusal(world.send(&tenant, &msg, &[coin(1, "uakt")]));
        assert!(refused.to_string().contains("max_duration"), "{refused}");
    }
    let msg = create(vec![job(9)], None);
    world.send(&tenant, &msg, &[coin(18, "uakt")]).unwrap();
    assert!(world.market_calls()[0].0.contains("max_duration: Some(9)"));
    assert_eq!(world.deployment(1).groups[0].max_duration, Some(9));
    let pause = ExecuteMsg::PauseGroup {
        deployment_id: 1,
        group: 0,
    };
    world.tenant(&pause).unwrap();
    let start = ExecuteMsg::StartGroup {
        deployment_id: 1,
        group: 0,
    };
    world.tenant(&start).unwrap();
    assert_eq!(world.market_calls()[2], world.market_calls()[0]);
}

/// Who bids on a job can count on all of it being there, and who bids on the rest on the runway.
#[test]
fn a_job_needs_all_of_its_rent() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let beside = || create(vec![job(1_000), request("web", SCALE, None)], None);
    let needed = 2 * 1_000 + 2 * u128::from(RUNWAY);
    let refused = refusal(world.send(&tenant, &beside(), &[coin(needed - 1, "uakt")]));
    let ContractError::Underfunded { needed: said, .. } = refused else {
        panic!("{refused}");
    };
    assert_eq!(said.u128(), needed);
    world
        .send(&tenant, &beside(), &[coin(needed, "uakt")])
        .unwrap();
}

#[test]
fn rents_beyond_128_bits_are_refused() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let most = leasehold_rules::resources::MAX_RATE / 2;
    let groups = (0..8)
        .map(|i| GroupRequest {
            max_duration: Some(MAX_DURATION),
            ..request(&format!("job{i}"), most, None)
        })
        .collect();
    let refused = refusal(world.send(&tenant, &create(groups, None), &[coin(1, "uakt")]));
    assert!(
        matches!(refused, ContractError::Underfunded { .. }),
        "{refused}"
    );
}
