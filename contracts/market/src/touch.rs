use cosmwasm_std::{
    to_json_binary, Addr, Binary, CosmosMsg, DepsMut, Env, Event, MessageInfo, Response, StdResult,
    Uint128, WasmMsg,
};
use leasehold_api::deployment::{self, group_of};
use leasehold_api::event::{AwardExpired, OrderClosed, OrderReopened, PenaltyNoted};
use leasehold_api::market::{
    CloseReason, Config, Mark, Order, OrderStatus, Params, Penalty, PenaltyReason,
};
use leasehold_api::rules::auction::{Bound, Dropped};
use leasehold_api::rules::money;
use leasehold_api::Suite;
use serde::Serialize;

use crate::execute::reservation;
use crate::state;
use crate::ContractError;

/// One message on its way through its handler: what holds now, and the answer as far as it is known.
pub struct Touch<'a> {
    pub deps: DepsMut<'a>,
    pub suite: Suite<Addr>,
    pub params: Params,
    pub paused_until: u64,
    pub now: u64,
    pub height: u64,
    pub sender: Addr,
    pub chain_id: String,
    contract: Addr,
    messages: Vec<CosmosMsg>,
    events: Vec<Event>,
    data: Option<Binary>,
}

/// A bond that its provider no longer holds a bid or a lease with.
pub struct Freed {
    pub provider: Addr,
    pub bond: Uint128,
    /// Of a lease that ended with it: seconds that it was served.
    pub served: Option<u64>,
}

/// What a provider did with it.
pub struct Fault {
    /// Part of the bond, basis points.
    pub bps: u32,
    pub reason: PenaltyReason,
    /// Block time, seconds.
    pub at: u64,
    /// Who gets the caller's share; without one insurance takes it.
    pub caller: Option<Addr>,
}

impl<'a> Touch<'a> {
    pub fn new(deps: DepsMut<'a>, env: Env, info: MessageInfo, config: Config) -> Self {
        Touch {
            deps,
            suite: config.suite,
            params: config.params,
            paused_until: config.paused_until,
            now: env.block.time.seconds(),
            height: env.block.height,
            sender: info.sender,
            chain_id: env.block.chain_id,
            contract: env.contract.address,
            messages: vec![],
            events: vec![],
            data: None,
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
                msg: to_json_binary(msg)?,
                funds: vec![],
            }
            .into(),
        );
        Ok(())
    }

    /// Answers with JSON data.
    pub fn answer(&mut self, data: &impl Serialize) -> StdResult<()> {
        self.data = Some(to_json_binary(data)?);
        Ok(())
    }

    pub fn respond(self) -> Response {
        let mut response = Response::new()
            .add_messages(self.messages)
            .add_events(self.events);
        response.data = self.data;
        response
    }

    /// The deployment's present owner.
    pub fn tenant(&self, order_id: u64) -> StdResult<Addr> {
        let (id, _) = group_of(order_id);
        let record = deployment::deployment(&self.deps.querier, &self.suite.deployment, id)?;
        Ok(record.owner)
    }

    /// Brings an order up to now, noting the penalty of a leader that let its claim window pass and freeing one when too few bid: the first
    /// thing every touch of an order does. Says whether either was due.
    pub fn roll(
        &mut self,
        id: u64,
        order: &mut Order,
        caller: Option<Addr>,
    ) -> Result<bool, ContractError> {
        let (former, awarded_at) = (order.auction.mode, order.auction.awarded_at());
        let dropped = order.auction.roll(self.now, self.height);
        if order.auction.mode != former {
            self.announce_fallback(id, order)?;
        }
        let Some(Dropped { leader, no_show }) = dropped else {
            return Ok(false);
        };
        let Bound { provider, bond } = leader;
        // Nobody is punished for a window that a pause took time from.
        if !no_show || awarded_at < self.paused_until {
            state::release(self.deps.storage, &provider, &order.denom, bond)?;
            return Ok(true);
        }
        self.emit(AwardExpired {
            order_id: id,
            provider: provider.clone(),
        });
        let freed = Freed {
            provider,
            bond,
            served: None,
        };
        let fault = Fault {
            bps: self.params.no_show_slash_bps,
            reason: PenaltyReason::NoShow,
            at: self.now,
            caller,
        };
        self.penalize(id, order, freed, fault)?;
        Ok(true)
    }

    /// Says that an auction found nobody and the price rises from here on.
    fn announce_fallback(&mut self, id: u64, order: &Order) -> Result<(), ContractError> {
        let auction = &order.auction;
        let start_rate = auction.price(auction.opened_at)?;
        self.emit(OrderReopened {
            order_id: id,
            attempts: order.attempts,
            runner_up: String::new(),
            start_rate: start_rate.unwrap_or(auction.max_rate),
            closes_at: auction.closes_at,
        });
        Ok(())
    }

    /// Remembers a fault and keeps the forfeit bond locked until its penalty is carried out; one of nothing frees it at once. The order is
    /// the caller's to save.
    pub fn penalize(
        &mut self,
        id: u64,
        order: &mut Order,
        freed: Freed,
        fault: Fault,
    ) -> Result<(), ContractError> {
        let Freed {
            provider,
            bond,
            served,
        } = freed;
        let costs_nothing = money::share(bond, fault.bps)?.is_zero();
        let mark = (fault.reason.mark(), 1);
        let marks = match served {
            Some(served) => &[mark, (Mark::Ended, 1), (Mark::Seconds, served)][..],
            None => &[mark][..],
        };
        let freed = costs_nothing.then_some(bond);
        state::remember(self.deps.storage, &provider, &order.denom, freed, marks)?;
        if costs_nothing {
            return Ok(());
        }
        let penalty = Penalty {
            provider,
            bond,
            bps: fault.bps,
            reason: fault.reason,
            at: fault.at,
            caller: fault.caller,
        };
        let number = state::add_penalty(self.deps.storage, id, order, &penalty)?;
        self.emit(PenaltyNoted {
            order_id: id,
            number,
            reason: penalty.reason.as_str().into(),
            bond,
            bps: penalty.bps,
            due_at: penalty.due_at(self.params.penalty_delay),
            provider: penalty.provider,
        });
        Ok(())
    }

    /// Takes an order without a lease off the market and frees its leader's bond. A winner that waits for its start is let down.
    pub fn close(
        &mut self,
        id: u64,
        order: &mut Order,
        reason: CloseReason,
    ) -> Result<(), ContractError> {
        let let_down = order.auction.expectant(self.now, self.height);
        reservation::end(self, id, order, let_down)?;
        if let Some(bound) = order.auction.stop(self.now, self.height) {
            state::release(self.deps.storage, &bound.provider, &order.denom, bound.bond)?;
        }
        order.closed_at = Some(self.now);
        state::turn_order(self.deps.storage, id, order, OrderStatus::Closed)?;
        self.emit(OrderClosed {
            order_id: id,
            reason: reason.as_str().into(),
        });
        Ok(())
    }
}
