//! The suite deployed on cw-multi-test the way a chain deploys it: addresses predicted, then instantiated in one go.

use std::fmt::Debug;

use anyhow::{anyhow, Result};
use cosmwasm_std::testing::MockStorage;
use cosmwasm_std::{
    coin, instantiate2_address, Addr, Api, BankMsg, Binary, BlockInfo, Coin, CosmosMsg, Empty,
    Order, Record, Storage, Uint128, WasmMsg,
};
use cw20::{Cw20Coin, Cw20ExecuteMsg, Cw20QueryMsg};
use cw_multi_test::{
    App, AppBuilder, AppResponse, BankKeeper, BankSudo, Contract, ContractWrapper, Executor,
    MockApiBech32, WasmKeeper,
};
use leasehold_api::genesis::Genesis;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::{governance, Asset, Denom, Suite};
use leasehold_devchain::{native_codes, NativeCode};
use serde::{de::DeserializeOwned, Serialize};

use crate::invariants::denoms;
use crate::meter::{Meter, Metered};
use crate::snapshot::{storage, Snapshot};

/// Denom of rent and collateral in tests.
pub const RENT: &str = "uakt";
/// Denom of governance stake in tests.
pub const STAKE: &str = "ustake";
/// What every named account starts with, of each denom and of the cw20 token.
pub const FORTUNE: u128 = 1_000_000_000_000;

const SALT: &str = "leasehold";
const PREFIX: &str = "wasm";

pub type TestApp = App<BankKeeper, MockApiBech32>;

/// A chain with the suite and a cw20 token on it, and some accounts with money.
pub struct World {
    pub app: TestApp,
    pub suite: Suite<Addr>,
    pub token: Addr,
    pub tenants: Vec<Addr>,
    pub providers: Vec<Addr>,
    /// Everything else: keepers, passers-by, thieves.
    pub stranger: Addr,
    /// Counts what the suite does to storage.
    pub meter: Meter,
}

/// A whole chain at one moment.
pub struct Saved {
    records: Vec<Record>,
    block: BlockInfo,
}

impl World {
    /// The suite with development parameters.
    pub fn new() -> Self {
        Self::with(&Genesis::development(STAKE))
    }

    pub fn with(genesis: &Genesis) -> Self {
        let api = MockApiBech32::new(PREFIX);
        let deployer = api.addr_make("deployer");
        let tenants: Vec<Addr> = (0..3)
            .map(|i| api.addr_make(&format!("tenant{i}")))
            .collect();
        let providers: Vec<Addr> = (0..5)
            .map(|i| api.addr_make(&format!("provider{i}")))
            .collect();
        let stranger = api.addr_make("stranger");
        let everyone: Vec<Addr> = tenants
            .iter()
            .chain(&providers)
            .chain([&stranger, &deployer])
            .cloned()
            .collect();
        let mut app = AppBuilder::new()
            .with_api(api)
            .with_wasm(WasmKeeper::default())
            .build(|router, _, storage| {
                for account in &everyone {
                    let coins = vec![coin(FORTUNE, RENT), coin(FORTUNE, STAKE)];
                    router
                        .bank
                        .init_balance(storage, account, coins)
                        .expect("a fresh bank takes balances");
                }
            });
        let meter = Meter::default();
        let suite = deploy(&mut app, &deployer, genesis, &meter).expect("the suite deploys");
        let token = deploy_token(&mut app, &deployer, &everyone).expect("the token deploys");
        World {
            app,
            suite,
            token,
            tenants,
            providers,
            stranger,
            meter,
        }
    }

    pub fn save(&self) -> Saved {
        let storage = self.app.storage();
        Saved {
            records: storage.range(None, None, Order::Ascending).collect(),
            block: self.app.block_info(),
        }
    }

    /// Back to that moment; contracts deployed since are gone.
    pub fn restore(&mut self, saved: &Saved) {
        let storage = self.app.storage_mut();
        let keys = storage.range(None, None, Order::Ascending);
        for key in keys.map(|(key, _)| key).collect::<Vec<_>>() {
            storage.remove(&key);
        }
        for (key, value) in &saved.records {
            storage.set(key, value);
        }
        self.app.set_block(saved.block.clone());
    }

