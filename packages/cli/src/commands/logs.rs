//! `leasehold logs`.

use anyhow::{ensure, Result};
use futures::StreamExt;

use crate::args::LogsArgs;
use crate::context::Context;
use crate::rent;

pub async fn run(context: &Context, args: LogsArgs) -> Result<()> {
    let market = context.market().await?;
    let wallet = context.wallet(&market.client).await?;
    let deployment = market.deployment(args.id).await?;
    let leases: Vec<u64> = deployment
        .groups
        .iter()
        .filter_map(|group| group.lease_id)
        .collect();
    ensure!(
        !leases.is_empty(),
        "deployment {} has no lease, so nothing runs; see `leasehold status {}`",
        args.id,
        args.id
    );
    let mut streams = Vec::new();
    for lease in leases {
        let provider = market.lease(lease).await?.provider;
        let gateway = rent::gateway(&market, wallet.key(), provider.as_str()).await?;
        streams.push(gateway.logs(lease, args.follow, Some(args.tail)).await?);
    }
    let mut lines = futures::stream::select_all(streams);
    while let Some(line) = lines.next().await {
        let line = line?;
        if args
            .service
            .as_ref()
            .is_some_and(|service| *service != line.service)
        {
            continue;
        }
        match context.global.json {
            true => println!("{}", serde_json::to_string(&line)?),
            false => println!("{}/{} {}", line.service, line.replica, line.line),
        }
    }
    Ok(())
}
