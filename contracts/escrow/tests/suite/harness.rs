use std::ops::Deref;

use cosmwasm_std::testing::mock_env;
use cosmwasm_std::{coins, from_json, Addr, Coin, Event, Order, StdResult, Uint128};
use cw_multi_test::{no_init, App, AppBuilder, AppResponse, BankSudo, Executor, IntoAddr, SudoMsg};
use leasehold_api::escrow::{
    AccountResponse, ExecuteMsg, InstantiateMsg, Params, QueryMsg, ACCOUNTS, FEES, HOLDS, STREAMS,
};
use leasehold_api::event::TypedEvent;
use leasehold_api::provider::{Hot, Standing, HOT};
use leasehold_api::rules::stream::{Hold, Stream};
use leasehold_api::{Denom, Liveness, Suite, SCALE};
use leasehold_escrow::ContractError;
use serde_json::{json, Value};

mod books;
mod codes;

pub use codes::escrow_contract;
use codes::{governance_contract, registry_contract, token_contract};

pub const AKT: &str = "uakt";
pub const ATOM: &str = "ibc/ATOM";
/// One whole unit per second.
pub const RATE: u128 = SCALE;
pub const RUNWAY: u64 = 60;
/// 1 %.
pub const FEE_BPS: u32 = 100;
/// Of a heartbeat in these tests: the payee lives as long as a test does, unless the test says otherwise.
pub const FOREVER: u64 = 1_000_000;

pub struct Harness {
    pub app: App,
    pub escrow: Addr,
    pub registry: Addr,
    pub market: Addr,
    pub deployment: Addr,
    pub governance: Addr,
    pub token: Addr,
    pub tenant: Addr,
    pub provider: Addr,
}

pub fn addr(name: &str) -> Addr {
    name.into_addr()
}

pub fn akt() -> Denom {
    Denom::Native(AKT.into())
}

pub fn params() -> Params {
    Params {
        min_runway: RUNWAY,
        fee_bps: FEE_BPS,
    }
}

pub fn suite_of(registry: &Addr, governance: &Addr) -> Suite {
    Suite {
        deployment: addr("deployment").into(),
        market: addr("market").into(),
        escrow: addr("escrow").into(),
        provider: registry.to_string(),
        governance: governance.to_string(),
    }
}

/// A response that can be compared, so that a whole result can be.
#[derive(Debug)]
pub struct Done(pub AppResponse);

impl PartialEq for Done {
    fn eq(&self, other: &Self) -> bool {
        (&self.0.events, &self.0.data) == (&other.0.events, &other.0.data)
    }
}

impl Deref for Done {
    type Target = AppResponse;
    fn deref(&self) -> &AppResponse {
        &self.0
    }
}

impl Harness {
    pub fn new() -> Self {
        let mut app = AppBuilder::new().build(no_init);
        app.set_block(mock_env().block);
        let admin = addr("admin");
        let code = app.store_code(registry_contract());
        let registry = app
            .instantiate_contract(code, admin.clone(), &json!({}), &[], "registry", None)
            .unwrap();
        let code = app.store_code(governance_contract());
        let governance = app
            .instantiate_contract(code, admin.clone(), &json!({}), &[], "governance", None)
            .unwrap();
        let code = app.store_code(escrow_contract());
        let msg = InstantiateMsg {
            suite: suite_of(&registry, &governance),
            params: params(),
        };
        let escrow = app
            .instantiate_contract(
                code,
                admin.clone(),
                &msg,
                &[],
                "escrow",
                Some(admin.to_string()),
            )
            .unwrap();
        let code = app.store_code(token_contract());
        let tenant = addr("tenant");
        let msg = json!({
            "name": "Token", "symbol": "TOK", "decimals": 6,
            "initial_balances": [{"address": tenant, "amount": "1000000"}],
        });
        let token = app
            .instantiate_contract(code, admin, &msg, &[], "token", None)
            .unwrap();
        let mut harness = Harness {
            app,
            escrow,
            registry,
            market: addr("market"),
            deployment: addr("deployment"),
            governance,
            token,
            tenant,
            provider: addr("provider"),
        };
        harness.fund("tenant", 1_000_000_000, AKT);
        harness.fund("tenant", 1_000_000_000, ATOM);
        harness.beat("provider", FOREVER);
        harness
    }

