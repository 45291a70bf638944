use leasehold_api::escrow::{AccountsResponse, ExecuteMsg, QueryMsg};
use leasehold_api::event::AccountTransferred;
use leasehold_escrow::ContractError;

use crate::harness::*;

fn transfer(owner: &str, new_owner: &str) -> ExecuteMsg {
    ExecuteMsg::TransferAccount {
        account: 1,
        owner: addr(owner).into(),
        new_owner: addr(new_owner).into(),
    }
}

fn accounts_of(h: &Harness, who: &str) -> usize {
    let page: AccountsResponse = h.query(&QueryMsg::Accounts {
        owner: addr(who).into(),
        start_after: None,
        limit: None,
    });
    page.accounts.len()
}

#[test]
fn the_new_owner_has_the_money_and_the_old_one_has_not() {
    let mut h = Harness::new();
    h.open(500);
    h.stream(1, 1, "provider", RATE);
    h.pass(100);
    let deployment = h.deployment.clone();
    let response = h
        .execute(&deployment, &transfer("tenant", "heir"), &[])
        .unwrap();
    assert_eq!(
        events::<AccountTransferred>(&response),
        [AccountTransferred {
            account: 1,
            new_owner: addr("heir")
        }]
    );
    assert!(matches!(
        h.withdraw(1, 1),
        Err(ContractError::Unauthorized { .. })
    ));
    assert_eq!((accounts_of(&h, "tenant"), accounts_of(&h, "heir")), (0, 1));
    h.tenant = addr("heir");
    h.withdraw(1, 340).unwrap();
    assert_eq!(h.bank("heir", AKT), 340);
    h.check_books();
}

#[test]
fn a_transfer_names_the_present_owner() {
    let mut h = Harness::new();
    let deployment = h.deployment.clone();
    assert_eq!(
        h.execute(&deployment, &transfer("tenant", "heir"), &[]),
        Err(ContractError::AccountNotFound { id: 1 })
    );
    h.open(500);
    assert_eq!(
        h.execute(&deployment, &transfer("other", "heir"), &[]),
        Err(ContractError::NotTheOwner {
            id: 1,
            owner: addr("tenant"),
            claimed: addr("other")
        })
    );
    let malformed = ExecuteMsg::TransferAccount {
        account: 1,
        owner: h.tenant.to_string(),
        new_owner: "heir".into(),
    };
    assert!(matches!(
        h.execute(&deployment, &malformed, &[]),
        Err(ContractError::Std(_))
    ));
    h.execute(&deployment, &transfer("tenant", "tenant"), &[])
        .unwrap();
    assert_eq!(h.account(1).owner, h.tenant);
    assert_eq!(accounts_of(&h, "tenant"), 1);
}
