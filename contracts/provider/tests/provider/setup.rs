use cosmwasm_std::{
    coin, to_json_binary, Addr, Binary, Coin, Deps, DepsMut, Empty, Env, MessageInfo, Response,
    StdError, StdResult, Timestamp, Uint128,
};
use cw20::{Cw20Coin, Cw20ExecuteMsg, Cw20ReceiveMsg};
use cw_multi_test::{App, AppResponse, ContractWrapper, Executor};
use leasehold_api::event::TypedEvent;
use leasehold_api::market::{Lock, LOCKS};
use leasehold_api::provider::{
    Contact, Cw20HookMsg, ExecuteMsg, InstantiateMsg, Params, ProviderResponse, QueryMsg, Trust,
    Unbonding, UnbondingsResponse,
};
use leasehold_api::{Asset, Attribute, Capability, Denom, Suite};
use leasehold_provider::{contract, ContractError};
use serde::de::DeserializeOwned;

pub const START: u64 = 1_700_000_000;
pub const GRACE: u64 = 1_200;
pub const DELAY: u64 = 1_000;
pub const WINDOW: u64 = 600;
pub const NATIVES: [&str; 2] = [
    "uakt",
    "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2",
];
pub const RICHES: u128 = 1_000_000;

pub type Outcome = anyhow::Result<AppResponse>;

pub struct Registry {
    pub app: App,
    pub address: Addr,
    pub suite: Suite<Addr>,
    pub token: Addr,
    /// A cw20 token that takes money and pays none out.
    pub stingy: Addr,
    pub providers: [Addr; 3],
    pub stranger: Addr,
}

pub fn params() -> Params {
    Params {
        grace: GRACE,
        unbonding: DELAY,
        lapse_window: WINDOW,
        breaker_bps: 3_000,
        maintenance_notice: 100,
        maintenance_longest: 50,
        maintenance_rest: 1_000,
        trust: trust(),
    }
}

pub fn trust() -> Trust {
    Trust {
        denom: "uakt".into(),
        auditor_bond: Uint128::new(1_000),
        watcher_bond: Uint128::new(500),
        attestation_life: 10_000,
        challenge_deposit: Uint128::new(200),
        challenge_period: 300,
        watch_round: 100,
        panel: 5,
        watch_fee: Uint128::new(3),
    }
}

pub fn contact() -> Contact {
    Contact {
        gateway: "https://gpu.example.com:8443".into(),
        tls_pin: Binary::from([7; 32]),
        age_recipient: format!("age1{}", "q".repeat(58)),
    }
}

pub fn capability() -> Capability {
    Capability {
        attributes: vec![Attribute {
            key: "region".into(),
            value: "eu-west".into(),
        }],
        gpus: vec![],
    }
}

pub fn uakt() -> Denom {
    Denom::Native("uakt".into())
}

pub fn asset(denom: &Denom, amount: u128) -> Asset {
    Asset {
        denom: denom.clone(),
        amount: Uint128::new(amount),
    }
}

pub fn registry() -> Registry {
    let mut app = App::default();
    app.update_block(|block| block.time = Timestamp::from_seconds(START));
    let name = |name: &str| app.api().addr_make(name);
    let providers = [name("anna"), name("bert"), name("cleo")];
    let (admin, stranger) = (name("admin"), name("stranger"));
    let peers = Suite {
        deployment: name("deployment").to_string(),
        market: name("market").to_string(),
        escrow: name("escrow").to_string(),
        provider: name("provider").to_string(),
        governance: name("governance").to_string(),
    };
    app.init_modules(|router, _, storage| {
        for rich in providers.iter().chain([&stranger, &admin]) {
            let coins = NATIVES.map(|denom| coin(RICHES, denom)).to_vec();
            router.bank.init_balance(storage, rich, coins).unwrap();
        }
    });
    let code = ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
        .with_reply(contract::reply)
        .with_migrate(contract::migrate);
    let code = app.store_code(Box::new(code));
    let msg = InstantiateMsg {
        suite: peers.clone(),
        params: params(),
    };
    let owner = Some(admin.to_string());
    let address = app
        .instantiate_contract(code, admin.clone(), &msg, &[], "registry", owner)
        .unwrap();
    let token = cw20(&mut app, &admin, &providers, "TOK");
    let stingy = app.store_code(Box::new(ContractWrapper::new(
        stingy_execute,
        |_: DepsMut, _: Env, _: MessageInfo, _: Empty| StdResult::Ok(Response::new()),
        |_: Deps, _: Env, _: Empty| StdResult::Ok(Binary::default()),
    )));
    let stingy = app
        .instantiate_contract(stingy, admin, &Empty {}, &[], "stingy", None)
        .unwrap();
    Registry {
        suite: peers.validate(app.api()).unwrap(),
        app,
        address,
        token,
        stingy,
        providers,
        stranger,
    }
}

fn cw20(app: &mut App, admin: &Addr, holders: &[Addr], symbol: &str) -> Addr {
    use cw20_base::contract::{execute, instantiate, query};
    let code = app.store_code(Box::new(ContractWrapper::new(execute, instantiate, query)));
    let initial_balances = holders
        .iter()
        .map(|holder| Cw20Coin {
            address: holder.to_string(),
            amount: Uint128::new(RICHES),
        })
        .collect();
    let msg = cw20_base::msg::InstantiateMsg {
        name: symbol.into(),
        symbol: symbol.into(),
        decimals: 6,
        initial_balances,
        mint: None,
        marketing: None,
    };
    app.instantiate_contract(code, admin.clone(), &msg, &[], symbol, None)
        .unwrap()
}