    /// The address that goes by a name.
    pub fn named(&self, name: &str) -> Addr {
        match name {
            "governance" => self.governance.clone(),
            name => addr(name),
        }
    }

    pub fn fund(&mut self, who: &str, amount: u128, denom: &str) {
        let mint = BankSudo::Mint {
            to_address: self.named(who).into(),
            amount: coins(amount, denom),
        };
        self.app.sudo(SudoMsg::Bank(mint)).unwrap();
    }

    pub fn now(&self) -> u64 {
        self.app.block_info().time.seconds()
    }

    pub fn pass(&mut self, seconds: u64) {
        self.app.update_block(|block| {
            block.time = block.time.plus_seconds(seconds);
            block.height += 1;
        });
    }

    /// A heartbeat of `who`, good for `grace` seconds.
    pub fn beat(&mut self, who: &str, grace: u64) {
        let (provider, block) = (addr(who), self.app.block_info());
        let mut storage = self.app.contract_storage_mut(&self.registry);
        let live = HOT
            .may_load(storage.as_ref(), &provider)
            .unwrap()
            .map_or(
                Liveness {
                    last: block.time.seconds(),
                    until: block.time.seconds(),
                    ..Liveness::default()
                },
                |hot| hot.live,
            )
            .beat(block.time.seconds(), block.height, grace)
            .unwrap();
        let hot = Hot {
            live,
            standing: Standing::Active,
            collateral: vec![],
        };
        HOT.save(storage.as_mut(), &provider, &hot).unwrap();
    }

    /// Removes a provider's record, as if it had left.
    pub fn vanish(&mut self, who: &str) {
        let mut storage = self.app.contract_storage_mut(&self.registry);
        HOT.remove(storage.as_mut(), &addr(who));
    }

    pub fn execute(
        &mut self,
        sender: &Addr,
        msg: &ExecuteMsg,
        funds: &[Coin],
    ) -> Result<Done, ContractError> {
        self.app
            .execute_contract(sender.clone(), self.escrow.clone(), msg, funds)
            .map(Done)
            .map_err(|error| error.downcast().expect("an error of escrow"))
    }

    pub fn query<T: serde::de::DeserializeOwned>(&self, msg: &QueryMsg) -> T {
        self.app.wrap().query_wasm_smart(&self.escrow, msg).unwrap()
    }

    pub fn account(&self, id: u64) -> AccountResponse {
        self.query(&QueryMsg::Account { id })
    }

    /// A native account of the tenant with `amount` in it.
    pub fn open(&mut self, amount: u128) -> u64 {
        self.open_in(AKT, amount)
    }

    pub fn open_in(&mut self, denom: &str, amount: u128) -> u64 {
        let msg = ExecuteMsg::Open {
            owner: None,
            denom: Denom::Native(denom.into()),
        };
        let response = self
            .execute(&self.tenant.clone(), &msg, &coins(amount, denom))
            .unwrap();
        from_json(response.data.clone().unwrap()).unwrap()
    }

    pub fn deposit(&mut self, account: u64, amount: u128) {
        let msg = ExecuteMsg::Deposit { account };
        self.execute(&self.tenant.clone(), &msg, &coins(amount, AKT))
            .unwrap();
    }

    pub fn try_stream(
        &mut self,
        stream: u64,
        account: u64,
        payee: &str,
        rate: u128,
    ) -> Result<Done, ContractError> {
        let msg = ExecuteMsg::OpenStream {
            stream,
            account,
            tenant: self.tenant.to_string(),
            payee: addr(payee).to_string(),
            rate: Uint128::new(rate),
            until: None,
        };
        self.execute(&self.market.clone(), &msg, &[])
    }

