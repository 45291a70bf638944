//! `leasehold gov`.

mod act;
mod look;
mod propose;
mod reward;
mod stake;
mod stream;

use anyhow::{bail, Result};
use cosmwasm_std::Coin;
use leasehold_api::governance::ExecuteMsg;
use leasehold_client::{Execute, TxOutcome};

use crate::args::{GovArgs, GovCommand};
use crate::commands::keys::confirm;
use crate::context::{Context, Market};

pub async fn run(context: &Context, args: GovArgs) -> Result<()> {
    let gov = Gov {
        context,
        market: context.market().await?,
        yes: args.yes,
    };
    match args.command {
        GovCommand::Stake { amount } => stake::stake(&gov, amount).await,
        GovCommand::Unstake { amount } => stake::unstake(&gov, amount).await,
        GovCommand::Delegate { to } => stake::delegate(&gov, &to).await,
        GovCommand::Claim => stake::claim(&gov).await,
        GovCommand::Rewards { address } => reward::show(&gov, address.as_deref()).await,
        GovCommand::Sweep { denom } => reward::sweep(&gov, &denom).await,
        GovCommand::ClaimRewards { denom } => reward::claim(&gov, denom).await,
        GovCommand::Streams => stream::list(&gov).await,
        GovCommand::ClaimStream { id } => stream::claim(&gov, id).await,
        GovCommand::Ls { all } => look::list(&gov, all).await,
        GovCommand::Show(args) => look::show(&gov, args.id).await,
        GovCommand::Propose(args) => propose::propose(&gov, args).await,
        GovCommand::Vote { id, vote } => act::vote(&gov, id, vote.into()).await,
        GovCommand::Execute(args) => act::execute(&gov, args.id).await,
        GovCommand::Close(args) => act::close(&gov, args.id).await,
        GovCommand::Veto(args) => act::veto(&gov, args.id).await,
        GovCommand::Pause => act::pause(&gov).await,
        GovCommand::Params { contract } => look::params(&gov, contract).await,
    }
}

/// What all of these commands work with.
struct Gov<'a> {
    context: &'a Context,
    market: Market,
    yes: bool,
}

impl Gov<'_> {
    fn json(&self) -> bool {
        self.context.global.json
    }

    /// Stops unless the question is answered with yes.
    fn confirm(&self, question: &str) -> Result<()> {
        if self.yes || confirm(question)? {
            return Ok(());
        }
        bail!("nothing was sent")
    }

    /// Several calls in one transaction, all or none.
    async fn calls(&self, calls: Vec<Execute>) -> Result<TxOutcome> {
        let wallet = self.context.wallet(&self.market.client).await?;
        Ok(wallet.execute_many(calls).await?)
    }

    async fn send(&self, msg: &ExecuteMsg, funds: &[Coin]) -> Result<TxOutcome> {
        let governance = &self.market.suite.governance;
        self.calls(vec![Execute::new(governance, msg, funds)?])
            .await
    }
}
