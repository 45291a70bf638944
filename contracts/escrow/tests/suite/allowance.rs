use cosmwasm_std::{from_json, Uint128};
use leasehold_api::escrow::{
    AllowanceResponse, AllowancesOf, AllowancesResponse, ExecuteMsg, Limits, QueryMsg, Refill,
};
use leasehold_api::event::{AccountOpened, AllowanceAdjusted, AllowanceRevoked, Allowed, Drawn};
use leasehold_api::{RuleError, SCALE};
use leasehold_escrow::ContractError;

use crate::harness::*;

/// Ten units a second and a thousand in all, for ever, topped up from a hundred seconds to three hundred.
pub fn limits() -> Limits {
    Limits {
        max_rate: Uint128::new(10 * RATE),
        max_total: Uint128::new(1_000),
        expires: None,
        refill: Some(Refill {
            below: 100,
            to: 300,
        }),
    }
}

impl Harness {
    /// An account that `spender` draws on the tenant's `source`.
    pub fn allow(&mut self, source: u64, limits: Limits) -> u64 {
        let msg = ExecuteMsg::Allow {
            account: source,
            spender: addr("spender").into(),
            limits,
        };
        let response = self.execute(&self.tenant.clone(), &msg, &[]).unwrap();
        from_json(response.data.clone().unwrap()).unwrap()
    }

    pub fn draw(&mut self, account: u64, amount: u128) -> Result<Done, ContractError> {
        let amount = Uint128::new(amount);
        let msg = ExecuteMsg::Draw { account, amount };
        self.execute(&addr("spender"), &msg, &[])
    }

    pub fn top_up(&mut self, account: u64) -> Result<Done, ContractError> {
        self.execute(&addr("anyone"), &ExecuteMsg::TopUp { account }, &[])
    }

    /// A stream that `tenant`'s lease opens.
    pub fn try_stream_of(
        &mut self,
        tenant: &str,
        stream: u64,
        account: u64,
        rate: u128,
    ) -> Result<Done, ContractError> {
        let msg = ExecuteMsg::OpenStream {
            stream,
            account,
            tenant: addr(tenant).into(),
            payee: self.provider.to_string(),
            rate: Uint128::new(rate),
            until: None,
        };
        self.execute(&self.market.clone(), &msg, &[])
    }
}

fn allowance(h: &Harness, account: u64) -> AllowanceResponse {
    h.query(&QueryMsg::Allowance { account })
}

#[test]
fn a_spender_draws_spends_and_leaves_the_rest_to_the_owner() {
    let mut h = Harness::new();
    let source = h.open(5_000);
    let msg = ExecuteMsg::Allow {
        account: source,
        spender: addr("spender").into(),
        limits: limits(),
    };
    let response = h.execute(&h.tenant.clone(), &msg, &[]).unwrap();
    let account = 2;
    assert_eq!(
        events::<Allowed>(&response),
        [Allowed {
            account,
            source,
            spender: addr("spender")
        }]
    );
    assert_eq!(events::<AccountOpened>(&response)[0].owner, h.tenant);

    let response = h.draw(account, 400).unwrap();
    assert_eq!(transfers(&response), 0, "money stays inside the contract");
    assert_eq!(
        events::<Drawn>(&response),
        [Drawn {
            account,
            source,
            amount: 400u128.into()
        }]
    );
    assert_eq!(h.account(source).balance.u128(), 4_600 * SCALE);
    h.try_stream_of("spender", 1, account, 2 * RATE).unwrap();
    h.pass(50);
    h.close(1);
    assert_eq!(h.bank("provider", AKT), 99);
    assert_eq!(h.account(account).balance.u128(), 300 * SCALE);
    assert_eq!(
        allowance(&h, account),
        AllowanceResponse {
            account,
            source,
            owner: h.tenant.clone(),
            spender: addr("spender"),
            denom: akt(),
            limits: limits(),
            drawn: 400u128.into(),
            drawable: 600u128.into(),
        }
    );
    let before = h.bank("tenant", AKT);
    h.withdraw(account, 300).unwrap();
    assert_eq!(h.bank("tenant", AKT), before + 300);
    h.check_books();
}

