//! What a pass reads, and asks prices for, in a market with many orders.

use std::fs::{set_permissions, write, Permissions};
use std::os::unix::fs::PermissionsExt;

use leasehold_api::deployment::{group_of, GROUPS};
use leasehold_api::market::{ExecuteMsg, ORDERS};
use leasehold_api::provider;
use leasehold_client::Execute;

use super::*;

const MANY: u64 = 12;
/// Far above what the orders pay: it only looks on.
const TOO_DEAR: u128 = 100_000;

impl Stage {
    /// Reads of these orders' records, and of their groups'.
    fn reads(&self, orders: &[u64]) -> (usize, usize) {
        let sum = |key: &dyn Fn(u64) -> Vec<u8>| {
            let keys = orders.iter().map(|id| key(*id));
            keys.map(|key| self.proxy.count_queries("abci_query", &key))
                .sum()
        };
        (
            sum(&|id| ORDERS.key(id).to_vec()),
            sum(&|id| GROUPS.key(group_of(id)).to_vec()),
        )
    }

    /// Another provider's bid.
    async fn rival_bids(&self, order_id: u64) {
        let rival = Wallet::new(self.tenant.client().clone(), key("provider1"), tx_config());
        let contact = self.agent.reader.contact(&self.agent.me).await.unwrap();
        let register = provider::ExecuteMsg::Register {
            contact: contact.unwrap(),
            capability: Capability::default(),
        };
        let rate = Uint128::new(100 * SCALE);
        let bid = ExecuteMsg::Bid { order_id, rate };
        let collateral = [coin(100_000_000, "uakt")];
        let calls = vec![
            Execute::new(&self.suite.provider, &register, &collateral).unwrap(),
            Execute::new(&self.suite.market, &bid, &[]).unwrap(),
        ];
        rival.execute_many(calls).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_orders_only_what_changed_is_read_again() {
    let mut stage = stage(TOO_DEAR).await;
    let ids = stage.open(MANY).await;
    stage.observe().await;
    assert_eq!(stage.reads(&ids), (12, 12));
    stage.observe().await;
    assert_eq!(stage.reads(&ids), (0, 0), "nothing has changed");

    stage.rival_bids(ids[3]).await;
    let seen = stage.observe().await;
    assert_eq!(stage.reads(&ids), (1, 0), "one got a bid");
    let bid_on = seen
        .orders
        .iter()
        .filter(|o| o.order.auction.best.is_some());
    let bid_on: Vec<u64> = bid_on.map(|open| open.id).collect();
    assert_eq!(bid_on, [ids[3]], "and it is seen");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_price_script_does_not_hold_up_a_pass() {
    let mut stage = stage(TOO_DEAR).await;
    let script = stage.home.path().join("price");
    write(&script, "#!/bin/sh\necho 1\n").unwrap();
    set_permissions(&script, Permissions::from_mode(0o700)).unwrap();
    stage.agent.config.pricing = Pricing::Script(script);
    stage.agent.pricing_limit = Duration::ZERO;
    stage.open(3).await;
    for pass in 1..=3 {
        let seen = stage.observe().await;
        let (priced, later): (Vec<_>, Vec<_>) = seen.orders.iter().partition(|o| o.ask.is_ok());
        assert_eq!(priced.len(), pass, "one more each time");
        let waits = |open: &&crate::plan::OpenOrder| open.ask == Err(PriceError::Later);
        assert!(later.iter().all(waits), "{later:?}");
    }
}
