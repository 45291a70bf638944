//! `leasehold ls`.

use anyhow::Result;
use leasehold_api::deployment::{DeploymentResponse, DeploymentsResponse, QueryMsg};
use leasehold_api::pagination::MAX_LIMIT;

use crate::args::ListArgs;
use crate::context::{Context, Market};
use crate::output;

pub async fn run(context: &Context, args: ListArgs) -> Result<()> {
    let market = context.market().await?;
    let owner = context.address(args.owner.as_deref())?;
    let mut deployments = all(&market, &owner).await?;
    deployments.retain(|deployment| args.all || !deployment.closed);
    if context.global.json {
        return output::json(&deployments);
    }
    let mut rows = Vec::new();
    for deployment in &deployments {
        let account = market.account(deployment.account).await?;
        for group in &deployment.groups {
            rows.push([
                deployment.id.to_string(),
                group.spec.name.clone(),
                format!("{:?}", group.status).to_lowercase(),
                group.lease_id.map_or("-".into(), |id| id.to_string()),
                deployment.account.to_string(),
                super::status::runway(&market, &account).await?,
            ]);
        }
    }
    println!(
        "{}",
        output::table(
            [
                "deployment",
                "group",
                "status",
                "lease",
                "account",
                "money lasts"
            ],
            rows
        )
    );
    Ok(())
}

async fn all(market: &Market, owner: &str) -> Result<Vec<DeploymentResponse>> {
    let mut found = Vec::new();
    loop {
        let query = QueryMsg::Deployments {
            owner: Some(owner.into()),
            start_after: found
                .last()
                .map(|deployment: &DeploymentResponse| deployment.id),
            limit: Some(MAX_LIMIT),
        };
        let page: DeploymentsResponse = market.ask(&market.suite.deployment, &query).await?;
        let last = page.deployments.len() < MAX_LIMIT as usize;
        found.extend(page.deployments);
        if last {
            return Ok(found);
        }
    }
}
