//! The market among mock peers that publish the records it reads and carry out what it sends them. After every message all lock and
//! list invariants are checked.

use std::collections::BTreeMap;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    to_json_binary, Addr, Binary, Coin, Deps, DepsMut, Empty, Env, MessageInfo, Order as Direction,
    Response, StdResult, Storage, Timestamp, Uint128,
};
use cw_multi_test::{App, AppResponse, Contract, ContractWrapper, Executor};
use cw_storage_plus::Item;
use leasehold_api::deployment::{order_id, Deployment, DEPLOYMENTS, GROUPS};
use leasehold_api::escrow::{self, Allowance, Limits, ACCOUNTS, ALLOWANCES, STREAMS};
use leasehold_api::market::{
    lease_id, order_of, Ended, ExecuteMsg, History, InstantiateMsg, Lease, Lock, Mark, Order,
    OrderResponse, OrderStatus, Params, PenaltiesResponse, QueryMsg, Reputation, Terms, ACTIVE,
    COMMITMENTS, ENDED, LEASES, LOCKS, OPEN, ORDERS, PENALTIES,
};
use leasehold_api::provider::{self, Declared, Hot, Standing, CAPABILITY, HOT};
use leasehold_api::rules::auction::{AuctionParams, Commitment};
use leasehold_api::rules::stream::{Account, Stream};
use leasehold_api::{
    Asset, AuctionMode, Denom, GroupSpec, Liveness, Requirements, ResourceUnit, SlashShares, Suite,
    SCALE,
};
use leasehold_market::contract::{execute, instantiate, migrate, query};
use leasehold_market::ContractError;

mod check;
mod messages;
mod peers;
mod records;

pub use peers::Told;
use peers::{mock_escrow, mock_provider, mute, no_query, RECEIVED};

pub const START: u64 = 1_000_000;
pub const MIN_RUNWAY: u64 = 60;
pub const PENALTY_DELAY: u64 = 40;
pub const NOTICE: u64 = 500;
pub const COLLATERAL: u128 = 1_000_000;
/// Whole units in the tenant's account.
pub const FUNDS: u128 = 1_000_000;
pub const ACCOUNT: u64 = 5;
pub const DEPLOYMENT: u64 = 7;
pub const PROVIDERS: [&str; 4] = ["alice", "bob", "carol", "dave"];

pub fn params() -> Params {
    Params {
        auction: AuctionParams {
            bidding: 60,
            extension: 15,
            hard_close: 90,
            min_blocks: 6,
            min_decrement_bps: 200,
            claim_window: 30,
            ramp: 100,
            commit: 40,
            reveal: 20,
        },
        bond_seconds: 1_000,
        down_slash_bps: 10_000,
        no_show_slash_bps: 1_000,
        quit_slash_bps: 5_000,
        no_reveal_slash_bps: 2_000,
        slash_shares: SlashShares {
            tenant_bps: 7_000,
            caller_bps: 1_500,
        },
        lapse_blocks: 3,
        max_attempts: 3,
        exclusion: 500,
        penalty_delay: PENALTY_DELAY,
        notice: NOTICE,
        resume_window: 100,
    }
}

/// `units` whole units per second.
pub fn rate(units: u128) -> Uint128 {
    Uint128::new(units * SCALE)
}

pub fn denom() -> Denom {
    Denom::Native("ucredit".into())
}

pub fn order() -> u64 {
    order_id(DEPLOYMENT, 0).unwrap()
}

/// The id of the order's lease of that number.
pub fn lease(number: u32) -> u64 {
    lease_id(order(), number).unwrap()
}

pub fn descending() -> AuctionMode {
    AuctionMode::default()
}

pub fn dutch(min: u128) -> AuctionMode {
    AuctionMode::Dutch {
        min_rate: Some(rate(min)),
    }
}

pub fn market_code() -> Box<dyn Contract<Empty>> {
    Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
}

pub struct World {
    pub app: App,
    pub suite: Suite<Addr>,
    pub tenant: Addr,
}

impl World {
    /// A tenant with a funded account and a deployment of three groups, four live providers, no order yet.
    pub fn new() -> Self {
        let mut app = App::default();
        app.update_block(|block| {
            block.time = Timestamp::from_seconds(START);
            block.height = 1_000;
        });
        let tenant = app.api().addr_make("tenant");
        let mute_code = app.store_code(Box::new(ContractWrapper::new(mute, mute, no_query)));
        let escrow = ContractWrapper::new(mock_escrow, mute, no_query);
        let escrow = app.store_code(Box::new(escrow));
        let registry = ContractWrapper::new(mock_provider, mute, no_query);
        let registry = app.store_code(Box::new(registry));
        let mut peer = |code, label: &str| {
            app.instantiate_contract(code, tenant.clone(), &Empty {}, &[], label, None)
                .unwrap()
        };
        let mut suite = Suite {
            deployment: peer(mute_code, "deployment"),
            escrow: peer(escrow, "escrow"),
            provider: peer(registry, "provider"),
            governance: peer(mute_code, "governance"),
            market: tenant.clone(),
        };
        let code = app.store_code(market_code());
        let msg = InstantiateMsg {
            suite: texts(&suite),
            params: params(),
        };
        let admin = Some(suite.governance.to_string());
        suite.market = app
            .instantiate_contract(code, tenant.clone(), &msg, &[], "market", admin)
            .unwrap();
        let mut world = World { app, suite, tenant };
        world.publish();
        world
    }

