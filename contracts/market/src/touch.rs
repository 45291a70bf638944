use cosmwasm_std::{
    Addr, CosmosMsg, DepsMut, Env, Event, MessageInfo, Response, StdResult, Uint128, WasmMsg,
};
use leasehold_api::deployment::{self, group_of};
use leasehold_api::event::{AwardExpired, OrderClosed};
use leasehold_api::market::{CloseReason, Config, Order, OrderStatus, Params};
use leasehold_api::rules::money;
use leasehold_api::{provider, Denom, Suite};
use serde::Serialize;

use crate::state;
use crate::ContractError;

/// One message on its way through its handler: what holds now, and the answer as far as it is known.
pub struct Touch<'a> {
    pub deps: DepsMut<'a>,
    pub suite: Suite<Addr>,
    pub params: Params,
    pub now: u64,
    pub height: u64,
    pub sender: Addr,
    contract: Addr,
    messages: Vec<CosmosMsg>,
    events: Vec<Event>,
}

/// A slash on its way to the registry.
pub struct Slash<'a> {
    pub order: u64,
    pub provider: &'a Addr,
    pub denom: &'a Denom,
    pub bond: Uint128,
    pub bps: u32,
    /// Who gets the caller's share; without one insurance takes it.
    pub caller: Option<Addr>,
    pub reason: &'static str,
}

impl<'a> Touch<'a> {
    pub fn new(deps: DepsMut<'a>, env: Env, info: MessageInfo, config: Config) -> Self {
        Touch {
            deps,
            suite: config.suite,
            params: config.params,
            now: env.block.time.seconds(),
            height: env.block.height,
            sender: info.sender,
            contract: env.contract.address,
            messages: vec![],
            events: vec![],
        }
    }

    pub fn contract(&self) -> &Addr {
        &self.contract
    }

    pub fn emit(&mut self, event: impl Into<Event>) {
        self.events.push(event.into());
    }

    pub fn send(&mut self, to: Addr, msg: &impl Serialize) -> StdResult<()> {
        self.messages.push(
            WasmMsg::Execute {
                contract_addr: to.into(),
                msg: cosmwasm_std::to_json_binary(msg)?,
                funds: vec![],
            }
            .into(),
        );
        Ok(())
    }

    pub fn respond(self) -> Response {
        Response::new()
            .add_messages(self.messages)
            .add_events(self.events)
    }

    /// The deployment's present owner.
    pub fn tenant(&self, order_id: u64) -> StdResult<Addr> {
        let (id, _) = group_of(order_id);
        let record = deployment::deployment(&self.deps.querier, &self.suite.deployment, id)?;
        Ok(record.owner)
    }

    /// Brings an order up to now, slashing a leader that let its claim window pass: the first thing every touch of an order does.
    /// Says whether one was due.
    pub fn roll(
        &mut self,
        id: u64,
        order: &mut Order,
        caller: Option<Addr>,
    ) -> Result<bool, ContractError> {
        let Some(late) = order.auction.roll(self.now, self.height) else {
            return Ok(false);
        };
        state::release(self.deps.storage, &late.provider, &order.denom, late.bond)?;
        let slashed = self.slash(Slash {
            order: id,
            provider: &late.provider,
            denom: &order.denom,
            bond: late.bond,
            bps: self.params.no_show_slash_bps,
            caller,
            reason: "no_show",
        })?;
        self.emit(AwardExpired {
            order_id: id,
            provider: late.provider,
            slashed,
        });
        Ok(true)
    }

    /// Takes part of a bond that has just been released; the amount taken, 0 to `bond`.
    pub fn slash(&mut self, slash: Slash) -> Result<Uint128, ContractError> {
        let amount = money::share(slash.bond, slash.bps)?;
        if amount.is_zero() {
            return Ok(amount);
        }
        let parts = self.params.slash_shares.split(amount)?;
        let recipients = [
            Some((self.tenant(slash.order)?, parts.tenant)),
            slash.caller.map(|caller| (caller, parts.caller)),
        ]
        .into_iter()
        .flatten()
        .filter(|(_, amount)| !amount.is_zero())
        .map(|(to, amount)| provider::Share {
            to: to.into(),
            amount,
        })
        .collect();
        let msg = provider::ExecuteMsg::Slash {
            provider: slash.provider.to_string(),
            denom: slash.denom.clone(),
            amount,
            recipients,
            reason: slash.reason.into(),
        };
        self.send(self.suite.provider.clone(), &msg)?;
        Ok(amount)
    }

    /// Takes an order without a lease off the market and frees its leader's bond.
    pub fn close(
        &mut self,
        id: u64,
        order: &mut Order,
        reason: CloseReason,
    ) -> Result<(), ContractError> {
        if let Some(bound) = order.auction.unbind() {
            state::release(self.deps.storage, &bound.provider, &order.denom, bound.bond)?;
        }
        order.auction.rest();
        order.auction.second = None;
        state::turn_order(self.deps.storage, id, order, OrderStatus::Closed)?;
        self.emit(OrderClosed {
            order_id: id,
            reason: reason.as_str().into(),
        });
        Ok(())
    }
}