/// Passes `Send` on to the hook and refuses everything else.
fn stingy_execute(
    _: DepsMut,
    _: Env,
    info: MessageInfo,
    msg: Cw20ExecuteMsg,
) -> StdResult<Response> {
    let Cw20ExecuteMsg::Send {
        contract,
        amount,
        msg,
    } = msg
    else {
        return Err(StdError::generic_err("this token pays nothing out"));
    };
    let hook = Cw20ReceiveMsg {
        sender: info.sender.to_string(),
        amount,
        msg,
    };
    Ok(Response::new().add_message(cosmwasm_std::WasmMsg::Execute {
        contract_addr: contract,
        msg: to_json_binary(&ExecuteMsg::Receive(hook))?,
        funds: vec![],
    }))
}

impl Registry {
    pub fn tok(&self) -> Denom {
        Denom::Cw20(self.token.to_string())
    }

    pub fn anna(&self) -> Addr {
        self.providers[0].clone()
    }

    pub fn send(&mut self, sender: &Addr, msg: &ExecuteMsg, funds: &[Coin]) -> Outcome {
        let address = self.address.clone();
        self.app
            .execute_contract(sender.clone(), address, msg, funds)
    }

    pub fn register(&mut self, who: &Addr, funds: &[Coin]) -> Outcome {
        let msg = ExecuteMsg::Register {
            contact: contact(),
            capability: capability(),
        };
        self.send(who, &msg, funds)
    }

    /// A registry in which Anna has `amount` uakt of collateral.
    pub fn with_anna(amount: u128) -> (Registry, Addr) {
        let mut registry = registry();
        let anna = registry.anna();
        registry.register(&anna, &[coin(amount, "uakt")]).unwrap();
        (registry, anna)
    }

    pub fn allow(&mut self, who: &Addr, token: &Addr) -> Outcome {
        let token = token.to_string();
        self.send(who, &ExecuteMsg::AllowToken { token }, &[])
    }

    /// Sends cw20 tokens to the registry with the bond hook.
    pub fn bond_token(&mut self, token: &Addr, who: &Addr, amount: u128) -> Outcome {
        let msg = Cw20ExecuteMsg::Send {
            contract: self.address.to_string(),
            amount: Uint128::new(amount),
            msg: to_json_binary(&Cw20HookMsg::Bond {}).unwrap(),
        };
        self.app
            .execute_contract(who.clone(), token.clone(), &msg, &[])
    }

    pub fn unbond(&mut self, who: &Addr, asset: Asset) -> Outcome {
        self.send(who, &ExecuteMsg::Unbond { asset }, &[])
    }

    pub fn claim(&mut self, who: &Addr) -> Outcome {
        self.send(who, &ExecuteMsg::Claim {}, &[])
    }

    /// Makes the market lock `amount` of a provider's collateral.
    pub fn lock(&mut self, provider: &Addr, denom: &Denom, amount: u128) {
        let lock = Lock {
            amount: Uint128::new(amount),
            uses: u32::from(amount > 0),
            ..Lock::default()
        };
        let market = self.suite.market.clone();
        let mut storage = self.app.contract_storage_mut(&market);
        let key = denom.key();
        LOCKS
            .save(storage.as_mut(), (provider, key.as_str()), &lock)
            .unwrap();
    }

    pub fn pass(&mut self, seconds: u64) {
        self.app.update_block(|block| {
            block.time = block.time.plus_seconds(seconds);
            block.height += 1;
        });
    }

    pub fn now(&self) -> u64 {
        self.app.block_info().time.seconds()
    }

    pub fn ask<T: DeserializeOwned>(&self, msg: &QueryMsg) -> StdResult<T> {
        self.app.wrap().query_wasm_smart(&self.address, msg)
    }

    pub fn provider(&self, who: &Addr) -> ProviderResponse {
        let address = who.to_string();
        self.ask(&QueryMsg::Provider { address }).unwrap()
    }

    pub fn collateral(&self, who: &Addr) -> Vec<Asset> {
        self.provider(who).collateral
    }

    pub fn unbondings(&self, who: &Addr) -> Vec<Unbonding> {
        let address = who.to_string();
        let answer: UnbondingsResponse = self.ask(&QueryMsg::Unbondings { address }).unwrap();
        answer.unbondings
    }

    /// What an account holds in bank or token.
    pub fn purse(&self, who: &Addr, denom: &Denom) -> u128 {
        let wrap = self.app.wrap();
        match denom {
            Denom::Native(denom) => wrap.query_balance(who, denom).unwrap().amount.u128(),
            Denom::Cw20(token) => {
                let address = who.to_string();
                let msg = cw20::Cw20QueryMsg::Balance { address };
                let held: cw20::BalanceResponse = wrap.query_wasm_smart(token, &msg).unwrap();
                held.balance.u128()
            }
        }
    }
}

/// Why the registry refused.
pub fn refusal(outcome: Outcome) -> ContractError {
    outcome.unwrap_err().downcast().unwrap()
}

/// The text of the rule that refused.
pub fn rule(outcome: Outcome) -> String {
    match refusal(outcome) {
        ContractError::Rule(rule) => rule.to_string(),
        other => panic!("not a rule: {other:?}"),
    }
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
