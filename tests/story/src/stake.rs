//! What those do who stake, and their guardian.

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, from_json, to_json_binary, BankMsg, CosmosMsg, Uint128, WasmMsg};
use leasehold_api::deployment::{order_id, GroupRequest};
use leasehold_api::genesis::Genesis;
use leasehold_api::governance::{ExecuteMsg, Guardian, Params};
use leasehold_api::{escrow, AuctionMode};
use serde::Serialize;

use crate::fixtures::{group, RATE};
use crate::{Chain, Receipt as _, Receipts, Story, Wait, DENOM, STAKE};

const STAKED: u128 = 1_000_000_000;

/// The design's parameters, where those who stake also earn in what rents are paid in.
pub fn genesis() -> Genesis {
    let production = Genesis::production(STAKE);
    Genesis {
        governance: Params {
            reward_denoms: vec![STAKE.into(), DENOM.into()],
            ..production.governance
        },
        ..production
    }
}

impl<C: Chain> Story<C> {
    /// A proposal from the stake to its execution, another one's veto, a pause; then two leave.
    pub(crate) fn govern(&self, of: &mut Receipts<C::Receipt>, params: &Params) -> Result<()> {
        let [one, two, _] = &self.cast.providers;
        let (tenant, keeper) = (&self.cast.tenant, &self.cast.keeper);
        self.stake(tenant)?;
        self.stake(one)?;
        // In a block of its own, as in life: the first in a block notes what everybody's stake was before it.
        self.chain.pass(Wait::Beat)?;
        of.insert("stake", self.stake(keeper)?);
        self.earn()?;
        self.sweep()?;
        self.rewards(tenant)?;
        self.earn()?;
        of.insert("sweep_fees", self.sweep()?);
        of.insert("claim_rewards", self.rewards(tenant)?);
        let to = Some(tenant.clone());
        of.insert("delegate", self.gov(keeper, &ExecuteMsg::Delegate { to })?);
        self.chain.pass(Wait::Beat)?;

        let appointed = self.appoint(params)?;
        let (id, _) = self.propose(params, appointed)?;
        self.decide(id)?;
        self.chain.pass(Wait::Timelock)?;
        self.gov(keeper, &ExecuteMsg::Execute { proposal_id: id })?;

        let (proposal_id, receipt) = self.propose(params, self.spend(two))?;
        of.insert("propose", receipt);
        of.insert("vote", self.vote(one, proposal_id)?);
        self.decide(proposal_id)?;
        self.chain.pass(Wait::Timelock)?;
        let execute = ExecuteMsg::Execute { proposal_id };
        of.insert("execute", self.gov(keeper, &execute)?);

        let (proposal_id, _) = self.propose(params, self.spend(two))?;
        self.decide(proposal_id)?;
        let veto = ExecuteMsg::Veto { proposal_id };
        of.insert("veto", self.gov(keeper, &veto)?);
        of.insert("pause", self.gov(keeper, &ExecuteMsg::Pause {})?);

        let amount = Uint128::new(STAKED);
        let unstake = ExecuteMsg::Unstake { amount };
        self.gov(one, &unstake)?;
        self.chain.pass(Wait::Beat)?;
        of.insert("unstake", self.gov(tenant, &unstake)?);
        self.chain.pass(Wait::Unbonding)?;
        of.insert("claim_stake", self.gov(tenant, &ExecuteMsg::Claim {})?);
        Ok(())
    }

    fn gov(&self, who: &str, msg: &ExecuteMsg) -> Result<C::Receipt> {
        self.at(&self.suite.governance, who, msg, &[])
    }

    fn stake(&self, who: &str) -> Result<C::Receipt> {
        let coins = [coin(STAKED, STAKE)];
        self.at(&self.suite.governance, who, &ExecuteMsg::Stake {}, &coins)
    }

    /// The fee of a lease so dear that each staker has a part of it, on a chain whose hour is seconds, too.
    fn earn(&self) -> Result<()> {
        self.beat()?;
        let rate = Uint128::new(1_000 * RATE);
        let mut spec = group();
        for unit in &mut spec.resources {
            unit.rate = rate;
        }
        let posted = GroupRequest {
            auction: Some(AuctionMode::Dutch {
                min_rate: Some(rate),
            }),
            ..spec.into()
        };
        let (id, _) = self.create_of(posted, Some(1), &[])?;
        self.claim(2, order_id(id, 0).context("an order id")?)?;
        self.hour()?;
        self.close(id)?;
        Ok(())
    }

    fn sweep(&self) -> Result<C::Receipt> {
        let denom = DENOM.into();
        let sweep = escrow::ExecuteMsg::SweepFees { denom };
        self.at(&self.suite.escrow, &self.cast.keeper, &sweep, &[])
    }

    fn rewards(&self, who: &str) -> Result<C::Receipt> {
        let denom = Some(DENOM.into());
        self.gov(who, &ExecuteMsg::ClaimRewards { denom })
    }

    /// Makes the keeper the guardian.
    fn appoint(&self, params: &Params) -> Result<CosmosMsg> {
        let guardian = Guardian {
            address: self.cast.keeper.clone(),
            until: self.tomorrow()? + 2_592_000,
        };
        let params = Params {
            guardian: Some(guardian),
            ..params.clone()
        };
        wasm(&self.suite.governance, &ExecuteMsg::UpdateParams { params })
    }

    /// One unit of the treasury.
    fn spend(&self, to: &str) -> CosmosMsg {
        let send = BankMsg::Send {
            to_address: to.into(),
            amount: vec![coin(1, DENOM)],
        };
        send.into()
    }

    fn propose(&self, params: &Params, msg: CosmosMsg) -> Result<(u64, C::Receipt)> {
        let propose = ExecuteMsg::Propose {
            title: "Spend a part of the treasury".into(),
            description: "For what the stakers have agreed on.".into(),
            msgs: vec![msg],
            earliest: None,
            latest: None,
            expedited: None,
        };
        let deposit = [coin(params.deposit.u128(), STAKE)];
        let governance = &self.suite.governance;
        let receipt = self.at(governance, &self.cast.tenant, &propose, &deposit)?;
        Ok((from_json(receipt.data()?)?, receipt))
    }

    fn vote(&self, who: &str, proposal_id: u64) -> Result<C::Receipt> {
        let vote = cw3::Vote::Yes;
        self.gov(who, &ExecuteMsg::Vote { proposal_id, vote })
    }

    /// The tenant, with its own stake and the keeper's, has the majority.
    fn decide(&self, proposal_id: u64) -> Result<()> {
        self.vote(&self.cast.tenant, proposal_id)?;
        self.chain.pass(Wait::Vote)
    }
}

fn wasm(contract: &str, msg: &impl Serialize) -> Result<CosmosMsg> {
    let execute = WasmMsg::Execute {
        contract_addr: contract.into(),
        msg: to_json_binary(msg)?,
        funds: vec![],
    };
    Ok(execute.into())
}
