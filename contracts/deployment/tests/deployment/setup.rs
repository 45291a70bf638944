use cosmwasm_std::{coin, Addr, Binary, Coin, Empty, StdResult, Timestamp, Uint128};
use cw_multi_test::{App, AppResponse, ContractWrapper, Executor};
use leasehold_api::deployment::{
    DeploymentResponse, ExecuteMsg, GroupRequest, InstantiateMsg, QueryMsg,
};
use leasehold_api::escrow::{Allowance, Config, Limits, Params, ACCOUNTS, ALLOWANCES, CONFIG};
use leasehold_api::event::TypedEvent;
use leasehold_api::{AuctionMode, Denom, GroupSpec, Requirements, ResourceUnit, Suite};
use leasehold_deployment::{contract, ContractError};
use leasehold_rules::stream::Account;
use serde::de::DeserializeOwned;

use crate::peers::{self, Call};

pub const START: u64 = 1_700_000_000;
pub const RICHES: u128 = 1_000_000;
/// Seconds of the maximum price that an account must hold.
pub const RUNWAY: u64 = 600;
/// The first account that the escrow stand-in gives out.
pub const FIRST_ACCOUNT: u64 = 41;

pub type Outcome = anyhow::Result<AppResponse>;

pub struct World {
    pub app: App,
    pub address: Addr,
    pub suite: Suite<Addr>,
    pub tenant: Addr,
    pub stranger: Addr,
}

pub fn uakt() -> Denom {
    Denom::Native("uakt".into())
}

pub fn hash(byte: u8) -> Binary {
    Binary::from([byte; 32])
}

/// `count` replicas at `rate`.
pub fn spec(name: &str, rate: u128, count: u32) -> GroupSpec {
    GroupSpec {
        name: name.into(),
        requirements: Requirements::default(),
        resources: vec![ResourceUnit {
            cpu: 500,
            memory: 1 << 29,
            storage: vec![],
            gpu: None,
            endpoints: vec![],
            count,
            rate: Uint128::new(rate),
        }],
    }
}

pub fn request(name: &str, rate: u128, auction: Option<AuctionMode>) -> GroupRequest {
    GroupRequest {
        auction,
        ..spec(name, rate, 2).into()
    }
}

/// Two groups: `web` in the default mode, `gpu` by Dutch auction.
pub fn groups() -> Vec<GroupRequest> {
    let dutch = AuctionMode::Dutch {
        min_rate: Some(Uint128::new(50)),
    };
    vec![request("web", 100, None), request("gpu", 70, Some(dutch))]
}

pub fn create(groups: Vec<GroupRequest>, account: Option<u64>) -> ExecuteMsg {
    ExecuteMsg::Create {
        groups,
        manifest_hash: hash(1),
        denom: uakt(),
        account,
    }
}

pub fn world() -> World {
    let mut app = App::default();
    app.update_block(|block| block.time = Timestamp::from_seconds(START));
    let name = |name: &str| app.api().addr_make(name);
    let (admin, tenant, stranger) = (name("admin"), name("tenant"), name("stranger"));
    let (provider, governance) = (name("provider"), name("governance"));
    app.init_modules(|router, _, storage| {
        for rich in [&admin, &tenant, &stranger] {
            let coins = vec![coin(RICHES, "uakt"), coin(RICHES, "uatom")];
            router.bank.init_balance(storage, rich, coins).unwrap();
        }
    });
    let mut peer = |code, label: &str| {
        let code = app.store_code(code);
        app.instantiate_contract(code, admin.clone(), &Empty {}, &[], label, None)
            .unwrap()
    };
    let escrow = peer(peers::escrow(), "escrow");
    let market = peer(peers::market(), "market");
    let code = ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
        .with_migrate(contract::migrate);
    let code = app.store_code(Box::new(code));
    // The stand-ins do not ask who calls, so the contract's own address in the suite does not matter here.
    let suite = Suite {
        deployment: provider.to_string(),
        market: market.to_string(),
        escrow: escrow.to_string(),
        provider: provider.to_string(),
        governance: governance.to_string(),
    };
    let msg = InstantiateMsg {
        suite: suite.clone(),
    };
    let owner = Some(admin.to_string());
    let address = app
        .instantiate_contract(code, admin, &msg, &[], "deployment", owner)
        .unwrap();
    let suite = suite.validate(app.api()).unwrap();
    let config = Config {
        suite: suite.clone(),
        params: Params {
            min_runway: RUNWAY,
            fee_bps: 100,
        },
    };
    let mut storage = app.contract_storage_mut(&suite.escrow);
    CONFIG.save(storage.as_mut(), &config).unwrap();
    drop(storage);
    World {
        suite,
        app,
        address,
        tenant,
        stranger,
    }
}

