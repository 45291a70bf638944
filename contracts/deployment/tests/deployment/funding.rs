//! What an account must hold before its groups go to market.

use cosmwasm_std::{coin, Uint128};
use leasehold_api::deployment::{ExecuteMsg, GroupRequest};
use leasehold_api::market::OrderStatus;
use leasehold_api::SCALE;
use leasehold_deployment::ContractError;
use leasehold_rules::stream::Account;
use leasehold_rules::RuleError;

use crate::peers::{account, set_order};
use crate::setup::*;

/// One group of two replicas at `units` whole units per second each.
fn dear(name: &str, units: u128) -> GroupRequest {
    request(name, units * SCALE, None)
}

fn underfunded(error: ContractError) -> (u128, u128, u128) {
    match error {
        ContractError::Underfunded {
            balance,
            sent,
            needed,
            runway: RUNWAY,
            ..
        } => (balance.u128(), sent.u128(), needed.u128()),
        other => panic!("{other}"),
    }
}

/// Who bids must be able to count on `min_runway` of pay, for all groups at once.
#[test]
fn all_groups_together_need_their_runway() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let two = || create(vec![dear("web", 1), dear("db", 2)], None);
    let short = [coin(6 * 600 - 1, "uakt")];
    let refused = refusal(world.send(&tenant, &two(), &short));
    assert_eq!(underfunded(refused), (0, 3_599, 3_600));
    world.send(&tenant, &two(), &[coin(3_600, "uakt")]).unwrap();
}

#[test]
fn what_the_account_holds_counts_with_what_is_sent() {
    let mut world = world();
    let tenant = world.tenant.clone();
    world.account(7, &tenant, uakt());
    let one = || create(vec![dear("web", 1)], Some(7));
    let refused = refusal(world.send(&tenant, &one(), &[coin(1_198, "uakt")]));
    assert_eq!(underfunded(refused), (1, 1_198, 1_200));
    world.send(&tenant, &one(), &[coin(1_199, "uakt")]).unwrap();
}

#[test]
fn the_account_is_settled_before_it_is_judged() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let mut paying = Account::new(tenant, uakt(), START - 101);
    paying.deposit(Uint128::new(1_300)).unwrap();
    paying.rate = Uint128::new(SCALE);
    world.set_account(7, &paying);
    let refused = refusal(world.tenant(&create(vec![dear("web", 1)], Some(7))));
    assert_eq!(underfunded(refused), (1_199, 0, 1_200));
}

#[test]
fn a_group_starts_again_only_with_its_runway_and_on_the_owners_account() {
    let mut world = World::deployed();
    let stranger = world.stranger.clone();
    let (market, escrow) = (world.suite.market.clone(), world.suite.escrow.clone());
    set_order(&mut world.app, &market, 8, OrderStatus::Closed, None);
    let start = ExecuteMsg::StartGroup {
        deployment_id: 1,
        group: 0,
    };
    let funded = account(&world.app, &escrow, FIRST_ACCOUNT);
    let mut empty = funded.clone();
    empty.balance = Uint128::zero();
    world.set_account(FIRST_ACCOUNT, &empty);
    let refused = refusal(world.tenant(&start));
    assert_eq!(underfunded(refused), (0, 0, 1));
    let mut strange = funded.clone();
    strange.owner = stranger.clone();
    world.set_account(FIRST_ACCOUNT, &strange);
    assert!(wrong_party(&refusal(world.tenant(&start))));
    world.set_account(FIRST_ACCOUNT, &funded);
    world.tenant(&start).unwrap();
}

/// All groups together must fit in what the account may pay, with what it pays already.
#[test]
fn a_spender_goes_to_market_within_its_allowance() {
    let mut world = world();
    let (tenant, stranger) = (world.tenant.clone(), world.stranger.clone());
    world.account(7, &stranger, uakt());
    let escrow = world.suite.escrow.clone();
    let mut held = account(&world.app, &escrow, 7);
    held.rate = Uint128::new(5);
    world.set_account(7, &held);
    let two = || {
        create(
            vec![request("a", 10, None), request("b", 15, None)],
            Some(7),
        )
    };
    // Two replicas each.
    let enough = 5 + 20 + 30;
    for (spender, rate, expires) in [
        (&tenant, enough - 1, None),
        (&tenant, enough, Some(START)),
        (&stranger, enough, None),
    ] {
        world.allowance(7, spender, rate, expires);
        let refused = refusal(world.tenant(&two()));
        assert!(
            wrong_party(&refused)
                || matches!(refused, ContractError::Rule(RuleError::OutOfRange { .. })),
            "{refused}"
        );
    }
    world.allowance(7, &tenant, enough, Some(START + 1));
    world.tenant(&two()).unwrap();
    assert_eq!(world.deployment(1).account, 7);
}

fn wrong_party(error: &ContractError) -> bool {
    matches!(
        error,
        ContractError::Rule(RuleError::WrongParty { action, .. }) if *action == "spend from the account"
    )
}

#[test]
fn a_runway_beyond_any_balance_is_refused() {
    let mut world = world();
    let tenant = world.tenant.clone();
    let msg = create(vec![request("web", 10_u128.pow(27), None)], None);
    let refused = refusal(world.send(&tenant, &msg, &[coin(RICHES, "uakt")]));
    assert!(
        matches!(refused, ContractError::Underfunded { .. }),
        "{refused}"
    );
}
