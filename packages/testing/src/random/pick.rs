//! Whom and what a random step is about: mostly something that exists.

use cosmwasm_std::Addr;
use leasehold_api::market::{
    lease_id, BidsResponse, LeaseResponse, LeasesResponse, OrderResponse, OrdersResponse,
    QueryMsg as MarketQuery,
};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::AuctionMode;
use rand::Rng;

use super::Life;

impl Life {
    /// A bid on an order that its tenant decides.
    pub(super) fn bid_to_accept(&mut self) -> Option<(u64, String)> {
        let decided: Vec<u64> = self
            .open_orders()
            .into_iter()
            .filter(|order| matches!(order.mode, AuctionMode::Open { .. }))
            .map(|order| order.id)
            .collect();
        decided.into_iter().find_map(|order_id| {
            let query = MarketQuery::Bids {
                order_id,
                start_after: None,
                limit: None,
            };
            let found: BidsResponse = self
                .world
                .query(&self.world.suite.market, &query)
                .expect("the market lists bids");
            found
                .bids
                .first()
                .map(|bid| (order_id, bid.provider.to_string()))
        })
    }

    pub(super) fn open_orders(&self) -> Vec<OrderResponse> {
        let query = MarketQuery::OpenOrders {
            start_after: None,
            limit: Some(MAX_LIMIT),
        };
        let open: OrdersResponse = self
            .world
            .query(&self.world.suite.market, &query)
            .expect("the market lists its orders");
        open.orders
    }

    /// The owner of an order's deployment, if there is one.
    pub(super) fn owner(&mut self, order_id: u64) -> Addr {
        let (deployment, _) = leasehold_api::deployment::group_of(order_id);
        self.world
            .deployment(deployment)
            .map_or_else(|_| self.tenant(), |deployment| deployment.owner)
    }

    /// The provider of a lease, if there is one.
    pub(super) fn holder(&mut self, lease_id: u64) -> Addr {
        self.world
            .lease(lease_id)
            .map_or_else(|_| self.provider(), |lease| lease.provider)
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.dice.gen_range(0..from.len())]
    }

    pub(super) fn tenant(&mut self) -> Addr {
        let tenants = self.world.tenants.clone();
        self.pick(&tenants).clone()
    }

    pub(super) fn provider(&mut self) -> Addr {
        let providers = self.world.providers.clone();
        self.pick(&providers).clone()
    }

    pub(super) fn anyone(&mut self) -> Addr {
        match self.dice.gen_range(0..3) {
            0 => self.tenant(),
            1 => self.provider(),
            _ => self.world.stranger.clone(),
        }
    }

    /// Mostly a recent one that exists; sometimes none.
    pub(super) fn recent(&mut self, next: u64) -> u64 {
        let back = self.dice.gen_range(0..6);
        next.saturating_sub(back)
    }

    pub(super) fn deployment(&mut self) -> u64 {
        let next = self.next(
            &self.world.suite.deployment.clone(),
            leasehold_api::deployment::NEXT_DEPLOYMENT,
        );
        self.recent(next)
    }

    /// Mostly an open one.
    pub(super) fn order(&mut self) -> u64 {
        let open = self.open_orders();
        if open.is_empty() || self.dice.gen_ratio(1, 8) {
            return self.deployment() * 8 + self.dice.gen_range(0..3);
        }
        self.pick(&open).id
    }

    /// Mostly an active one.
    pub(super) fn lease(&mut self) -> u64 {
        let provider = self.provider();
        let active = self.active(&provider);
        if active.is_empty() || self.dice.gen_ratio(1, 8) {
            let number = self.dice.gen_range(1..4);
            return lease_id(self.order(), number).expect("small ids");
        }
        self.pick(&active).id
    }

    pub(super) fn active(&self, provider: &Addr) -> Vec<LeaseResponse> {
        let query = MarketQuery::Leases {
            provider: Some(provider.to_string()),
            start_after: None,
            limit: Some(MAX_LIMIT),
        };
        let active: LeasesResponse = self
            .world
            .query(&self.world.suite.market, &query)
            .expect("the market lists leases");
        active.leases
    }

    /// Mostly one that waits.
    pub(super) fn penalty(&mut self) -> (u64, u32) {
        let waiting = self.world.penalties().expect("the market lists penalties");
        if waiting.is_empty() {
            return (self.order(), 1);
        }
        let penalty = self.pick(&waiting);
        (penalty.order_id, penalty.number)
    }

    pub(super) fn account(&mut self) -> u64 {
        let next = self.next(
            &self.world.suite.escrow.clone(),
            leasehold_api::escrow::NEXT_ACCOUNT,
        );
        self.recent(next)
    }

    /// The account opened last.
    pub(super) fn accounts(&self) -> u64 {
        self.next(
            &self.world.suite.escrow,
            leasehold_api::escrow::NEXT_ACCOUNT,
        ) - 1
    }

    pub(super) fn next(&self, contract: &Addr, counter: cw_storage_plus::Item<u64>) -> u64 {
        counter
            .query(&self.world.app.wrap(), contract.clone())
            .expect("every contract counts its ids")
    }
}
