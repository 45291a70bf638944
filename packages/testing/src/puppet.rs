//! A contract that does whatever its attacker wants: a cw20 token that calls back in the middle of a transfer, freezes, lies and publishes
//! any storage key; and an account that sends any message.

use anyhow::Result;
use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    to_json_binary, wasm_execute, Addr, Binary, CosmosMsg, Deps, DepsMut, Empty, Env, MessageInfo,
    Reply, Response, StdError, StdResult, SubMsg, Uint128,
};
use cw20::{BalanceResponse, Cw20ReceiveMsg};
use cw_multi_test::{ContractWrapper, Executor};
use cw_storage_plus::{Item, Map};
use leasehold_api::escrow::{Cw20HookMsg, NEXT_ACCOUNT};
use leasehold_api::provider::{Cw20HookMsg as BondHook, ExecuteMsg as ProviderMsg};
use leasehold_api::{AuctionMode, Denom};
use serde::Serialize;

use crate::world::World;

const BALANCES: Map<&Addr, Uint128> = Map::new("puppet/balances");
/// Tokens that tenant and provider of a [`PaidInToken`] put in.
const PURSE: u128 = 1_000_000;

/// What the next transfer does besides, once.
const ARMED: Item<Vec<CosmosMsg>> = Item::new("puppet/armed");
/// How many of the armed messages got through.
const SUCCEEDED: Item<u32> = Item::new("puppet/succeeded");
const FROZEN: Item<bool> = Item::new("puppet/frozen");

#[cw_serde]
pub enum PuppetMsg {
    Transfer {
        recipient: String,
        amount: Uint128,
    },
    Send {
        contract: String,
        amount: Uint128,
        msg: Binary,
    },
    Mint {
        to: String,
        amount: Uint128,
    },
    Arm {
        msgs: Vec<CosmosMsg>,
    },
    Freeze {
        frozen: bool,
    },
    Publish {
        key: Binary,
        value: Binary,
    },
    Run {
        msgs: Vec<CosmosMsg>,
    },
}

#[cw_serde]
pub enum QueryMsg {
    Balance { address: String },
    Succeeded {},
}

fn execute(deps: DepsMut, _: Env, info: MessageInfo, msg: PuppetMsg) -> StdResult<Response> {
    let response = Response::new();
    match msg {
        PuppetMsg::Transfer { recipient, amount } => {
            let recipient = deps.api.addr_validate(&recipient)?;
            transfer(deps, &info.sender, &recipient, amount)
        }
        PuppetMsg::Send {
            contract,
            amount,
            msg,
        } => {
            let sender = info.sender.to_string();
            let to = deps.api.addr_validate(&contract)?;
            let receive = Cw20ReceiveMsg {
                sender,
                amount,
                msg,
            };
            let hook = receive.into_cosmos_msg(contract)?;
            Ok(transfer(deps, &info.sender, &to, amount)?.add_message(hook))
        }
        PuppetMsg::Mint { to, amount } => {
            let to = deps.api.addr_validate(&to)?;
            credit(deps, &to, amount)?;
            Ok(response)
        }
        PuppetMsg::Arm { msgs } => {
            ARMED.save(deps.storage, &msgs)?;
            SUCCEEDED.save(deps.storage, &0)?;
            Ok(response)
        }
        PuppetMsg::Freeze { frozen } => {
            FROZEN.save(deps.storage, &frozen)?;
            Ok(response)
        }
        PuppetMsg::Publish { key, value } => {
            deps.storage.set(&key, &value);
            Ok(response)
        }
        PuppetMsg::Run { msgs } => Ok(response.add_messages(msgs)),
    }
}

fn transfer(deps: DepsMut, from: &Addr, to: &Addr, amount: Uint128) -> StdResult<Response> {
    if FROZEN.may_load(deps.storage)?.unwrap_or(false) {
        return Err(StdError::generic_err("frozen"));
    }
    let held = BALANCES.may_load(deps.storage, from)?.unwrap_or_default();
    BALANCES.save(deps.storage, from, &held.checked_sub(amount)?)?;
    let armed = ARMED.may_load(deps.storage)?.unwrap_or_default();
    ARMED.remove(deps.storage);
    credit(deps, to, amount)?;
    // What fails of it leaves the transfer standing.
    let calls = armed.into_iter().map(|msg| SubMsg::reply_always(msg, 0));
    Ok(Response::new().add_submessages(calls))
}

fn credit(deps: DepsMut, to: &Addr, amount: Uint128) -> StdResult<()> {
    let held = BALANCES.may_load(deps.storage, to)?.unwrap_or_default();
    BALANCES.save(deps.storage, to, &held.checked_add(amount)?)
}

fn reply(deps: DepsMut, _: Env, reply: Reply) -> StdResult<Response> {
    if reply.result.is_ok() {
        let count = SUCCEEDED.load(deps.storage)?;
        SUCCEEDED.save(deps.storage, &(count + 1))?;
    }
    Ok(Response::new())
}