    pub fn now(&self) -> u64 {
        self.app.block_info().time.seconds()
    }

    /// Lets `seconds` pass, a block each.
    pub fn pass(&mut self, seconds: u64) {
        self.app.update_block(|block| {
            block.time = block.time.plus_seconds(seconds);
            block.height += seconds;
        });
    }

    /// A chain that stands still for `seconds`: the next block is that much later.
    pub fn halt(&mut self, seconds: u64) {
        self.app.update_block(|block| {
            block.time = block.time.plus_seconds(seconds);
            block.height += 1;
        });
    }

    pub fn execute(
        &mut self,
        sender: &Addr,
        contract: &Addr,
        msg: &(impl Serialize + Debug),
        funds: &[Coin],
    ) -> Result<AppResponse> {
        self.app
            .execute_contract(sender.clone(), contract.clone(), msg, funds)
    }

    /// Sends cw20 tokens with a message for `contract`.
    pub fn send_token(
        &mut self,
        sender: &Addr,
        contract: &Addr,
        amount: u128,
        msg: &impl Serialize,
    ) -> Result<AppResponse> {
        let send = Cw20ExecuteMsg::Send {
            contract: contract.to_string(),
            amount: Uint128::new(amount),
            msg: cosmwasm_std::to_json_binary(msg)?,
        };
        let token = self.token.clone();
        self.execute(sender, &token, &send, &[])
    }

    pub fn query<T: DeserializeOwned>(&self, contract: &Addr, msg: &impl Serialize) -> Result<T> {
        Ok(self.app.wrap().query_wasm_smart(contract, msg)?)
    }

    /// What the bank or the token says; nothing of a token that does not exist.
    pub fn balance(&self, who: &Addr, denom: &Denom) -> Uint128 {
        let bank = self.app.wrap();
        match denom {
            Denom::Native(denom) => {
                let held = bank.query_balance(who, denom);
                held.expect("the bank answers balance queries").amount
            }
            Denom::Cw20(token) if self.app.contract_data(&Addr::unchecked(token)).is_err() => {
                Uint128::zero()
            }
            Denom::Cw20(token) => {
                let query = Cw20QueryMsg::Balance {
                    address: who.to_string(),
                };
                let held: cw20::BalanceResponse = bank
                    .query_wasm_smart(token, &query)
                    .expect("a token answers balance queries");
                held.balance
            }
        }
    }

    pub fn rent_denom(&self) -> Denom {
        Denom::Native(RENT.into())
    }

    pub fn token_denom(&self) -> Denom {
        Denom::Cw20(self.token.to_string())
    }

    /// Moves coins between accounts without any contract.
    pub fn give(&mut self, from: &Addr, to: &Addr, amount: Coin) -> Result<AppResponse> {
        let send: CosmosMsg = BankMsg::Send {
            to_address: to.to_string(),
            amount: vec![amount],
        }
        .into();
        self.app.execute(from.clone(), send)
    }

    /// New coins out of nowhere.
    pub fn mint(&mut self, to: &Addr, amount: Coin) -> Result<AppResponse> {
        let mint = BankSudo::Mint {
            to_address: to.to_string(),
            amount: vec![amount],
        };
        self.app.sudo(mint.into())
    }

    /// Somebody new, with `units` of rent.
    pub fn newcomer(&mut self, name: &str, units: u128) -> Result<Addr> {
        let address = self.app.api().addr_make(name);
        self.mint(&address, coin(units, RENT))?;
        Ok(address)
    }

