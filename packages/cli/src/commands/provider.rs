//! `leasehold provider`.

mod cards;

use std::time::Duration;

use anyhow::{Context as _, Result};
use cosmwasm_std::{Addr, Coin, Uint128};
use leasehold_agent::{
    AgentConfig, GatewayConfig, IngressConfig, Pricing, Resources, RuntimeConfig, Shelf, Tariff,
};
use leasehold_api::market::{ExecuteMsg, LeasesResponse, QueryMsg, Reputation};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::{provider, Asset, Attribute, Capability, Denom, Suite, SCALE};
use leasehold_client::TxConfig;
use serde::Serialize;
use serde_json::json;

use crate::args::{MaintenanceArgs, ProviderCommand, ProviderRunArgs, RuntimeKind};
use crate::context::{Context, Market};
use crate::output::{self, HOUR};
use crate::reputation;

pub async fn run(context: &Context, command: ProviderCommand) -> Result<()> {
    match command {
        ProviderCommand::Run(args) => serve(context, *args).await,
        ProviderCommand::Ls { denom } => list(context, Denom::from(denom.as_str())).await,
        ProviderCommand::Status { provider } => status(context, provider.as_deref()).await,
        ProviderCommand::Maintenance(args) => maintenance(context, args).await,
        ProviderCommand::Notice { lease } => notice(context, lease).await,
    }
}

async fn notice(context: &Context, lease_id: u64) -> Result<()> {
    let market = context.market().await?;
    let wallet = context.wallet(&market.client).await?;
    let msg = ExecuteMsg::GiveNotice { lease_id };
    let outcome = wallet.execute(&market.suite.market, &msg, &[]).await?;
    let lease = market.lease(lease_id).await?;
    if context.global.json {
        return output::json(&json!({"tx": outcome.hash, "lease": lease}));
    }
    let now = market.now().await?;
    let left = lease.leaves_at.context("the lease has ended meanwhile")?;
    println!(
        "lease {lease_id} may be ended in {}; until then it is served and paid",
        output::span(left.saturating_sub(now))
    );
    Ok(())
}

async fn maintenance(context: &Context, args: MaintenanceArgs) -> Result<()> {
    let market = context.market().await?;
    let now = market.now().await?;
    let from = now.saturating_add(args.start);
    let until = from.saturating_add(args.length);
    let announce = provider::ExecuteMsg::AnnounceMaintenance { from, until };
    let wallet = context.wallet(&market.client).await?;
    let outcome = wallet
        .execute(&market.suite.provider, &announce, &[])
        .await?;
    if context.global.json {
        return output::json(&json!({"tx": outcome.hash, "from": from, "until": until}));
    }
    println!(
        "in {}, for {}: silence in it is no fault, and earns nothing",
        output::span(args.start),
        output::span(args.length)
    );
    Ok(())
}

/// What the market remembers of a provider in one denom.
#[derive(Serialize)]
struct Remembered {
    provider: Addr,
    denom: Denom,
    score: u32,
    counters: Reputation,
}

async fn remember(market: &Market, provider: &Addr, denom: &Denom) -> Result<Remembered> {
    let counters = reputation::of(market, provider.as_str(), denom).await?;
    Ok(Remembered {
        provider: provider.clone(),
        denom: denom.clone(),
        score: reputation::score(&counters),
        counters,
    })
}

async fn list(context: &Context, denom: Denom) -> Result<()> {
    let market = context.market().await?;
    let mut found = Vec::new();
    for record in market.providers().await? {
        found.push(remember(&market, &record.address, &denom).await?);
    }
    found.sort_by_key(|known| std::cmp::Reverse(known.score));
    if context.global.json {
        return output::json(&found);
    }
    let rows = found.iter().map(|known| {
        let provider = known.provider.to_string();
        let score = known.score.to_string();
        [provider, score, reputation::describe(&known.counters)]
    });
    let score = format!("score in {denom}");
    let header = ["provider", &score, "remembered"];
    println!("{}", output::table(header, rows));
    Ok(())
}

