//! `leasehold account`.

use anyhow::{Context as _, Result};
use cosmwasm_std::{from_json, Uint128};
use leasehold_api::escrow::{
    AccountResponse, AccountsResponse, AllowanceResponse, ExecuteMsg, QueryMsg, TransferAction,
    TransferMemo,
};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::rules::stream::allowance::{Limits, Refill};
use leasehold_api::{Denom, SCALE};
use leasehold_client::TxOutcome;
use serde_json::json;

use crate::args::{AccountCommand, AllowArgs};
use crate::context::{Context, Market};
use crate::output::{self, HOUR};
use crate::payment;

pub async fn run(context: &Context, command: AccountCommand) -> Result<()> {
    let market = context.market().await?;
    match command {
        AccountCommand::Ls => list(context, &market).await,
        AccountCommand::Open { denom, amount } => {
            let wallet = context.wallet(&market.client).await?;
            let paid = (amount, &Denom::from(denom.as_str()));
            let (id, outcome) = payment::open(&market, &wallet, paid).await?;
            done(context, &market, &outcome, id).await
        }
        AccountCommand::Deposit { account, amount } => {
            let denom = market.account(account).await?.denom;
            let deposit = payment::deposit(&market, account, (amount, &denom))?;
            let wallet = context.wallet(&market.client).await?;
            let outcome = wallet.execute_many(vec![deposit]).await?;
            done(context, &market, &outcome, account).await
        }
        AccountCommand::Allow(args) => allow(context, &market, args).await,
        AccountCommand::Revoke { account } => {
            send(context, &market, &ExecuteMsg::Revoke { account }, account).await
        }
        AccountCommand::Draw { account, amount } => {
            let amount = Uint128::new(amount);
            let draw = ExecuteMsg::Draw { account, amount };
            send(context, &market, &draw, account).await
        }
        AccountCommand::Withdraw { account, amount } => {
            let amount = amount.map(Uint128::new);
            let withdraw = ExecuteMsg::Withdraw { account, amount };
            send(context, &market, &withdraw, account).await
        }
        AccountCommand::Memo { account } => memo(context, &market, account).await,
    }
}

/// One line in every format: it is an argument of another chain's command line.
async fn memo(context: &Context, market: &Market, account: Option<u64>) -> Result<()> {
    let action = match account {
        // A transfer to an account that does not exist would only come back.
        Some(id) => TransferAction::Deposit {
            account: market.account(id).await?.id,
        },
        None => TransferAction::Open {
            owner: context.address(None)?,
        },
    };
    let memo = TransferMemo::new(market.suite.escrow.as_str(), action);
    println!("{}", json!(memo));
    Ok(())
}

async fn list(context: &Context, market: &Market) -> Result<()> {
    let owner = context.address(None)?;
    let accounts = all(market, &owner).await?;
    if context.global.json {
        return output::json(&accounts);
    }
    let mut rows = Vec::new();
    for account in &accounts {
        rows.push([
            account.id.to_string(),
            output::amount(account.balance.u128() / SCALE, &account.denom),
            account.streams.to_string(),
            super::status::runway(market, account).await?,
        ]);
    }
    println!(
        "{}",
        output::table(["account", "balance", "leases", "lasts"], rows)
    );
    Ok(())
}

async fn all(market: &Market, owner: &str) -> Result<Vec<AccountResponse>> {
    let mut found: Vec<AccountResponse> = Vec::new();
    loop {
        let query = QueryMsg::Accounts {
            owner: owner.into(),
            start_after: found.last().map(|account| account.id),
            limit: Some(MAX_LIMIT),
        };
        let page: AccountsResponse = market.ask(&market.suite.escrow, &query).await?;
        let is_last = page.accounts.len() < MAX_LIMIT as usize;
        found.extend(page.accounts);
        if is_last {
            return Ok(found);
        }
    }
}

async fn allow(context: &Context, market: &Market, args: AllowArgs) -> Result<()> {
    let now = market.now().await?;
    let per_second = u128::from(args.max_rate)
        .checked_mul(SCALE)
        .context("--max-rate is too large")?
        / u128::from(HOUR);
    let msg = ExecuteMsg::Allow {
        account: args.account,
        spender: context.address(Some(&args.spender))?,
        limits: Limits {
            max_rate: Uint128::new(per_second),
            max_total: Uint128::new(args.max_total),
            expires: args.expires.map(|seconds| now.saturating_add(seconds)),
            refill: args
                .refill_below
                .zip(args.refill_to)
                .map(|(below, to)| Refill { below, to }),
        },
    };
    let wallet = context.wallet(&market.client).await?;
    let outcome = wallet.execute(&market.suite.escrow, &msg, &[]).await?;
    let account: u64 = from_json(outcome.execute_data(0)?)?;
    let query = QueryMsg::Allowance { account };
    let allowance: AllowanceResponse = market.ask(&market.suite.escrow, &query).await?;
    if context.global.json {
        return output::json(&json!({"tx": outcome.hash, "allowance": allowance}));
    }
    println!(
        "{} may rent on account {account}, which draws up to {} from account {}",
        allowance.spender,
        output::amount(args.max_total, &allowance.denom),
        args.account
    );
    Ok(())
}

/// Sends a message about one account.
async fn send(context: &Context, market: &Market, msg: &ExecuteMsg, id: u64) -> Result<()> {
    let wallet = context.wallet(&market.client).await?;
    let outcome = wallet.execute(&market.suite.escrow, msg, &[]).await?;
    done(context, market, &outcome, id).await
}

/// Shows what is in the account after that.
async fn done(context: &Context, market: &Market, outcome: &TxOutcome, id: u64) -> Result<()> {
    let account = market.account(id).await?;
    if context.global.json {
        return output::json(&json!({"tx": outcome.hash, "account": account}));
    }
    println!(
        "account {id} holds {}, lasts {}",
        output::amount(account.balance.u128() / SCALE, &account.denom),
        super::status::runway(market, &account).await?
    );
    Ok(())
}
