//! What those do who stake, and their guardian.

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, to_json_binary, BankMsg, CosmosMsg, Uint128, WasmMsg};
use cw3::Vote;
use leasehold_api::deployment::order_id;
use leasehold_api::genesis::Genesis;
use leasehold_api::governance::{ExecuteMsg, Guardian, Params};
use leasehold_api::{escrow, Denom};
use serde::Serialize;

use crate::fixtures::dear;
use crate::{Chain, Receipts, Story, Wait, DENOM, STAKE};

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
    /// A proposal from the stake to its execution, another one's veto, a pause, what governance alone may do; then two leave.
    pub(crate) fn govern(&self, of: &mut Receipts<C::Receipt>, genesis: &Genesis) -> Result<()> {
        let [one, ..] = &self.cast.providers;
        let (tenant, keeper) = (&self.cast.tenant, &self.cast.keeper);
        self.stake(tenant)?;
        self.stake(one)?;
        // In a block of its own, as in life: the first in a block notes what everybody's stake was before it.
        self.chain.pass(Wait::Beat)?;
        of.insert("stake", self.stake(keeper)?);
        self.earn()?;
        self.sweep(DENOM.into())?;
        self.rewards(tenant)?;
        self.earn()?;
        of.insert("sweep_fees", self.sweep(DENOM.into())?);
        of.insert("claim_rewards", self.rewards(tenant)?);
        let to = Some(tenant.clone());
        of.insert("delegate", self.gov(keeper, &ExecuteMsg::Delegate { to })?);
        self.chain.pass(Wait::Beat)?;

        self.resolve(of, &genesis.governance)?;
        self.rule(of, genesis)?;

        let amount = Uint128::new(STAKED);
        let unstake = ExecuteMsg::Unstake { amount };
        self.gov(one, &unstake)?;
        self.chain.pass(Wait::Beat)?;
        of.insert("unstake", self.gov(tenant, &unstake)?);
        self.chain.pass(Wait::Unbonding)?;
        of.insert("claim_stake", self.gov(tenant, &ExecuteMsg::Claim {})?);
        Ok(())
    }

    fn resolve(&self, of: &mut Receipts<C::Receipt>, params: &Params) -> Result<()> {
        let [one, two, _] = &self.cast.providers;
        let keeper = &self.cast.keeper;
        let council = self.council(params);
        let (id, _) = council.propose(self.appoint(params)?)?;
        council.decide(id)?;
        self.chain.pass(Wait::Timelock)?;
        self.gov(keeper, &ExecuteMsg::Execute { proposal_id: id })?;

        let (proposal_id, receipt) = council.propose(self.spend(two))?;
        of.insert("propose", receipt);
        let vote = Vote::Yes;
        of.insert(
            "vote",
            self.gov(one, &ExecuteMsg::Vote { proposal_id, vote })?,
        );
        council.decide(proposal_id)?;
        self.chain.pass(Wait::Timelock)?;
        let execute = ExecuteMsg::Execute { proposal_id };
        of.insert("execute", self.gov(keeper, &execute)?);
        council.ensure_done(proposal_id)?;

        let (proposal_id, _) = council.propose(self.spend(two))?;
        council.decide(proposal_id)?;
        let veto = ExecuteMsg::Veto { proposal_id };
        of.insert("veto", self.gov(keeper, &veto)?);
        of.insert("pause", self.gov(keeper, &ExecuteMsg::Pause {})?);
        Ok(())
    }

    pub(crate) fn gov(&self, who: &str, msg: &ExecuteMsg) -> Result<C::Receipt> {
        self.at(&self.suite.governance, who, msg, &[])
    }

    fn stake(&self, who: &str) -> Result<C::Receipt> {
        let coins = [coin(STAKED, STAKE)];
        self.at(&self.suite.governance, who, &ExecuteMsg::Stake {}, &coins)
    }

    /// The fee of a dear lease.
    fn earn(&self) -> Result<()> {
        self.beat()?;
        let (id, _) = self.create_of(dear(), Some(1), &[])?;
        self.claim(2, order_id(id, 0).context("an order id")?)?;
        self.hour()?;
        self.close(id)?;
        Ok(())
    }

    pub(crate) fn sweep(&self, denom: Denom) -> Result<C::Receipt> {
        let sweep = escrow::ExecuteMsg::SweepFees { denom };
        self.at(&self.suite.escrow, &self.cast.keeper, &sweep, &[])
    }

    fn rewards(&self, who: &str) -> Result<C::Receipt> {
        let denom = Some(DENOM.into());
        self.gov(who, &ExecuteMsg::ClaimRewards { denom })
    }

    /// Makes the keeper the guardian.
    pub(crate) fn appoint(&self, params: &Params) -> Result<CosmosMsg> {
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
    pub(crate) fn spend(&self, to: &str) -> CosmosMsg {
        let send = BankMsg::Send {
            to_address: to.into(),
            amount: vec![coin(1, DENOM)],
        };
        send.into()
    }
}

/// A message to a contract, without coins.
///
/// # Errors
/// A message that does not serialise.
pub fn wasm(contract: &str, msg: &impl Serialize) -> Result<CosmosMsg> {
    let execute = WasmMsg::Execute {
        contract_addr: contract.into(),
        msg: to_json_binary(msg)?,
        funds: vec![],
    };
    Ok(execute.into())
}