async fn status(context: &Context, provider: Option<&str>) -> Result<()> {
    let market = context.market().await?;
    let address = context.address(provider)?;
    let record = market.provider(&address).await?;
    let query = QueryMsg::Leases {
        provider: Some(address),
        start_after: None,
        limit: Some(MAX_LIMIT),
    };
    let LeasesResponse { leases } = market.ask(&market.suite.market, &query).await?;
    let mut remembered = Vec::new();
    for asset in &record.collateral {
        remembered.push(remember(&market, &record.address, &asset.denom).await?);
    }
    if context.global.json {
        return output::json(
            &json!({"provider": record, "leases": leases, "reputation": remembered}),
        );
    }
    let now = market.now().await?;
    let alive = if now < record.live_until {
        "alive"
    } else {
        "silent"
    };
    println!(
        "{} at {}: {:?}, {alive}",
        record.address, record.contact.gateway, record.standing
    );
    if let Some(pause) = &record.maintenance {
        println!(
            "maintenance from {} to {} (block time)",
            pause.from, pause.until
        );
    }
    if record.faults > 0 {
        println!(
            "{} faults within 30 days make the next one dearer",
            record.faults
        );
    }
    for asset in &record.collateral {
        println!(
            "collateral {}",
            output::amount(asset.amount.u128(), &asset.denom)
        );
    }
    for Remembered {
        denom,
        score,
        counters,
        ..
    } in &remembered
    {
        println!(
            "score {score} in {denom}: {}",
            reputation::describe(counters)
        );
    }
    super::audit::print_audits(&record.audits, now);
    let rows = leases.iter().map(|lease| {
        [
            lease.id.to_string(),
            lease.deployment_id.to_string(),
            format!("{} {}", output::rent(lease.rate.u128(), HOUR), lease.denom),
            output::span(now.saturating_sub(lease.started_at)),
        ]
    });
    println!(
        "{}",
        output::table(["lease", "deployment", "per hour", "for"], rows)
    );
    Ok(())
}

/// Every other setting of the agent has one value that suits.
const POLL: Duration = Duration::from_millis(400);

async fn serve(context: &Context, args: ProviderRunArgs) -> Result<()> {
    let market = context.market().await?;
    let name = context.signer_name()?;
    let key = super::keys::unlock(&context.keyring()?, &name)?;
    let suite = Suite::from_addresses(market.suite.addresses().map(Addr::unchecked))
        .context("five addresses")?;
    let config = AgentConfig {
        node: context.global.node().to_owned(),
        suite,
        key,
        tx: TxConfig::new(context.global.gas_price.clone()),
        home: context.home.provider(&name),
        capability: capability(&args)?,
        capacity: capacity(&args),
        pricing: pricing(&args),
        shelf: args.offer.map(|percent| Shelf {
            tariff: tariff(&args),
            percent,
        }),
        gateway: GatewayConfig {
            listen: args.gateway,
            uri: args.gateway_uri,
        },
        ingress: IngressConfig {
            listen: args.ingress,
            domain: args.domain,
            public_port: None,
        },
        collateral: args.bond.into_iter().map(collateral).collect(),
        runtime: match args.runtime {
            RuntimeKind::Docker => RuntimeConfig::Docker {
                socket: args.engine,
            },
            RuntimeKind::Process => RuntimeConfig::Process,
        },
        collect_every: args.collect_every,
        poll: POLL,
    };
    Ok(leasehold_agent::run(config, stopped()).await?)
}

async fn stopped() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot hear Ctrl-C, stop this process by its id");
        std::future::pending::<()>().await;
    }
}

fn capability(args: &ProviderRunArgs) -> Result<Capability> {
    let attributes = args
        .attributes
        .iter()
        .map(|text| {
            let (key, value) = text
                .split_once('=')
                .with_context(|| format!("--attribute {text}: write KEY=VALUE"))?;
            Ok(Attribute {
                key: key.into(),
                value: value.into(),
            })
        })
        .collect::<Result<_>>()?;
    Ok(Capability {
        attributes,
        gpus: cards::cards(&args.gpus)?,
    })
}

fn collateral(bond: Coin) -> Asset {
    Asset {
        denom: Denom::from(bond.denom.as_str()),
        amount: bond.amount,
    }
}

/// What the flags say, or else what the machine has.
fn capacity(args: &ProviderRunArgs) -> Resources {
    let machine = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing()
            .with_memory(sysinfo::MemoryRefreshKind::nothing().with_ram()),
    );
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u128);
    let disks = sysinfo::Disks::new_with_refreshed_list();
    Resources {
        cpu: args
            .cpu
            .map_or(cores * 1_000, |cores| (cores * 1_000.0) as u128),
        memory: args.memory.map_or(machine.total_memory().into(), |gib| {
            (gib * f64::from(1 << 30)) as u128
        }),
        storage: disks
            .iter()
            .map(|disk| u128::from(disk.available_space()))
            .max()
            .unwrap_or(0),
        gpus: 0,
    }
}

fn pricing(args: &ProviderRunArgs) -> Pricing {
    if let Some(script) = &args.price_script {
        return Pricing::Script(script.clone());
    }
    Pricing::Tariffs(vec![tariff(args)])
}

fn tariff(args: &ProviderRunArgs) -> Tariff {
    let per_second = |hourly: u64| Uint128::new(u128::from(hourly) * SCALE / u128::from(HOUR));
    Tariff {
        denom: Denom::from(args.denom.as_str()),
        cpu: per_second(args.price_cpu),
        memory: per_second(args.price_memory),
        storage: per_second(args.price_storage),
        gpu: per_second(args.price_gpu),
        markup_bps: args.markup_bps,
    }
}
