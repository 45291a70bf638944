//! Proposals of somebody whose vote alone decides.

use anyhow::{bail, ensure, Context as _, Result};
use cosmwasm_std::{from_json, Coin, CosmosMsg};
use cw3::Vote;
use leasehold_api::governance::ExecuteMsg;

use crate::{Chain, Receipt as _, Receipts, Wait};

pub struct Council<'a, C> {
    pub chain: &'a C,
    pub governance: &'a str,
    /// Who holds the majority of the stake.
    pub voter: &'a str,
    /// The coins that a proposal is opened with.
    pub deposit: Vec<Coin>,
}

impl<C: Chain> Council<'_, C> {
    /// Carries these messages out, each by a proposal of its own: what each execution took, in the order in which they are executed.
    ///
    /// # Errors
    /// A message that is refused, of ours or of a proposal.
    pub fn carry_out(
        &self,
        decrees: Vec<(&'static str, CosmosMsg)>,
    ) -> Result<Receipts<C::Receipt>> {
        let mut passed = vec![];
        for (name, msg) in decrees {
            let (id, _) = self.propose(msg)?;
            self.vote(id, Vote::Yes)?;
            passed.push((name, id));
        }
        self.chain.pass(Wait::Vote)?;
        self.chain.pass(Wait::Timelock)?;
        let execute = |(name, id)| {
            let executed = self.execute(id)?;
            self.ensure_done(id).context(name)?;
            Ok((name, executed))
        };
        passed.into_iter().map(execute).collect()
    }

    pub(crate) fn propose(&self, msg: CosmosMsg) -> Result<(u64, C::Receipt)> {
        let propose = ExecuteMsg::Propose {
            title: "Spend a part of the treasury".into(),
            description: "For what the stakers have agreed on.".into(),
            msgs: vec![msg],
            earliest: None,
            latest: None,
            expedited: None,
        };
        let receipt = self
            .chain
            .execute(self.voter, self.governance, &propose, &self.deposit)?;
        Ok((from_json(receipt.data()?)?, receipt))
    }

    pub(crate) fn vote(&self, proposal_id: u64, vote: Vote) -> Result<C::Receipt> {
        self.send(&ExecuteMsg::Vote { proposal_id, vote })
    }

    /// Until it has passed.
    pub(crate) fn decide(&self, proposal_id: u64) -> Result<()> {
        self.vote(proposal_id, Vote::Yes)?;
        self.chain.pass(Wait::Vote)
    }

    /// What becomes of a proposal that the majority is against.
    pub(crate) fn reject(&self, msg: CosmosMsg) -> Result<C::Receipt> {
        let (proposal_id, _) = self.propose(msg)?;
        self.vote(proposal_id, Vote::No)?;
        self.send(&ExecuteMsg::Close { proposal_id })
    }

    /// A proposal whose messages failed may be executed again; one that was carried out may not.
    pub(crate) fn ensure_done(&self, proposal_id: u64) -> Result<()> {
        let Err(refusal) = self.execute(proposal_id) else {
            bail!("what proposal {proposal_id} asks for fails");
        };
        ensure!(
            format!("{refusal:#}").contains("is executed"),
            "proposal {proposal_id}: {refusal:#}"
        );
        Ok(())
    }

    fn execute(&self, proposal_id: u64) -> Result<C::Receipt> {
        self.send(&ExecuteMsg::Execute { proposal_id })
    }

    fn send(&self, msg: &ExecuteMsg) -> Result<C::Receipt> {
        self.chain.execute(self.voter, self.governance, msg, &[])
    }
}