#[test]
fn the_source_keeps_its_own_runway() {
    let mut h = Harness::new();
    let source = h.open(500);
    h.stream(1, source, "provider", 5 * RATE);
    let account = h.allow(source, limits());
    let spare = 500 - 5 * u128::from(RUNWAY);
    assert_eq!(allowance(&h, account).drawable.u128(), spare);
    assert_eq!(
        h.draw(account, spare + 1),
        Err(RuleError::range("amount drawn", spare + 1, "1 to 200 units").into())
    );
    h.draw(account, spare).unwrap();
    assert_eq!(h.account(source).runway, Some(RUNWAY));
    assert_eq!(allowance(&h, account).drawable.u128(), 0);
    h.check_books();
}

#[test]
fn a_low_account_is_topped_up_to_its_mark_and_a_dry_one_resumes() {
    let mut h = Harness::new();
    let source = h.open(5_000);
    let account = h.allow(source, limits());
    h.draw(account, 150).unwrap();
    h.try_stream_of("spender", 1, account, RATE).unwrap();
    h.pass(50);
    let refused = h.top_up(account);
    assert_eq!(
        refused,
        Err(RuleError::range("runway", "100 s", "less than 100 s, to be topped up").into())
    );
    h.pass(1);
    let response = h.top_up(account).unwrap();
    assert_eq!(events::<Drawn>(&response)[0].amount.u128(), 300 - 99);
    assert_eq!(h.account(account).runway, Some(300));
    h.pass(1_000);
    assert_eq!(h.account(account).runway, Some(0));
    h.top_up(account).unwrap();
    assert_eq!(h.account(account).runway, Some(300));
    assert_eq!(allowance(&h, account).drawn.u128(), 150 + 201 + 300);
    h.check_books();
}

#[test]
fn an_idle_account_or_one_without_a_mark_is_not_topped_up() {
    let mut h = Harness::new();
    let source = h.open(5_000);
    let idle = h.allow(source, limits());
    let refused = h.top_up(idle);
    assert_eq!(
        refused,
        Err(RuleError::range("runway", "without end", "less than 100 s, to be topped up").into())
    );
    let refill = None;
    let unmarked = h.allow(source, Limits { refill, ..limits() });
    h.draw(unmarked, 100).unwrap();
    h.try_stream_of("spender", 1, unmarked, RATE).unwrap();
    let refused = h.top_up(unmarked);
    assert_eq!(
        refused,
        Err(RuleError::range("refill", "absent", "one, to be topped up").into())
    );
}

/// A deployment's own account tops itself up from a main account.
#[test]
fn an_owner_allows_itself() {
    let mut h = Harness::new();
    let main = h.open(1_000);
    let msg = ExecuteMsg::Allow {
        account: main,
        spender: h.tenant.to_string(),
        limits: Limits {
            max_rate: Uint128::zero(),
            ..limits()
        },
    };
    let tenant = h.tenant.clone();
    h.execute(&tenant, &msg, &[]).unwrap();
    let draw = ExecuteMsg::Draw {
        account: 2,
        amount: Uint128::new(90),
    };
    h.execute(&tenant, &draw, &[]).unwrap();
    // The owner's own streams need no permit: the rate binds others.
    h.try_stream_of("tenant", 1, 2, RATE).unwrap();
    h.top_up(2).unwrap();
    assert_eq!(h.account(2).runway, Some(300));
    h.check_books();
}

#[test]
fn limits_are_adjusted_and_what_was_drawn_stays_counted() {
    let mut h = Harness::new();
    let source = h.open(5_000);
    let account = h.allow(source, limits());
    h.draw(account, 1_000).unwrap();
    assert!(h.draw(account, 1).is_err());
    let tenant = h.tenant.clone();
    let mut adjust = |max_total: u128, expires| {
        let limits = Limits {
            max_total: max_total.into(),
            expires,
            ..limits()
        };
        h.execute(&tenant, &ExecuteMsg::Adjust { account, limits }, &[])
    };
    assert_eq!(
        adjust(999, None),
        Err(RuleError::range("max_total", 999, "at least the 1000 drawn already").into())
    );
    assert!(adjust(1_000, Some(1)).is_err(), "an expiry in the past");
    let response = adjust(1_200, None).unwrap();
    assert_eq!(
        events::<AllowanceAdjusted>(&response),
        [AllowanceAdjusted { account }]
    );
    assert!(h.draw(account, 201).is_err());
    h.draw(account, 200).unwrap();
    h.check_books();
}