    pub fn with_order(mode: AuctionMode, max: u128) -> Self {
        let mut world = World::new();
        world.open(mode, max).unwrap();
        world
    }

    pub fn addr(&self, name: &str) -> Addr {
        self.app.api().addr_make(name)
    }

    pub fn storage(&self) -> Box<dyn Storage + '_> {
        self.app.contract_storage(&self.suite.market)
    }

    pub fn now(&self) -> u64 {
        self.app.block_info().time.seconds()
    }

    /// Moves on by `seconds`, in blocks of five.
    pub fn wait(&mut self, seconds: u64) {
        self.jump(seconds, seconds.div_ceil(5));
    }

    pub fn jump(&mut self, seconds: u64, blocks: u64) {
        self.app.update_block(|block| {
            block.time = block.time.plus_seconds(seconds);
            block.height += blocks;
        });
    }

    pub fn send(
        &mut self,
        sender: &Addr,
        msg: &ExecuteMsg,
        funds: &[Coin],
    ) -> Result<AppResponse, ContractError> {
        let market = self.suite.market.clone();
        let result = self
            .app
            .execute_contract(sender.clone(), market, msg, funds)
            .map_err(|error| error.downcast::<ContractError>().unwrap());
        self.check();
        result
    }

    pub fn excluded(&self) -> Vec<Addr> {
        let excluded = self.record().excluded;
        excluded.into_iter().map(|entry| entry.provider).collect()
    }

    pub fn penalties(&self) -> Vec<(u64, u32)> {
        PENALTIES
            .keys(&*self.storage(), None, None, Direction::Ascending)
            .collect::<StdResult<_>>()
            .unwrap()
    }

    pub fn record(&self) -> Order {
        ORDERS.load(&*self.storage(), order()).unwrap()
    }

    pub fn lease(&self, number: u32) -> Lease {
        LEASES.load(&*self.storage(), lease(number)).unwrap()
    }

    pub fn ended(&self, number: u32) -> Option<Ended> {
        ENDED.may_load(&*self.storage(), lease(number)).unwrap()
    }

    pub fn record_if_any(&self) -> Option<Order> {
        ORDERS.may_load(&*self.storage(), order()).unwrap()
    }

    /// The order as of now.
    pub fn seen(&self) -> OrderResponse {
        self.query(&QueryMsg::Order { id: order() })
    }

    pub fn query<T: serde::de::DeserializeOwned>(&self, msg: &QueryMsg) -> T {
        self.app
            .wrap()
            .query_wasm_smart(&self.suite.market, msg)
            .unwrap()
    }

    /// What is remembered, in the denom of the order.
    pub fn reputation(&self, name: &str) -> Reputation {
        let lock: Lock = self.query(&QueryMsg::Locked {
            provider: self.addr(name).to_string(),
            denom: denom(),
        });
        Reputation::from(&lock.history)
    }

    pub fn locked(&self, name: &str) -> u128 {
        let key = denom().key();
        LOCKS
            .may_load(&*self.storage(), (&self.addr(name), &key))
            .unwrap()
            .map_or(0, |lock| lock.amount.u128())
    }

    /// What escrow and the registry were told since the last look.
    pub fn told(&mut self) -> Vec<Told> {
        let mut all = vec![];
        for storage in [self.suite.escrow.clone(), self.suite.provider.clone()] {
            let mut storage = self.app.contract_storage_mut(&storage);
            all.extend(RECEIVED.may_load(&*storage).unwrap().unwrap_or_default());
            RECEIVED.remove(&mut *storage);
        }
        all
    }
}

pub fn all<T: serde::Serialize + serde::de::DeserializeOwned>(
    map: &cw_storage_plus::Map<u64, T>,
    storage: &dyn Storage,
) -> Vec<(u64, T)> {
    map.range(storage, None, None, Direction::Ascending)
        .collect::<StdResult<_>>()
        .unwrap()
}

pub fn open_msg(mode: AuctionMode, max_rate: Uint128) -> ExecuteMsg {
    ExecuteMsg::OpenOrder {
        order_id: order(),
        account: ACCOUNT,
        denom: denom(),
        terms: mode.into(),
        max_rate,
        offer: None,
    }
}

pub fn texts(suite: &Suite<Addr>) -> Suite {
    Suite {
        deployment: suite.deployment.to_string(),
        market: suite.market.to_string(),
        escrow: suite.escrow.to_string(),
        provider: suite.provider.to_string(),
        governance: suite.governance.to_string(),
    }
}

pub fn group_spec() -> GroupSpec {
    GroupSpec {
        name: "web".into(),
        requirements: Requirements::default(),
        resources: vec![ResourceUnit {
            cpu: 1_000,
            memory: 1 << 30,
            storage: vec![],
            gpu: None,
            endpoints: vec![],
            count: 1,
            rate: rate(10),
        }],
    }
}

/// The error's text holds each of `parts`.
pub fn assert_says(error: ContractError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{text:?} does not say {part:?}");
    }
}
