//! Named attacks on allowances: what each gains is nothing, what the victim loses is nothing beyond what it allowed.

use cosmwasm_std::{coins, Uint128};
use leasehold_api::escrow::{ExecuteMsg, Limits, SPENDERS};
use leasehold_api::event::{AllowanceRevoked, Drawn};
use leasehold_api::{RuleError, SCALE};
use leasehold_escrow::ContractError;

use crate::allowance::limits;
use crate::harness::*;

fn out_of_range<T>(result: &Result<T, ContractError>) -> bool {
    matches!(
        result,
        Err(ContractError::Rule(RuleError::OutOfRange { .. }))
    )
}

fn wrong_party<T>(result: &Result<T, ContractError>) -> bool {
    matches!(
        result,
        Err(ContractError::Rule(RuleError::WrongParty { .. }))
    )
}

/// A source of 5 000 and the account that the spender draws on it, with 600 in it.
fn drawn(limits: Limits) -> (Harness, u64, u64) {
    let mut h = Harness::new();
    let source = h.open(5_000);
    let account = h.allow(source, limits);
    h.draw(account, 600).unwrap();
    (h, source, account)
}

fn hand_over(h: &mut Harness, account: u64, new_owner: &str) -> Done {
    let msg = ExecuteMsg::TransferAccount {
        account,
        owner: h.tenant.to_string(),
        new_owner: addr(new_owner).into(),
    };
    h.execute(&h.deployment.clone(), &msg, &[]).unwrap()
}

#[test]
fn spender_over_its_rate() {
    let (mut h, _, account) = drawn(limits());
    assert!(out_of_range(&h.try_stream_of(
        "spender",
        1,
        account,
        10 * RATE + 1
    )));
    h.try_stream_of("spender", 1, account, 6 * RATE).unwrap();
    // In parts it comes to the same.
    assert!(out_of_range(&h.try_stream_of(
        "spender",
        2,
        account,
        4 * RATE + 1
    )));
    h.try_stream_of("spender", 2, account, 4 * RATE).unwrap();
    assert!(out_of_range(&h.try_stream_of("spender", 3, account, 1)));
    assert_eq!(h.account(account).rate.u128(), 10 * RATE);
    h.check_books();
}

#[test]
fn spender_over_its_total() {
    let (mut h, source, account) = drawn(limits());
    h.try_stream_of("spender", 1, account, RATE).unwrap();
    assert!(out_of_range(&h.draw(account, 401)));
    assert!(out_of_range(&h.draw(account, u128::MAX)));
    h.draw(account, 300).unwrap();
    h.pass(850);
    // The top-up is due and gets the last hundred only.
    let response = h.top_up(account).unwrap();
    assert_eq!(events::<Drawn>(&response)[0].amount.u128(), 100);
    h.pass(10_000);
    assert!(out_of_range(&h.top_up(account)));
    assert!(out_of_range(&h.draw(account, 1)));
    h.close(1);
    assert_eq!(h.account(source).balance.u128(), 4_000 * SCALE);
    assert_eq!(h.bank("provider", AKT), 990);
    h.check_books();
}

#[test]
fn spender_after_the_expiry() {
    let mut h = Harness::new();
    let source = h.open(5_000);
    let expires = Some(h.now() + 100);
    let account = h.allow(
        source,
        Limits {
            expires,
            ..limits()
        },
    );
    h.draw(account, 150).unwrap();
    h.try_stream_of("spender", 1, account, RATE).unwrap();
    h.pass(99);
    h.draw(account, 1).unwrap();
    h.pass(1);
    assert!(out_of_range(&h.draw(account, 1)));
    assert!(out_of_range(&h.top_up(account)));
    assert!(out_of_range(&h.try_stream_of("spender", 2, account, 1)));
    // What runs goes on as far as the money lasts.
    h.pass(1_000);
    h.close(1);
    assert_eq!(h.account(source).balance.u128(), (5_000 - 151) * SCALE);
    h.check_books();
}

#[test]
fn spender_after_the_revocation() {
    let (mut h, source, account) = drawn(limits());
    h.try_stream_of("spender", 1, account, RATE).unwrap();
    h.execute(&h.tenant.clone(), &ExecuteMsg::Revoke { account }, &[])
        .unwrap();
    let none = || Err(ContractError::AllowanceNotFound { account });
    assert_eq!(h.draw(account, 1), none());
    assert_eq!(h.top_up(account), none());
    assert!(wrong_party(&h.try_stream_of("spender", 2, account, 1)));
    // The owner gets back all but the runway of what still runs.
    h.withdraw(account, 600 - u128::from(RUNWAY)).unwrap();
    h.pass(10_000);
    h.close(1);
    assert_eq!(h.bank("provider", AKT), u128::from(RUNWAY));
    assert_eq!(h.account(source).balance.u128(), 4_400 * SCALE);
    h.check_books();
}