#[test]
fn what_is_not_allowed_is_named() {
    let mut h = Harness::new();
    let source = h.open(100);
    let tenant = h.tenant.clone();
    let none = || ContractError::AllowanceNotFound { account: source };
    assert_eq!(h.draw(source, 1), Err(none()));
    assert_eq!(h.top_up(source), Err(none()));
    for msg in [
        ExecuteMsg::Revoke { account: source },
        ExecuteMsg::Adjust {
            account: source,
            limits: limits(),
        },
    ] {
        assert_eq!(h.execute(&tenant, &msg, &[]), Err(none()));
    }
    let allow = |account, spender: &str| ExecuteMsg::Allow {
        account,
        spender: spender.into(),
        limits: limits(),
    };
    let missing = h.execute(&tenant, &allow(9, tenant.as_str()), &[]);
    assert_eq!(missing, Err(ContractError::AccountNotFound { id: 9 }));
    let malformed = h.execute(&tenant, &allow(source, "spender"), &[]);
    assert!(matches!(malformed, Err(ContractError::Std(_))));
    let expired = ExecuteMsg::Allow {
        account: source,
        spender: addr("spender").into(),
        limits: Limits {
            expires: Some(h.now()),
            ..limits()
        },
    };
    let refused = h.execute(&tenant, &expired, &[]);
    assert!(matches!(
        refused,
        Err(ContractError::Rule(RuleError::OutOfRange { .. }))
    ));
}

#[test]
fn a_revoked_allowance_leaves_the_account_to_its_owner() {
    let mut h = Harness::new();
    let source = h.open(5_000);
    let account = h.allow(source, limits());
    h.draw(account, 500).unwrap();
    let tenant = h.tenant.clone();
    let revoke = ExecuteMsg::Revoke { account };
    let response = h.execute(&tenant, &revoke, &[]).unwrap();
    assert_eq!(
        events::<AllowanceRevoked>(&response),
        [AllowanceRevoked {
            account,
            spender: addr("spender")
        }]
    );
    let again = h.execute(&tenant, &revoke, &[]);
    assert_eq!(again, Err(ContractError::AllowanceNotFound { account }));
    let back = ExecuteMsg::Move {
        from: account,
        to: source,
        amount: None,
    };
    h.execute(&tenant, &back, &[]).unwrap();
    assert_eq!(h.account(source).balance.u128(), 5_000 * SCALE);
    h.check_books();
}

#[test]
fn allowances_are_listed_by_owner_and_by_spender() {
    let mut h = Harness::new();
    let source = h.open(5_000);
    let (first, second) = (h.allow(source, limits()), h.allow(source, limits()));
    h.open(1);
    let third = h.allow(first, limits());
    let page = |of: AllowancesOf, start_after, limit| {
        let page: AllowancesResponse = h.query(&QueryMsg::Allowances {
            of,
            start_after,
            limit,
        });
        let ids: Vec<u64> = page.allowances.iter().map(|a| a.account).collect();
        (ids, page.next)
    };
    let spender = || AllowancesOf::Spender(addr("spender").into());
    let owner = || AllowancesOf::Owner(addr("tenant").into());
    let all = vec![first, second, third];
    assert_eq!(page(spender(), None, None), (all.clone(), None));
    assert_eq!(page(owner(), None, None), (all, None));
    assert_eq!(page(spender(), None, Some(1)), (vec![first], Some(first)));
    // An owner's accounts without an allowance take room on a page.
    assert_eq!(page(owner(), None, Some(1)), (vec![], Some(source)));
    assert_eq!(
        page(owner(), Some(second), Some(2)),
        (vec![third], Some(third))
    );
    let nobody = AllowancesOf::Spender(addr("nobody").into());
    assert_eq!(page(nobody, None, None), (vec![], None));
    let missing = h
        .app
        .wrap()
        .query_wasm_smart::<AllowanceResponse>(&h.escrow, &QueryMsg::Allowance { account: source })
        .unwrap_err();
    assert!(missing.to_string().contains("draws on no allowance"));
}
