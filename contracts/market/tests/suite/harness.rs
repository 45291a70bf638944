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
    lease_id, order_of, Ended, ExecuteMsg, InstantiateMsg, Lease, Lock, Order, OrderResponse,
    OrderStatus, Params, PenaltiesResponse, QueryMsg, Terms, ACTIVE, COMMITMENTS, ENDED, LEASES,
    LOCKS, OPEN, ORDERS, PENALTIES,
};
use leasehold_api::provider::{self, Hot, Profile, Standing, CAPABILITY, HOT};
use leasehold_api::rules::auction::{AuctionParams, Commitment};
use leasehold_api::rules::stream::{Account, Stream};
use leasehold_api::{
    Asset, AuctionMode, Denom, GroupSpec, Liveness, Requirements, ResourceUnit, SlashShares, Suite,
    SCALE,
};
use leasehold_market::contract::{execute, instantiate, migrate, query};
use leasehold_market::ContractError;

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

/// What the mocks were told to do, in order.
const RECEIVED: Item<Vec<Told>> = Item::new("received");

#[cw_serde]
pub enum Told {
    Open {
        stream: u64,
        account: u64,
        tenant: String,
        payee: String,
        rate: Uint128,
    },
    Reprice {
        stream: u64,
        tenant: String,
        rate: Uint128,
    },
    Close {
        stream: u64,
    },
    Slash {
        provider: String,
        denom: Denom,
        amount: Uint128,
        bond: Uint128,
        at: u64,
        recipients: Vec<provider::Share>,
        reason: String,
    },
    Compensate {
        provider: String,
        amount: Uint128,
        to: String,
    },
}