impl World {
    /// A world in which the tenant has deployment 1 with the two groups on account 41.
    pub fn deployed() -> World {
        let mut world = world();
        let tenant = world.tenant.clone();
        let msg = create(groups(), None);
        world.send(&tenant, &msg, &[coin(500, "uakt")]).unwrap();
        world
    }

    pub fn send(&mut self, sender: &Addr, msg: &ExecuteMsg, funds: &[Coin]) -> Outcome {
        let address = self.address.clone();
        self.app
            .execute_contract(sender.clone(), address, msg, funds)
    }

    /// A message of the tenant's, without funds.
    pub fn tenant(&mut self, msg: &ExecuteMsg) -> Outcome {
        let tenant = self.tenant.clone();
        self.send(&tenant, msg, &[])
    }

    /// Writes an account of one unit into the escrow stand-in.
    pub fn account(&mut self, id: u64, owner: &Addr, denom: Denom) {
        let mut account = Account::new(owner.clone(), denom, START);
        account.deposit(Uint128::one()).unwrap();
        self.set_account(id, &account);
    }

    pub fn set_account(&mut self, id: u64, account: &Account) {
        let escrow = self.suite.escrow.clone();
        let mut storage = self.app.contract_storage_mut(&escrow);
        ACCOUNTS.save(storage.as_mut(), id, account).unwrap();
    }

    /// Lets `spender` pay from account `id`, `max_rate` scaled per second in all.
    pub fn allowance(&mut self, id: u64, spender: &Addr, max_rate: u128, expires: Option<u64>) {
        let allowance = Allowance {
            source: id + 1,
            spender: spender.clone(),
            limits: Limits {
                max_rate: Uint128::new(max_rate),
                max_total: Uint128::zero(),
                expires,
                refill: None,
            },
            drawn: Uint128::zero(),
        };
        let escrow = self.suite.escrow.clone();
        let mut storage = self.app.contract_storage_mut(&escrow);
        ALLOWANCES.save(storage.as_mut(), id, &allowance).unwrap();
    }

    pub fn escrow_calls(&self) -> Vec<Call> {
        peers::calls(&self.app, &self.suite.escrow)
    }

    pub fn market_calls(&self) -> Vec<Call> {
        peers::calls(&self.app, &self.suite.market)
    }

    pub fn ask<T: DeserializeOwned>(&self, msg: &QueryMsg) -> StdResult<T> {
        self.app.wrap().query_wasm_smart(&self.address, msg)
    }

    pub fn deployment(&self, id: u64) -> DeploymentResponse {
        self.ask(&QueryMsg::Deployment { id }).unwrap()
    }

    pub fn purse(&self, who: &Addr) -> u128 {
        let held = self.app.wrap().query_balance(who, "uakt").unwrap();
        held.amount.u128()
    }
}

/// Why the contract refused.
pub fn refusal(outcome: Outcome) -> ContractError {
    outcome.unwrap_err().downcast().unwrap()
}

/// The first event of this type.
pub fn event<T: TypedEvent>(response: &AppResponse) -> Option<T> {
    let name = format!("wasm-{}", T::NAME);
    response
        .events
        .iter()
        .find(|event| event.ty == name)
        .map(|event| T::parse(&event.attributes).unwrap())
}
