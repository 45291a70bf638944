//! What stakers do.

use anyhow::{ensure, Result};
use cosmwasm_std::{coin, from_json, to_json_binary, CosmosMsg, WasmMsg};
use cw3::Vote;
use leasehold_api::governance::{ExecuteMsg, ProposalPhase, ProposalStatusResponse, QueryMsg};
use leasehold_client::{TxOutcome, Wallet};
use serde::Serialize;

use crate::town::{Town, STAKE};
use crate::verbs::PATIENCE;

/// By the development parameters, in [`STAKE`].
pub const DEPOSIT: u128 = 1_000_000;

/// A contract's call without coins, for a proposal.
pub fn wasm(contract: &str, msg: &impl Serialize) -> Result<CosmosMsg> {
    let execute = WasmMsg::Execute {
        contract_addr: contract.into(),
        msg: to_json_binary(msg)?,
        funds: vec![],
    };
    Ok(execute.into())
}

impl Town {
    pub async fn governance(&self, who: &Wallet, msg: &ExecuteMsg) -> Result<TxOutcome> {
        self.call(who, &self.suite.governance, msg, &[]).await
    }

    pub async fn stake(&self, who: &Wallet, units: u128) -> Result<TxOutcome> {
        let coins = [coin(units, STAKE)];
        let stake = ExecuteMsg::Stake {};
        self.call(who, &self.suite.governance, &stake, &coins).await
    }

    /// Answers the proposal's id.
    pub async fn propose(&self, who: &Wallet, msgs: Vec<CosmosMsg>) -> Result<u64> {
        let propose = ExecuteMsg::Propose {
            title: "A proposal".into(),
            description: "Of a test".into(),
            msgs,
            earliest: None,
            latest: None,
            expedited: None,
        };
        let deposit = [coin(DEPOSIT, STAKE)];
        let governance = &self.suite.governance;
        let proposed = self.call(who, governance, &propose, &deposit).await?;
        Ok(from_json(proposed.execute_data(0)?)?)
    }

    pub async fn vote(&self, who: &Wallet, proposal_id: u64, vote: Vote) -> Result<TxOutcome> {
        let vote = ExecuteMsg::Vote { proposal_id, vote };
        self.governance(who, &vote).await
    }

    pub async fn execute(&self, who: &Wallet, proposal_id: u64) -> Result<TxOutcome> {
        let execute = ExecuteMsg::Execute { proposal_id };
        self.governance(who, &execute).await
    }

    pub async fn proposal(&self, proposal_id: u64) -> Result<ProposalStatusResponse> {
        let query = QueryMsg::ProposalStatus { proposal_id };
        self.query(&self.suite.governance, &query).await
    }

    /// The proposal in that phase, once the chain says so.
    pub async fn decided(&self, id: u64, phase: ProposalPhase) -> Result<ProposalStatusResponse> {
        let deadline = self.now().await? + PATIENCE;
        loop {
            let proposal = self.proposal(id).await?;
            if proposal.phase == phase {
                return Ok(proposal);
            }
            let waits = self.now().await? < deadline;
            ensure!(waits, "never {phase:?}: {proposal:?}");
            self.pass(1).await?;
        }
    }

    /// Proposed by the tenant, who has the majority, carried out by the stranger after the timelock.
    pub async fn enact(&self, msgs: Vec<CosmosMsg>) -> Result<u64> {
        let id = self.propose(&self.tenant, msgs).await?;
        self.vote(&self.tenant, id, Vote::Yes).await?;
        self.decided(id, ProposalPhase::Executable).await?;
        self.execute(&self.stranger, id).await?;
        let proposal = self.proposal(id).await?;
        ensure!(proposal.phase == ProposalPhase::Executed, "{proposal:?}");
        Ok(id)
    }
}
