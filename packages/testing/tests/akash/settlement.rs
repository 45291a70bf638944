//! Akash's own test table, and its rules beyond it.

use cosmwasm_std::{coin, Uint128};
use leasehold_api::escrow::{AccountStatus, ExecuteMsg as EscrowMsg};
use leasehold_api::market::OrderPhase;
use leasehold_api::SCALE;
use leasehold_testing::world::{RENT, STAKE};

use crate::{paid, running, settled, world, DESCENDING};

/// Same.
#[test]
fn two_rates_for_five_blocks() {
    let expected = (vec![5, 10], 85, AccountStatus::Streaming);
    assert_eq!(settled(100, &[1, 2], 5), expected);
}

/// Same money. Akash does not call an account overdrawn that is spent to the last unit; here it is dry, which closes nothing either.
#[test]
fn spent_to_the_last_unit() {
    let expected = (vec![50, 50], 0, AccountStatus::Dry);
    assert_eq!(settled(100, &[10, 10], 5), expected);
}

/// Akash pays 60 and 40 and books a debt of 20, because it pays in store order. Here all are paid up to the same second, and nothing
/// is owed for a second that nobody could pay.
#[test]
fn a_shortfall_is_shared_not_served_in_store_order() {
    let expected = (vec![50, 50], 0, AccountStatus::Dry);
    assert_eq!(settled(100, &[10, 10], 6), expected);
}

/// Same.
#[test]
fn half_of_the_deposit_in_five_blocks() {
    let expected = (vec![50, 50], 100, AccountStatus::Streaming);
    assert_eq!(settled(200, &[10, 10], 5), expected);
}

/// Same.
#[test]
fn six_blocks_of_a_funded_account() {
    let expected = (vec![60, 60], 80, AccountStatus::Streaming);
    assert_eq!(settled(200, &[10, 10], 6), expected);
}

/// Same money; dry, as above.
#[test]
fn a_larger_deposit_spent_to_the_last_unit() {
    let expected = (vec![100, 100], 0, AccountStatus::Dry);
    assert_eq!(settled(200, &[10, 10], 10), expected);
}

/// Akash: 110 and 90 and a debt of 20. The reason is that of the smaller shortfall.
#[test]
fn a_larger_shortfall_is_shared_too() {
    let expected = (vec![100, 100], 0, AccountStatus::Dry);
    assert_eq!(settled(200, &[10, 10], 11), expected);
}

/// Akash truncates at each settlement, so a rate of 0.5 settled every block pays nothing. Here a fraction waits in the stream.
#[test]
fn a_rate_below_one_unit_is_paid_however_often_it_is_settled() {
    let mut world = world();
    let [tenant, anyone] = [world.tenants[0].clone(), world.stranger.clone()];
    let provider = world.providers[0].clone();
    let id = world
        .create(&tenant, &[(1, DESCENDING)], 100, None)
        .unwrap();
    world
        .bid_scaled(&provider, id * 8, Uint128::new(SCALE / 2))
        .unwrap();
    world.pass(8);
    world.claim(&provider, id * 8).unwrap();
    let lease = world.lease_of(id * 8).unwrap();
    for _ in 0..10 {
        world
            .pass_alive(1, std::slice::from_ref(&provider))
            .unwrap();
        world.collect(&anyone, &[lease]).unwrap();
    }
    assert_eq!(paid(&world, &provider), 5);
    world.check();
}

/// Akash gives every remaining deposit back to its own depositor, which needs a list that anyone can lengthen. Here a deposit is a
/// gift to the account: one number, and the rest is its owner's.
#[test]
fn what_is_left_belongs_to_the_owner_of_the_account() {
    let mut world = world();
    let [tenant, friend] = [world.tenants[0].clone(), world.stranger.clone()];
    let running = running(&mut world, 100, &[10]);
    world.deposit(&friend, running.account, 50).unwrap();
    world.pass(5);
    world.close(&tenant, running.deployment).unwrap();
    assert_eq!(world.withdraw_all(&tenant, running.account).unwrap(), 100);
    world.check();
}

/// On Akash a deposit to an overdrawn account pays the debt and the deployment stays closed. Here it resumes the lease, and the gap is
/// nobody's debt.
#[test]
fn a_late_deposit_resumes_the_lease() {
    let mut world = world();
    let running = running(&mut world, 100, &[10, 10]);
    world.pass_alive(20, &running.providers).unwrap();
    let friend = world.stranger.clone();
    world.deposit(&friend, running.account, 200).unwrap();
    world.pass_alive(3, &running.providers).unwrap();
    world.collect(&friend, &running.leases).unwrap();
    let order = world.order(running.deployment * 8).unwrap();
    assert_eq!(order.phase, OrderPhase::Leased);
    for provider in &running.providers {
        assert_eq!(paid(&world, provider), 50 + 30);
    }
    world.check();
}