    /// A stream of `seconds` that is paid ahead.
    pub fn try_job(
        &mut self,
        stream: u64,
        account: u64,
        payee: &str,
        rate: u128,
        seconds: u64,
    ) -> Result<Done, ContractError> {
        let msg = ExecuteMsg::OpenStream {
            stream,
            account,
            tenant: self.tenant.to_string(),
            payee: addr(payee).to_string(),
            rate: Uint128::new(rate),
            until: Some(self.now() + seconds),
        };
        self.execute(&self.market.clone(), &msg, &[])
    }

    pub fn try_hold(
        &mut self,
        tenant: &str,
        order_id: u64,
        account: u64,
        amount: u128,
    ) -> Result<Done, ContractError> {
        let msg = ExecuteMsg::Hold {
            order_id,
            account,
            tenant: addr(tenant).to_string(),
            rate: Uint128::new(RATE),
            amount: Uint128::new(amount),
        };
        self.execute(&self.market.clone(), &msg, &[])
    }

    pub fn release(&mut self, order_id: u64, payee: Option<&str>, amount: u128) -> Done {
        let msg = ExecuteMsg::Release {
            order_id,
            payee: payee.map(|payee| addr(payee).to_string()),
            amount: Uint128::new(amount),
        };
        self.execute(&self.market.clone(), &msg, &[]).unwrap()
    }

    pub fn try_reprice(
        &mut self,
        tenant: &str,
        stream: u64,
        rate: u128,
    ) -> Result<Done, ContractError> {
        let msg = ExecuteMsg::RepriceStream {
            stream,
            tenant: addr(tenant).into(),
            rate: Uint128::new(rate),
        };
        self.execute(&self.market.clone(), &msg, &[])
    }

    pub fn stream(&mut self, stream: u64, account: u64, payee: &str, rate: u128) {
        self.try_stream(stream, account, payee, rate).unwrap();
    }

    pub fn close(&mut self, stream: u64) -> Done {
        self.execute(
            &self.market.clone(),
            &ExecuteMsg::CloseStream { stream },
            &[],
        )
        .unwrap()
    }

    pub fn collect(&mut self, streams: &[u64]) -> Done {
        let msg = ExecuteMsg::Collect {
            streams: streams.to_vec(),
        };
        self.execute(&addr("anyone"), &msg, &[]).unwrap()
    }

    pub fn withdraw(&mut self, account: u64, amount: u128) -> Result<Done, ContractError> {
        let amount = Some(Uint128::new(amount));
        let msg = ExecuteMsg::Withdraw { account, amount };
        self.execute(&self.tenant.clone(), &msg, &[])
    }

    pub fn bank(&self, who: &str, denom: &str) -> u128 {
        let who = self.named(who);
        let balance = self.app.wrap().query_balance(who, denom).unwrap();
        balance.amount.u128()
    }

    pub fn tokens(&self, who: &Addr) -> u128 {
        let balance: cw20::BalanceResponse = self
            .app
            .wrap()
            .query_wasm_smart(&self.token, &json!({"balance": {"address": who}}))
            .unwrap();
        balance.balance.u128()
    }
}

/// All typed events of one kind in a response, in order.
pub fn events<T: TypedEvent>(response: &AppResponse) -> Vec<T> {
    let name = format!("wasm-{}", T::NAME);
    let of_kind = |event: &&Event| event.ty == name;
    response
        .events
        .iter()
        .filter(of_kind)
        .map(|event| T::parse(&event.attributes).unwrap())
        .collect()
}

/// Number of bank transfers in a response.
pub fn transfers(response: &AppResponse) -> usize {
    response
        .events
        .iter()
        .filter(|e| e.ty == "transfer")
        .count()
}

pub fn as_json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}