    /// A contract's records, to read.
    pub fn storage(&self, of: impl Fn(&Suite<Addr>) -> &Addr) -> Box<dyn Storage + '_> {
        self.app.contract_storage(of(&self.suite))
    }

    /// A contract's records, to write past the contract.
    pub fn storage_mut(&mut self, of: impl Fn(&Suite<Addr>) -> &Addr) -> Box<dyn Storage + '_> {
        let contract = of(&self.suite).clone();
        self.app.contract_storage_mut(&contract)
    }

    pub fn snapshot(&self) -> Snapshot {
        let dump = |contract: &Addr| -> MockStorage { storage(self.app.dump_wasm_raw(contract)) };
        let contracts = self.suite.addresses();
        let suite = Suite::from_addresses(contracts.into_iter().map(Addr::to_string));
        let storages = Suite::from_addresses(contracts.into_iter().map(dump));
        let mut snapshot = Snapshot {
            now: self.now(),
            height: self.app.block_info().height,
            suite: suite.expect("five addresses"),
            storages: storages.expect("five storages"),
            balances: vec![],
        };
        for denom in denoms(&snapshot).expect("all records decode") {
            for holder in contracts {
                let amount = self.balance(holder, &denom);
                snapshot
                    .balances
                    .push((holder.to_string(), denom.clone(), amount));
            }
        }
        snapshot
    }

    /// Checks every invariant of the design's section 9.
    ///
    /// # Panics
    /// With all violations, when one does not hold.
    pub fn check(&self) {
        let violations = crate::invariants::check(&self.snapshot()).expect("all records decode");
        assert!(violations.is_empty(), "at {}: {violations:#?}", self.now());
        let stake = Denom::Native(STAKE.into());
        for denom in [stake, self.rent_denom(), self.token_denom()] {
            // Governance itself finds out whether it has what it owes.
            let treasury = governance::QueryMsg::Treasury { denom };
            self.query::<Asset>(&self.suite.governance, &treasury)
                .expect("governance is solvent");
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn deploy(
    app: &mut TestApp,
    deployer: &Addr,
    genesis: &Genesis,
    meter: &Meter,
) -> Result<Suite<Addr>> {
    let codes: Vec<u64> = codes(meter)
        .into_iter()
        .map(|code| app.store_code(code))
        .collect();
    let creator = app.api().addr_canonicalize(deployer.as_str())?;
    let predicted = codes
        .iter()
        .zip(CONTRACTS)
        .map(|(code, name)| {
            let checksum = app.wrap().query_wasm_code_info(*code)?.checksum;
            let address = instantiate2_address(checksum.as_slice(), &creator, &salt(name))?;
            Ok(app.api().addr_humanize(&address)?)
        })
        .collect::<Result<Vec<_>>>()?;
    let suite = Suite::from_addresses(predicted.iter().map(Addr::to_string))
        .ok_or_else(|| anyhow!("five contracts"))?;
    for (((code, name), msg), expected) in codes
        .iter()
        .zip(CONTRACTS)
        .zip(genesis.instantiate_msgs(&suite)?)
        .zip(&predicted)
    {
        let instantiate = WasmMsg::Instantiate2 {
            admin: Some(suite.governance.clone()),
            code_id: *code,
            label: name.into(),
            msg,
            funds: vec![],
            salt: Binary::from(salt(name)),
        };
        app.execute(deployer.clone(), instantiate.into())?;
        anyhow::ensure!(
            app.contract_data(expected).is_ok(),
            "{name} is not at its predicted address"
        );
    }
    Suite::from_addresses(predicted).ok_or_else(|| anyhow!("five contracts"))
}

fn salt(name: &str) -> Vec<u8> {
    format!("{SALT}/{name}").into_bytes()
}

/// The suite's contracts in the order of [`CONTRACTS`].
fn codes(meter: &Meter) -> Vec<Box<dyn Contract<Empty>>> {
    let counted = |code: NativeCode| -> Box<dyn Contract<Empty>> {
        let (contract, meter) = ((code.build)(), meter.clone());
        Box::new(Metered { contract, meter })
    };
    native_codes()
        .into_iter()
        .take(CONTRACTS.len())
        .map(counted)
        .collect()
}

fn deploy_token(app: &mut TestApp, deployer: &Addr, holders: &[Addr]) -> Result<Addr> {
    use cw20_base::contract::{execute, instantiate, query};
    let code = app.store_code(Box::new(ContractWrapper::new(execute, instantiate, query)));
    let msg = cw20_base::msg::InstantiateMsg {
        name: "Test dollar".into(),
        symbol: "TUSD".into(),
        decimals: 6,
        initial_balances: holders
            .iter()
            .map(|holder| Cw20Coin {
                address: holder.to_string(),
                amount: Uint128::new(FORTUNE),
            })
            .collect(),
        mint: None,
        marketing: None,
    };
    app.instantiate_contract(code, deployer.clone(), &msg, &[], "token", None)
}