/// On Akash the owner of an open account gets nothing back before the end. Here all above the runway is its own at any time.
#[test]
fn the_owner_takes_money_back_while_leases_run() {
    let mut world = world();
    let tenant = world.tenants[0].clone();
    let running = running(&mut world, 200, &[10, 10]);
    world.withdraw(&tenant, running.account, 200 - 20).unwrap();
    world.withdraw(&tenant, running.account, 1).unwrap_err();
    world.check();
}

/// On Akash only the provider withdraws and nobody settles, so an overdrawn lease runs until somebody touches it. Here anyone may
/// touch, and it makes no difference when: the money stopped by itself.
#[test]
fn a_dry_account_stops_paying_without_a_touch() {
    let (late, _, _) = settled(100, &[10, 10], 3_000);
    let (prompt, _, _) = settled(100, &[10, 10], 5);
    assert_eq!(late, prompt);
}

/// Akash indexes a list of funds by its first entry and panics on a denom that it does not know. Here it is an error that names both.
#[test]
fn a_foreign_denom_is_an_error() {
    let mut world = world();
    let tenant = world.tenants[0].clone();
    let running = running(&mut world, 100, &[10]);
    let deposit = EscrowMsg::Deposit {
        account: running.account,
    };
    let escrow = world.suite.escrow.clone();
    let sent = world.execute(&tenant, &escrow, &deposit, &[coin(5, STAKE)]);
    let error = format!("{:#}", sent.unwrap_err());
    assert!(error.contains(STAKE) && error.contains(RENT), "{error}");
    world.check();
}

/// Akash converts amounts to 64 bits and panics above. Here amounts have 128 bits.
#[test]
fn more_than_64_bits_of_money_is_money() {
    let mut world = world();
    let tenant = world.tenants[0].clone();
    let fortune = u128::from(u64::MAX) * 1_000;
    world.mint(&tenant, coin(fortune, RENT)).unwrap();
    let running = running(&mut world, fortune, &[10]);
    world.pass(5);
    world.close(&tenant, running.deployment).unwrap();
    let left = world.withdraw_all(&tenant, running.account).unwrap();
    assert_eq!(left, fortune - 50);
    world.check();
}

/// Akash serves group 10 before group 2 when money is short, because it compares their numbers as text. Here no order exists in which
/// payees could be served: with eight groups all get the same seconds.
#[test]
fn nobody_is_served_first() {
    let mut world = world();
    let tenant = world.tenants[0].clone();
    let provider = world.providers[0].clone();
    let groups = [(10, DESCENDING); 8];
    let id = world.create(&tenant, &groups, 400, None).unwrap();
    for order in id * 8..id * 8 + 8 {
        world.bid(&provider, order, 10).unwrap();
    }
    world
        .pass_alive(8, std::slice::from_ref(&provider))
        .unwrap();
    for order in id * 8..id * 8 + 8 {
        world.claim(&provider, order).unwrap();
    }
    world
        .pass_alive(6, std::slice::from_ref(&provider))
        .unwrap();
    for order in id * 8..id * 8 + 8 {
        let before = paid(&world, &provider);
        let lease = world.lease_of(order).unwrap();
        world.collect(&provider, &[lease]).unwrap();
        assert_eq!(paid(&world, &provider) - before, 50, "order {order}");
    }
    world.check();
}

/// Anyone may add any number of deposits on Akash, each an entry that settle and close walk. Here the thousandth deposit leaves the
/// account's record as long as the first, its digits apart.
#[test]
fn a_thousand_deposits_are_one_number() {
    let mut world = world();
    let [tenant, anyone] = [world.tenants[0].clone(), world.stranger.clone()];
    let running = running(&mut world, 100_000, &[10]);
    world.pass(1);
    world.meter.take();
    world.settle(&anyone, running.account).unwrap();
    let before = world.meter.take();
    for _ in 0..1_000 {
        world.deposit(&anyone, running.account, 1).unwrap();
    }
    world.meter.take();
    world.settle(&anyone, running.account).unwrap();
    let after = world.meter.take();
    assert_eq!((before.reads, before.bytes), (after.reads, after.bytes));
    world.close(&tenant, running.deployment).unwrap();
    world.check();
}
