//! `leasehold suite`.

use anyhow::Result;
use comfy_table::Table;
use leasehold_api::genesis::Genesis;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::Suite;

use crate::args::{Profile, SuiteCommand, SuiteDeployArgs};
use crate::context::Context;
use crate::{output, ready, suite};

pub async fn run(context: &Context, command: SuiteCommand) -> Result<()> {
    let suite = match command {
        SuiteCommand::Deploy(args) => deploy(context, args).await?,
        SuiteCommand::Show => context.market().await?.suite,
    };
    if context.global.json {
        return output::json(&suite);
    }
    println!("{}", addresses(&suite));
    Ok(())
}

pub fn addresses(suite: &Suite) -> Table {
    let rows = CONTRACTS
        .iter()
        .zip(suite.addresses())
        .map(|(name, address)| [(*name).to_owned(), address.clone()]);
    output::table(["contract", "address"], rows)
}

async fn deploy(context: &Context, args: SuiteDeployArgs) -> Result<Suite> {
    let client = context.client().await?;
    let wallet = context.wallet(&client).await?;
    let genesis = match args.profile {
        Profile::Production => Genesis::production(&args.stake_denom),
        Profile::Development => Genesis::development(&args.stake_denom),
    };
    let spinner = ready::spinner(context.global.json);
    let suite = suite::deploy(
        &wallet,
        args.wasm.as_deref(),
        &genesis,
        &args.salt,
        |step| {
            spinner.set_message(step.to_owned());
        },
    )
    .await?;
    spinner.finish_and_clear();
    context.home.remember_suite(client.chain_id(), &suite)?;
    Ok(suite)
}