fn instantiate(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
    Ok(Response::new())
}

fn query(deps: Deps, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Balance { address } => {
            let address = deps.api.addr_validate(&address)?;
            let balance = BALANCES.may_load(deps.storage, &address)?;
            to_json_binary(&BalanceResponse {
                balance: balance.unwrap_or_default(),
            })
        }
        QueryMsg::Succeeded {} => to_json_binary(&SUCCEEDED.may_load(deps.storage)?.unwrap_or(0)),
    }
}

/// A puppet on the chain; anyone may pull its strings.
pub struct Puppet {
    pub address: Addr,
}

impl Puppet {
    pub fn new(world: &mut World) -> Self {
        let contract = ContractWrapper::new(execute, instantiate, query).with_reply(reply);
        let code = world.app.store_code(Box::new(contract));
        let owner = world.stranger.clone();
        let address = world
            .app
            .instantiate_contract(code, owner, &Empty {}, &[], "puppet", None)
            .expect("a puppet obeys");
        Puppet { address }
    }

    pub fn denom(&self) -> Denom {
        Denom::Cw20(self.address.to_string())
    }

    pub fn pull(&self, world: &mut World, msg: &PuppetMsg) -> Result<()> {
        let owner = world.stranger.clone();
        world.execute(&owner, &self.address, msg, &[])?;
        Ok(())
    }

    pub fn mint(&self, world: &mut World, to: &Addr, amount: u128) {
        let mint = PuppetMsg::Mint {
            to: to.to_string(),
            amount: amount.into(),
        };
        self.pull(world, &mint).expect("a puppet obeys");
    }

    /// `from` sends tokens with a message for `contract`.
    pub fn send(
        &self,
        world: &mut World,
        from: &Addr,
        contract: &Addr,
        amount: u128,
        msg: &impl Serialize,
    ) -> Result<()> {
        let send = PuppetMsg::Send {
            contract: contract.to_string(),
            amount: amount.into(),
            msg: to_json_binary(msg)?,
        };
        world.execute(from, &self.address, &send, &[])?;
        Ok(())
    }

    /// The puppet itself sends a message.
    pub fn run(&self, world: &mut World, contract: &Addr, msg: &impl Serialize) -> Result<()> {
        let msgs = vec![wasm_execute(contract, msg, vec![])?.into()];
        self.pull(world, &PuppetMsg::Run { msgs })
    }

    pub fn arm(&self, world: &mut World, msg: CosmosMsg) {
        let msgs = vec![msg];
        self.pull(world, &PuppetMsg::Arm { msgs })
            .expect("a puppet obeys");
    }

    /// How many armed messages got through.
    pub fn succeeded(&self, world: &World) -> u32 {
        world
            .query(&self.address, &QueryMsg::Succeeded {})
            .expect("a puppet obeys")
    }

    pub fn freeze(&self, world: &mut World, frozen: bool) {
        self.pull(world, &PuppetMsg::Freeze { frozen })
            .expect("a puppet obeys");
    }

    pub fn publish(&self, world: &mut World, key: Vec<u8>, value: &impl Serialize) {
        let publish = PuppetMsg::Publish {
            key: key.into(),
            value: to_json_binary(value).expect("a puppet obeys"),
        };
        self.pull(world, &publish).expect("a puppet obeys");
    }
}

/// A lease that is paid in a puppet's token, and what it hangs on.
pub struct PaidInToken {
    pub puppet: Puppet,
    pub account: u64,
    pub deployment: u64,
    pub lease: u64,
}

impl PaidInToken {
    /// Of `provider`, who trusts the token, for `tenant` at `units` per second.
    ///
    /// # Errors
    /// What one of them may not do.
    pub fn start(
        world: &mut World,
        puppet: Puppet,
        tenant: &Addr,
        provider: &Addr,
        units: u128,
    ) -> Result<Self> {
        let suite = world.suite.clone();
        for party in [tenant, provider] {
            puppet.mint(world, party, PURSE);
        }
        let account = NEXT_ACCOUNT.load(&*world.storage(|s| &s.escrow))?;
        let open = Cw20HookMsg::Open { owner: None };
        puppet.send(world, tenant, &suite.escrow, PURSE, &open)?;
        let token = puppet.address.to_string();
        world.provider_call(provider, &ProviderMsg::AllowToken { token })?;
        puppet.send(world, provider, &suite.provider, PURSE, &BondHook::Bond {})?;
        let group = [(units, AuctionMode::Descending { min_bidders: None })];
        let denom = puppet.denom();
        let deployment = world.create_in(tenant, &group, 0, Some(account), denom)?;
        let lease = world.win(provider, deployment * 8, units)?;
        Ok(PaidInToken {
            puppet,
            account,
            deployment,
            lease,
        })
    }
}
