use leasehold_api::escrow::{
    AccountStatus, AccountsResponse, DepletingResponse, FeesResponse, QueryMsg, StreamResponse,
    StreamsResponse,
};
use leasehold_api::{Asset, Denom, SCALE};

use crate::harness::*;

#[test]
fn an_account_reads_as_of_now_without_a_settle() {
    let mut h = Harness::new();
    let id = h.open(200);
    assert_eq!(h.account(id).status, AccountStatus::Idle);
    assert_eq!(h.account(id).runway, None);
    h.stream(1, id, "provider", RATE);
    let start = h.now();
    h.pass(50);
    let account = h.account(id);
    assert_eq!(account.status, AccountStatus::Streaming);
    assert_eq!(account.balance.u128(), 150 * SCALE);
    assert_eq!(account.funded, 50);
    assert_eq!((account.streams, account.rate.u128()), (1, RATE));
    assert_eq!(account.withdrawable.u128(), 150 - u128::from(RUNWAY));
    assert_eq!(account.depletes_at, Some(start + 200));
    assert_eq!(account.runway, Some(150));
    h.pass(151);
    let account = h.account(id);
    assert_eq!(account.status, AccountStatus::Dry);
    assert_eq!(account.depletes_at, Some(start + 200));
    assert_eq!(account.runway, Some(0));
}

#[test]
fn a_stream_reads_as_of_now_less_the_silent_seconds() {
    let mut h = Harness::new();
    h.beat("sleeper", 30);
    let id = h.open(200);
    h.stream(4, id, "sleeper", RATE);
    h.pass(50);
    let stream: StreamResponse = h.query(&QueryMsg::Stream { id: 4 });
    assert_eq!(
        stream,
        StreamResponse {
            id: 4,
            account: id,
            payee: addr("sleeper"),
            rate: RATE.into(),
            unclaimed: (30 * SCALE).into(),
            until: None,
        }
    );
}

#[test]
fn lists_are_paged() {
    let mut h = Harness::new();
    for id in 1..=5 {
        assert_eq!(h.open(200), id);
        h.stream(10 * id, id, "provider", RATE);
    }
    h.tenant = addr("other");
    h.fund("other", 10, AKT);
    h.open(10);
    let accounts = |start_after, limit| -> Vec<u64> {
        let page: AccountsResponse = h.query(&QueryMsg::Accounts {
            owner: addr("tenant").into(),
            start_after,
            limit,
        });
        page.accounts.iter().map(|a| a.id).collect()
    };
    assert_eq!(accounts(None, None), [1, 2, 3, 4, 5]);
    assert_eq!(accounts(Some(2), Some(2)), [3, 4]);
    assert!(accounts(Some(5), None).is_empty());
    let streams = |start_after, limit| -> Vec<u64> {
        let page: StreamsResponse = h.query(&QueryMsg::Streams { start_after, limit });
        page.streams.iter().map(|s| s.id).collect()
    };
    assert_eq!(streams(None, None), [10, 20, 30, 40, 50]);
    assert_eq!(streams(Some(10), Some(3)), [20, 30, 40]);
}

#[test]
fn accounts_about_to_run_dry_are_found_page_by_page() {
    let mut h = Harness::new();
    // Idle, 100 s, 200 s, dry, 100 s.
    for (id, units) in (1..).zip([500, 100, 200, 60, 100]) {
        assert_eq!(h.open(units), id);
        if id > 1 {
            h.stream(id, id, "provider", RATE);
        }
    }
    h.pass(60);
    let page = |within, start_after, limit| -> (Vec<u64>, Option<u64>) {
        let page: DepletingResponse = h.query(&QueryMsg::Depleting {
            within,
            start_after,
            limit,
        });
        (page.accounts.iter().map(|a| a.id).collect(), page.next)
    };
    assert_eq!(page(0, None, None), (vec![4], None));
    assert_eq!(page(39, None, None), (vec![4], None));
    assert_eq!(page(40, None, None), (vec![2, 4, 5], None));
    assert_eq!(page(140, None, None), (vec![2, 3, 4, 5], None));
    // A page looks at `limit` accounts and says where it stopped, whatever it found.
    assert_eq!(page(40, None, Some(2)), (vec![2], Some(2)));
    assert_eq!(page(40, Some(2), Some(1)), (vec![], Some(3)));
    assert_eq!(page(40, Some(3), Some(2)), (vec![4, 5], Some(5)));
    assert_eq!(page(40, Some(5), Some(2)), (vec![], None));
}

#[test]
fn a_full_scan_is_bounded() {
    let mut h = Harness::new();
    for _ in 0..101 {
        h.open(1);
    }
    let page: DepletingResponse = h.query(&QueryMsg::Depleting {
        within: u64::MAX,
        start_after: None,
        limit: Some(u32::MAX),
    });
    assert_eq!((page.accounts.len(), page.next), (0, Some(100)));
}

#[test]
fn fees_are_listed_by_denom() {
    let mut h = Harness::new();
    let (first, second) = (h.open(1_000), h.open_in(ATOM, 1_000));
    h.stream(1, first, "provider", RATE);
    h.stream(2, second, "provider", 2 * RATE);
    h.pass(200);
    h.collect(&[1, 2]);
    let fees = |start_after| -> Vec<Asset> {
        let page: FeesResponse = h.query(&QueryMsg::Fees {
            start_after,
            limit: None,
        });
        page.fees
    };
    let asset = |denom: &str, amount: u128| Asset {
        denom: Denom::Native(denom.into()),
        amount: amount.into(),
    };
    assert_eq!(fees(None), [asset(ATOM, 4), asset(AKT, 2)]);
    assert_eq!(fees(Some(Denom::Native(ATOM.into()))), [asset(AKT, 2)]);
}

#[test]
fn what_does_not_exist_is_named() {
    let h = Harness::new();
    for (msg, text) in [
        (QueryMsg::Account { id: 3 }, "account 3 does not exist"),
        (QueryMsg::Stream { id: 3 }, "stream 3 does not exist"),
    ] {
        let error = h
            .app
            .wrap()
            .query_wasm_smart::<AccountsResponse>(&h.escrow, &msg)
            .unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
}