#[test]
fn another_spender_or_the_sources_money_directly() {
    let (mut h, source, account) = drawn(limits());
    assert!(wrong_party(&h.try_stream_of("thief", 1, account, 1)));
    assert!(wrong_party(&h.try_stream_of("spender", 1, source, 1)));
    let draw = ExecuteMsg::Draw {
        account,
        amount: Uint128::one(),
    };
    for who in ["thief", "tenant", "market"] {
        let refused = h.execute(&addr(who), &draw, &[]);
        assert!(matches!(refused, Err(ContractError::Unauthorized { .. })));
    }
    for msg in [
        ExecuteMsg::Withdraw {
            account,
            amount: None,
        },
        ExecuteMsg::Move {
            from: account,
            to: source,
            amount: None,
        },
        ExecuteMsg::Adjust {
            account,
            limits: limits(),
        },
        ExecuteMsg::Allow {
            account,
            spender: addr("thief").into(),
            limits: limits(),
        },
    ] {
        let refused = h.execute(&addr("spender"), &msg, &[]);
        assert!(matches!(refused, Err(ContractError::Unauthorized { .. })));
    }
}

#[test]
fn strangers_top_up_again_and_again() {
    let (mut h, source, account) = drawn(Limits {
        max_total: Uint128::new(5_000),
        ..limits()
    });
    h.try_stream_of("spender", 1, account, RATE).unwrap();
    let mut moved = 0;
    for _ in 0..300 {
        h.pass(7);
        if let Ok(response) = h.top_up(account) {
            moved += events::<Drawn>(&response)[0].amount.u128();
            assert_eq!(h.account(account).runway, Some(300));
        }
        assert!(out_of_range(&h.top_up(account)), "two in one second");
    }
    // 2 100 s of rent, of which the draw paid 600, and at most one filling beyond it.
    assert!((1_500..=1_800).contains(&moved), "{moved}");
    assert_eq!(h.account(source).balance.u128(), (4_400 - moved) * SCALE);
    h.check_books();
}

#[test]
fn owner_withdraws_under_the_feet_of_the_drawn_account() {
    let (mut h, source, account) = drawn(limits());
    h.try_stream_of("spender", 1, account, RATE).unwrap();
    h.withdraw(source, 4_400).unwrap();
    h.withdraw(account, 600 - u128::from(RUNWAY)).unwrap();
    // Due, but there is nothing to draw from.
    assert!(out_of_range(&h.top_up(account)));
    assert!(out_of_range(&h.draw(account, 1)));
    h.pass(RUNWAY + 100);
    h.collect(&[1]);
    // The provider has all that it earned, and a deposit resumes.
    assert_eq!(h.bank("provider", AKT), u128::from(RUNWAY));
    h.execute(
        &h.tenant.clone(),
        &ExecuteMsg::Deposit { account: source },
        &coins(1_000, AKT),
    )
    .unwrap();
    h.top_up(account).unwrap();
    assert_eq!(h.account(account).runway, Some(300));
    h.check_books();
}

/// Whoever gets a drawn account gets it without the spender.
#[test]
fn the_drawn_account_changes_owner() {
    let (mut h, source, account) = drawn(limits());
    let response = hand_over(&mut h, account, "heir");
    assert_eq!(
        events::<AllowanceRevoked>(&response),
        [AllowanceRevoked {
            account,
            spender: addr("spender")
        }]
    );
    let none = || Err(ContractError::AllowanceNotFound { account });
    assert_eq!(h.draw(account, 1), none());
    assert_eq!(h.top_up(account), none());
    assert!(wrong_party(&h.try_stream_of("spender", 1, account, 1)));
    assert_eq!(h.account(source).balance.u128(), 4_400 * SCALE);
    let listed = {
        let storage = h.app.contract_storage(&h.escrow);
        SPENDERS.has(storage.as_ref(), (&addr("spender"), account))
    };
    assert!(!listed);
    h.check_books();
}

/// Whoever gets a source does not feed accounts of the former owner.
#[test]
fn the_source_changes_owner() {
    let (mut h, source, account) = drawn(limits());
    h.try_stream_of("spender", 1, account, 2 * RATE).unwrap();
    hand_over(&mut h, source, "heir");
    h.pass(220);
    assert!(wrong_party(&h.draw(account, 1)));
    assert!(wrong_party(&h.top_up(account)));
    assert_eq!(h.account(source).balance.u128(), 4_400 * SCALE);
    // The spender goes on with what was its own owner's money.
    h.try_stream_of("spender", 2, account, RATE / 2).unwrap();
    h.check_books();
}

/// An account that draws on a drawn account reaches no further than that.
#[test]
fn a_chain_of_allowances() {
    let (mut h, source, first) = drawn(limits());
    let second = h.allow(first, limits());
    h.draw(second, 600).unwrap();
    assert!(out_of_range(&h.draw(second, 1)), "the middle one is empty");
    assert_eq!(h.account(source).balance.u128(), 4_400 * SCALE);
    h.check_books();
}
