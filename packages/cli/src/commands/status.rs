//! `leasehold status`.

use anyhow::Result;
use leasehold_agent::gateway::LeaseStatus;
use leasehold_api::deployment::DeploymentResponse;
use leasehold_api::escrow::AccountResponse;
use leasehold_api::market::{LeaseResponse, OrderResponse};
use serde::Serialize;

use crate::context::{Context, Market};
use crate::output::{self, HOUR};
use crate::rent;
use crate::reservation::{self, SetAside};

#[derive(Serialize)]
struct Status {
    deployment: DeploymentResponse,
    account: AccountResponse,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    order: OrderResponse,
    /// Of a reservation.
    set_aside: Option<SetAside>,
    lease: Option<LeaseResponse>,
    services: Option<LeaseStatus>,
    /// Why the provider could not be asked.
    problem: Option<String>,
}

pub async fn run(context: &Context, id: u64) -> Result<()> {
    let market = context.market().await?;
    let status = read(context, &market, id).await?;
    if context.global.json {
        return output::json(&status);
    }
    let account = &status.account;
    println!(
        "deployment {id} of {}, manifest {}",
        status.deployment.owner,
        hex::encode(&status.deployment.manifest_hash)
    );
    println!(
        "account {}: {} left, lasts {}",
        account.id,
        output::amount(
            account.balance.u128() / leasehold_api::SCALE,
            &account.denom
        ),
        runway(&market, account).await?
    );
    let now = market.now().await?;
    for group in &status.groups {
        show(group, now);
    }
    Ok(())
}

fn show(group: &Group, now: u64) {
    let order = &group.order;
    println!(
        "\ngroup {}: {:?}, attempt {}",
        order.group,
        order.phase,
        order.attempts + 1
    );
    for line in reservation::describe(order, group.set_aside, now) {
        println!("  {line}");
    }
    if let Some(lease) = &group.lease {
        println!(
            "  lease {} with {} at {} {} per hour",
            lease.id,
            lease.provider,
            output::rent(lease.rate.u128(), HOUR),
            lease.denom
        );
        if let Some(until) = lease.until {
            println!("  a job, paid ahead: over at {until} (block time, seconds)");
        }
    }
    if let Some(services) = &group.services {
        for service in &services.services {
            println!(
                "  {}: {}/{} ready {}",
                service.name,
                service.ready,
                service.replicas,
                service.uris.join(" ")
            );
        }
    }
    if let Some(problem) = &group.problem {
        println!("  the provider does not say more: {problem}");
    }
}

async fn read(context: &Context, market: &Market, id: u64) -> Result<Status> {
    let deployment = market.deployment(id).await?;
    let account = market.account(deployment.account).await?;
    let wallet = context.wallet(&market.client).await?;
    let mut groups = Vec::new();
    for order in rent::orders(market, &deployment).await? {
        let lease = match order.lease_id {
            Some(lease) => Some(market.lease(lease).await?),
            None => None,
        };
        let (services, problem) = match &lease {
            None => (None, None),
            Some(lease) => match rent::lease_status(market, wallet.key(), lease.id).await {
                Ok(services) => (Some(services), None),
                Err(error) => (None, Some(format!("{error:#}"))),
            },
        };
        groups.push(Group {
            set_aside: reservation::set_aside(market, &order).await?,
            order,
            lease,
            services,
            problem,
        });
    }
    Ok(Status {
        deployment,
        account,
        groups,
    })
}

/// How long an account's money lasts, in words.
pub async fn runway(market: &Market, account: &AccountResponse) -> Result<String> {
    let now = market.now().await?;
    Ok(match account.depletes_at {
        None => "until something runs".into(),
        Some(at) if at <= now => {
            "no longer: it ran dry, workloads are suspended until `leasehold top-up`".into()
        }
        Some(at) => output::span(at - now),
    })
}
