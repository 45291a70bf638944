//! One transaction for many messages, of which the chain may refuse one.

use leasehold_api::market::Order;

use super::*;
use crate::chain::Lookup;

/// No such order.
const NOWHERE: u64 = 8_000_000;
const RATE: Uint128 = Uint128::new(100 * SCALE);

impl Stage {
    async fn send(&mut self, txs: Vec<Tx>) -> u64 {
        let height = self.status().await.height;
        self.proxy.clear();
        self.agent.send(txs, height).await.unwrap();
        height
    }

    async fn order(&self, id: u64) -> Order {
        self.agent.reader.order(id).await.unwrap().unwrap()
    }

    fn leads(&self, order: &Order) -> bool {
        let best = order.auction.best.as_ref();
        best.is_some_and(|best| best.provider == self.agent.me)
    }
}

fn bid(order: u64) -> Tx {
    Tx::Bid { order, rate: RATE }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_message_holds_up_no_other() {
    let mut stage = stage(500).await;
    let orders = stage.open(7).await;
    let beat = |hot: Option<leasehold_api::provider::Hot>| hot.unwrap().live.height;
    let before = beat(stage.agent.reader.hot(&stage.agent.me).await.unwrap());
    let mut txs: Vec<Tx> = orders.iter().copied().map(bid).collect();
    txs.insert(4, bid(NOWHERE));
    txs.insert(0, Tx::Heartbeat);
    let height = stage.send(txs).await;

    assert!(beat(stage.agent.reader.hot(&stage.agent.me).await.unwrap()) > before);
    for id in orders {
        let order = stage.order(id).await;
        assert!(stage.leads(&order), "order {id} got no bid");
    }
    // Of nine the first four, then of the other five the sixth, and the last three.
    assert_eq!(stage.proxy.count("broadcast_tx_sync"), 3);
    assert!(stage.agent.tx_waits.is_waiting(&bid(NOWHERE), height));
    // It is not tried again at once.
    stage.send(vec![bid(NOWHERE), Tx::Heartbeat]).await;
    assert_eq!(stage.proxy.count("broadcast_tx_sync"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stream_that_cannot_be_paid_holds_up_no_other() {
    let mut stage = stage(500).await;
    stage.open(2).await;
    let ids = stage.win(2).await;
    stage.chain.advance(60).await.unwrap();
    stage.chain.wait_blocks(2).await.unwrap();

    let now = stage.status().await.time.seconds();
    let streams = vec![ids[0], NOWHERE * 10_000 + 1, ids[1]];
    stage.send(vec![Tx::Collect { leases: streams }]).await;
    for id in ids {
        let stream = stage.agent.reader.stream(id).await.unwrap().unwrap();
        assert!(stream.at >= now, "lease {id} was not collected");
    }
}