pub fn params() -> Params {
    Params {
        auction: AuctionParams {
            bidding: 60,
            extension: 15,
            hard_close: 90,
            min_blocks: 2,
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

fn mute(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
    Ok(Response::new())
}

fn no_query(_: Deps, _: Env, _: Empty) -> StdResult<Binary> {
    to_json_binary(&Empty {})
}

fn told(storage: &mut dyn Storage, what: Told) -> StdResult<()> {
    let mut all = RECEIVED.may_load(storage)?.unwrap_or_default();
    all.push(what);
    RECEIVED.save(storage, &all)
}

/// Opens and closes streams by the shared rules; pays nobody.
fn mock_escrow(
    deps: DepsMut,
    env: Env,
    _: MessageInfo,
    msg: escrow::ExecuteMsg,
) -> Result<Response, ContractError> {
    let now = env.block.time.seconds();
    let config = escrow::CONFIG.load(deps.storage)?;
    let live = |payee: &Addr| {
        let hot = provider::hot(&deps.querier, &config.suite.provider, payee);
        hot.map(|hot| hot.live)
    };
    let min = config.params.min_runway;
    // The stream and its account, brought up to now and paid.
    let collected = |storage: &dyn Storage, id: u64| -> Result<(Stream, Account), ContractError> {
        let mut stream = STREAMS.load(storage, id)?;
        let mut account = ACCOUNTS.load(storage, stream.account)?;
        account.settle(now)?;
        let (alive, moment) = stream.witness(Some(&live(&stream.payee)?), now)?;
        stream.reconcile(&mut account, alive, moment)?;
        stream.take_earned();
        Ok((stream, account))
    };
    match msg {
        escrow::ExecuteMsg::OpenStream {
            stream: id,
            account: account_id,
            tenant,
            payee,
            rate,
            until,
        } => {
            let mut account = ACCOUNTS.load(deps.storage, account_id)?;
            escrow::check_tenant::<ContractError>(
                account_id,
                &account,
                &Addr::unchecked(tenant.as_str()),
                rate,
                now,
                || ALLOWANCES.may_load(deps.storage, account_id),
            )?;
            let payee = Addr::unchecked(payee);
            let alive = live(&payee)?.alive_at(now)?;
            let stream = Stream::new(account_id, payee.clone(), rate, alive, now).ending(until);
            let stream = account.open_stream(stream, min)?;
            ACCOUNTS.save(deps.storage, account_id, &account)?;
            STREAMS.save(deps.storage, id, &stream)?;
            let open = Told::Open {
                stream: id,
                account: account_id,
                tenant,
                payee: payee.into(),
                rate,
            };
            told(deps.storage, open)?;
        }
        escrow::ExecuteMsg::RepriceStream {
            stream: id,
            tenant,
            rate,
        } => {
            let (mut stream, mut account) = collected(deps.storage, id)?;
            account.reprice(&mut stream, rate, min)?;
            ACCOUNTS.save(deps.storage, stream.account, &account)?;
            STREAMS.save(deps.storage, id, &stream)?;
            let reprice = Told::Reprice {
                stream: id,
                tenant,
                rate,
            };
            told(deps.storage, reprice)?;
        }
        escrow::ExecuteMsg::CloseStream { stream: id } => {
            let (stream, mut account) = collected(deps.storage, id)?;
            let account_id = stream.account;
            account.close_stream(stream)?;
            ACCOUNTS.save(deps.storage, account_id, &account)?;
            STREAMS.remove(deps.storage, id);
            told(deps.storage, Told::Close { stream: id })?;
        }
        other => panic!("the market sent {other:?}"),
    }
    Ok(Response::new())
}

/// Takes collateral away as it is told.
fn mock_provider(
    deps: DepsMut,
    _: Env,
    _: MessageInfo,
    msg: provider::ExecuteMsg,
) -> Result<Response, ContractError> {
    let mut take = |provider: &str, denom: &Denom, amount: Uint128| -> StdResult<()> {
        let address = Addr::unchecked(provider);
        let mut hot = HOT.load(deps.storage, &address)?;
        for asset in hot.collateral.iter_mut().filter(|a| a.denom == *denom) {
            asset.amount -= amount;
        }
        HOT.save(deps.storage, &address, &hot)
    };
    let what = match msg {
        provider::ExecuteMsg::Slash {
            provider,
            denom,
            amount,
            bond,
            at,
            recipients,
            reason,
        } => {
            take(&provider, &denom, amount)?;
            Told::Slash {
                provider,
                denom,
                amount,
                bond,
                at,
                recipients,
                reason,
            }
        }
        provider::ExecuteMsg::Compensate {
            provider,
            denom,
            amount,
            to,
        } => {
            take(&provider, &denom, amount)?;
            Told::Compensate {
                provider,
                amount,
                to,
            }
        }
        other => panic!("the market sent {other:?}"),
    };
    told(deps.storage, what)?;
    Ok(Response::new())
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

    fn publish(&mut self) {
        let config = escrow::Config {
            suite: self.suite.clone(),
            params: escrow::Params {
                min_runway: MIN_RUNWAY,
                fee_bps: 100,
            },
        };
        escrow::CONFIG.save(&mut *self.escrow(), &config).unwrap();
        let mut account = Account::new(self.tenant.clone(), denom(), START);
        account.balance = Uint128::new(FUNDS * SCALE);
        self.set_account(&account);
        let deployment = Deployment {
            owner: self.tenant.clone(),
            account: ACCOUNT,
            manifest_hash: Binary::from([0; 32]),
            terms: vec![descending().into(); 3],
            created_at: START,
        };
        let mut storage = self.deployments();
        DEPLOYMENTS
            .save(&mut *storage, DEPLOYMENT, &deployment)
            .unwrap();
        for group in 0..3 {
            GROUPS
                .save(&mut *storage, (DEPLOYMENT, group), &group_spec())
                .unwrap();
        }
        drop(storage);
        for name in PROVIDERS {
            let provider = self.addr(name);
            let live = Liveness {
                last: START,
                until: START + 1_000_000,
                height: 1_000,
                alive: 0,
            };
            let hot = Hot {
                live,
                standing: Standing::Active,
                collateral: vec![Asset {
                    denom: denom(),
                    amount: Uint128::new(COLLATERAL),
                }],
            };
            self.set_hot(&provider, &hot);
            CAPABILITY
                .save(&mut *self.registry(), &provider, &Profile::default())
                .unwrap();
        }
    }

    pub fn addr(&self, name: &str) -> Addr {
        self.app.api().addr_make(name)
    }

    pub fn escrow(&mut self) -> Box<dyn Storage + '_> {
        let address = self.suite.escrow.clone();
        self.app.contract_storage_mut(&address)
    }

    pub fn registry(&mut self) -> Box<dyn Storage + '_> {
        let address = self.suite.provider.clone();
        self.app.contract_storage_mut(&address)
    }

    pub fn deployments(&mut self) -> Box<dyn Storage + '_> {
        let address = self.suite.deployment.clone();
        self.app.contract_storage_mut(&address)
    }

    pub fn storage(&self) -> Box<dyn Storage + '_> {
        self.app.contract_storage(&self.suite.market)
    }

    pub fn account(&mut self) -> Account {
        ACCOUNTS.load(&*self.escrow(), ACCOUNT).unwrap()
    }

    pub fn set_account(&mut self, account: &Account) {
        ACCOUNTS
            .save(&mut *self.escrow(), ACCOUNT, account)
            .unwrap();
    }

    /// Makes the account a stranger's, on which the tenant may spend `units` a second.
    pub fn allow(&mut self, units: u128, expires: Option<u64>) {
        let mut account = self.account();
        account.owner = self.addr("stranger");
        self.set_account(&account);
        let allowance = Allowance {
            source: ACCOUNT + 1,
            spender: self.tenant.clone(),
            limits: Limits {
                max_rate: rate(units),
                max_total: Uint128::MAX,
                expires,
                refill: None,
            },
            drawn: Uint128::zero(),
        };
        ALLOWANCES
            .save(&mut *self.escrow(), ACCOUNT, &allowance)
            .unwrap();
    }

    pub fn revoke(&mut self) {
        ALLOWANCES.remove(&mut *self.escrow(), ACCOUNT);
    }

    /// Sets what the account holds now, in whole units.
    pub fn fund(&mut self, units: u128) {
        let now = self.now();
        let mut account = self.account();
        account.settle(now).unwrap();
        account.balance = Uint128::new(units * SCALE);
        self.set_account(&account);
    }

    pub fn hot(&mut self, provider: &Addr) -> Hot {
        HOT.load(&*self.registry(), provider).unwrap()
    }

    pub fn set_hot(&mut self, provider: &Addr, hot: &Hot) {
        HOT.save(&mut *self.registry(), provider, hot).unwrap();
    }

    /// The provider is silent from now on.
    pub fn silence(&mut self, name: &str) {
        let provider = self.addr(name);
        let (now, height) = (self.now(), self.app.block_info().height);
        let mut hot = self.hot(&provider);
        hot.live = hot.live.beat(now, height, 1).unwrap();
        self.set_hot(&provider, &hot);
    }

    /// The deployment and its account change hands, as the deployment contract does it.
    pub fn transfer(&mut self, to: &Addr) {
        let mut storage = self.deployments();
        let mut deployment = DEPLOYMENTS.load(&*storage, DEPLOYMENT).unwrap();
        deployment.owner = to.clone();
        DEPLOYMENTS
            .save(&mut *storage, DEPLOYMENT, &deployment)
            .unwrap();
        drop(storage);
        let mut account = self.account();
        account.owner = to.clone();
        self.set_account(&account);
    }

    pub fn require(&mut self, requirements: Requirements) {
        self.ask_for(&GroupSpec {
            requirements,
            ..group_spec()
        });
    }

    /// What the group asks for from now on.
    pub fn ask_for(&mut self, spec: &GroupSpec) {
        GROUPS
            .save(&mut *self.deployments(), (DEPLOYMENT, 0), spec)
            .unwrap();
    }

    /// The deployment contract passes on that the provider accepts a change of the order's lease of that number.
    pub fn change(
        &mut self,
        provider: &str,
        number: u32,
        units: u128,
        max: Option<u128>,
    ) -> Result<AppResponse, ContractError> {
        let msg = ExecuteMsg::ChangeLease {
            lease_id: lease(number),
            provider: self.addr(provider).to_string(),
            rate: rate(units),
            max_rate: max.map(rate),
        };
        let deployment = self.suite.deployment.clone();
        self.send(&deployment, &msg, &[])
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

    pub fn by(&mut self, name: &str, msg: ExecuteMsg) -> Result<AppResponse, ContractError> {
        let sender = self.addr(name);
        self.send(&sender, &msg, &[])
    }

    pub fn open(&mut self, mode: AuctionMode, max: u128) -> Result<AppResponse, ContractError> {
        let msg = open_msg(mode, rate(max));
        let deployment = self.suite.deployment.clone();
        self.send(&deployment, &msg, &[])
    }

    pub fn close(&mut self) -> Result<AppResponse, ContractError> {
        let deployment = self.suite.deployment.clone();
        self.send(
            &deployment,
            &ExecuteMsg::CloseOrder { order_id: order() },
            &[],
        )
    }

    pub fn bid(&mut self, name: &str, units: u128) -> Result<AppResponse, ContractError> {
        self.by(
            name,
            ExecuteMsg::Bid {
                order_id: order(),
                rate: rate(units),
            },
        )
    }

    pub fn withdraw(&mut self, name: &str) -> Result<AppResponse, ContractError> {
        self.by(name, ExecuteMsg::WithdrawBid { order_id: order() })
    }

    pub fn claim(&mut self, name: &str) -> Result<AppResponse, ContractError> {
        self.by(name, ExecuteMsg::Claim { order_id: order() })
    }

    pub fn accept(&mut self, provider: &str) -> Result<AppResponse, ContractError> {
        let provider = self.addr(provider).to_string();
        let msg = ExecuteMsg::Accept {
            order_id: order(),
            provider,
        };
        self.by("tenant", msg)
    }

    /// Opens the order on these terms.
    pub fn open_on(&mut self, terms: Terms, max: u128) -> Result<AppResponse, ContractError> {
        let ExecuteMsg::OpenOrder {
            order_id,
            account,
            denom,
            max_rate,
            ..
        } = open_msg(descending(), rate(max))
        else {
            unreachable!("it opens an order")
        };
        let msg = ExecuteMsg::OpenOrder {
            order_id,
            account,
            denom,
            max_rate,
            terms,
            offer: None,
        };
        let deployment = self.suite.deployment.clone();
        self.send(&deployment, &msg, &[])
    }

    pub fn give_notice(&mut self, name: &str, number: u32) -> Result<AppResponse, ContractError> {
        let lease_id = lease(number);
        self.by(name, ExecuteMsg::GiveNotice { lease_id })
    }

    /// Ends the order's lease of that number.
    pub fn end(&mut self, name: &str, number: u32) -> Result<AppResponse, ContractError> {
        let lease_id = lease(number);
        self.by(name, ExecuteMsg::EndLease { lease_id })
    }

    pub fn failover(&mut self, name: &str, number: u32) -> Result<AppResponse, ContractError> {
        let lease_id = lease(number);
        self.by(name, ExecuteMsg::Failover { lease_id })
    }

    pub fn excluded(&self) -> Vec<Addr> {
        let excluded = self.record().excluded;
        excluded.into_iter().map(|entry| entry.provider).collect()
    }

    pub fn expire(&mut self, name: &str) -> Result<AppResponse, ContractError> {
        self.by(
            name,
            ExecuteMsg::Expire {
                order_id: order(),
                provider: None,
            },
        )
    }

    pub fn slash(&mut self, name: &str, number: u32) -> Result<AppResponse, ContractError> {
        self.by(
            name,
            ExecuteMsg::Slash {
                order_id: order(),
                number,
            },
        )
    }

    /// Waits for the one penalty that there is and has it carried out.
    pub fn carry_out(&mut self) {
        let now = self.now();
        let found: PenaltiesResponse = self.query(&QueryMsg::Penalties {
            start_after: None,
            limit: None,
        });
        let [penalty] = &found.penalties[..] else {
            panic!("one penalty, not {:?}", found.penalties);
        };
        self.wait(penalty.due_at.saturating_sub(now));
        self.slash("dave", penalty.number).unwrap();
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

    /// Locks = Σ leader bids + Σ commitments + Σ leases ≤ collateral; the lists say what the records say; the book is in order.
    pub fn check(&mut self) {
        let mut expected: BTreeMap<Addr, Lock> = BTreeMap::new();
        let mut add = |provider: &Addr, bond: Uint128| {
            let lock = expected.entry(provider.clone()).or_default();
            lock.amount += bond;
            lock.uses += 1;
        };
        let storage = self.storage();
        for entry in all(&ORDERS, &*storage) {
            let (id, order): (u64, Order) = entry;
            let open = order.status == OrderStatus::Open;
            assert_eq!(OPEN.has(&*storage, id), open, "list of open orders");
            assert_eq!(order.lease.is_some(), order.status == OrderStatus::Leased);
            assert!(order.excluded.len() <= 8);
            let auction = &order.auction;
            if !auction.bond.is_zero() {
                assert!(open, "only an open order binds a leader");
                add(&auction.best.as_ref().unwrap().provider, auction.bond);
            }
            if let (Some(best), Some(second)) = (&auction.best, &auction.second) {
                assert!(best.rate <= second.rate && best.provider != second.provider);
            }
        }
        for entry in COMMITMENTS.range(&*storage, None, None, Direction::Ascending) {
            let ((_, provider), commitment): (_, Commitment) = entry.unwrap();
            add(&provider, commitment.bond);
        }
        let mut streams = vec![];
        for entry in all(&LEASES, &*storage) {
            let (id, lease): (u64, Lease) = entry;
            let order = ORDERS.load(&*storage, order_of(id)).unwrap();
            let active = !ENDED.has(&*storage, id);
            assert_eq!(
                order.lease == Some(id),
                active,
                "one active lease per order"
            );
            assert_eq!(ACTIVE.has(&*storage, (&lease.provider, id)), active);
            if active {
                assert!(lease.rate <= order.auction.max_rate);
                add(&lease.provider, lease.bond);
                streams.push((id, lease.rate, lease.until));
            }
        }
        for entry in PENALTIES.range(&*storage, None, None, Direction::Ascending) {
            let ((id, number), penalty) = entry.unwrap();
            add(&penalty.provider, penalty.bond);
            assert!(number <= ORDERS.load(&*storage, id).unwrap().penalties);
        }
        let locks: BTreeMap<Addr, Lock> = LOCKS
            .range(&*storage, None, None, Direction::Ascending)
            .map(|entry| entry.map(|((provider, _), lock)| (provider, lock)))
            .collect::<StdResult<_>>()
            .unwrap();
        assert_eq!(locks, expected, "locks are the sum of what holds them");
        drop(storage);
        for (provider, lock) in locks {
            let collateral = self.hot(&provider).collateral_in(&denom());
            assert!(lock.amount <= collateral, "{provider} is overcommitted");
        }
        let paying: Vec<_> = STREAMS
            .range(&*self.escrow(), None, None, Direction::Ascending)
            .map(|entry| entry.map(|(id, stream)| (id, stream.rate, stream.until)))
            .collect::<StdResult<_>>()
            .unwrap();
        assert_eq!(paying, streams, "one stream per active lease");
        self.check_offers();
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
