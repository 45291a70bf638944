//! `leasehold offers`.

use anyhow::Result;
use leasehold_api::deployment::GroupRequest;
use leasehold_api::market::OfferResponse;
use leasehold_api::{Denom, Goods, GpuInventory, Usage};
use serde::Serialize;

use crate::args::OffersArgs;
use crate::context::{Context, Market};
use crate::output::{self, HOUR, MONTH};
use crate::{offers, rent};

pub async fn run(context: &Context, args: OffersArgs) -> Result<()> {
    let market = context.market().await?;
    match args.file {
        Some(file) => {
            let sdl = super::sdl::read(&file)?;
            let plan = rent::plan(&sdl, None, 0)?;
            quotes(context, &market, &plan.denom, rent::requests(&sdl, &plan)).await
        }
        None => all(context, &market, &Denom::from(args.denom.as_str())).await,
    }
}

/// What one group of a file would pay where.
#[derive(Serialize)]
struct Quoted {
    group: String,
    offers: Vec<OfferResponse>,
}

async fn quotes(
    context: &Context,
    market: &Market,
    denom: &Denom,
    requests: Vec<GroupRequest>,
) -> Result<()> {
    let mut quoted = Vec::new();
    for request in requests {
        let spec = &request.spec;
        let mut offers = offers::listed(market, denom, Some(spec), request.exit).await?;
        offers.sort_by_key(|offer| offer.quote.as_ref().map(|quote| quote.rate));
        quoted.push(Quoted {
            group: spec.name.clone(),
            offers,
        });
    }
    if context.global.json {
        return output::json(&quoted);
    }
    let rows = quoted.iter().flat_map(|Quoted { group, offers }| {
        offers.iter().filter_map(move |offer| {
            let quote = offer.quote.as_ref()?;
            Some([
                group.clone(),
                offer.id.to_string(),
                offer.provider.to_string(),
                output::rent(quote.rate.u128(), HOUR),
                output::rent(quote.rate.u128(), MONTH),
                quote.refusal.clone().unwrap_or_else(|| "yes".into()),
            ])
        })
    });
    let hour = format!("{denom} per hour");
    let month = format!("{denom} per month");
    let header = ["group", "offer", "provider", &hour, &month, "to be had now"];
    println!("{}", output::table(header, rows));
    Ok(())
}

async fn all(context: &Context, market: &Market, denom: &Denom) -> Result<()> {
    let offers = offers::listed(market, denom, None, None).await?;
    if context.global.json {
        return output::json(&offers);
    }
    let now = market.now().await?;
    let rows = offers.iter().map(|offer| {
        let goods = &offer.terms.goods;
        [
            offer.id.to_string(),
            offer.provider.to_string(),
            output::rent(goods.cpu.price.u128().saturating_mul(1_000), HOUR),
            output::rent(goods.memory.price.u128().saturating_mul(1_024), HOUR),
            left(goods, &offer.left),
            output::span(offer.terms.expires_at.saturating_sub(now)),
        ]
    });
    let (core, gib) = (format!("{denom} per core hour"), "per GiB hour");
    let header = ["offer", "provider", &core, gib, "left", "expires in"];
    println!("{}", output::table(header, rows));
    Ok(())
}

/// Cores, memory and what there is of cards.
fn left(goods: &Goods, left: &Usage) -> String {
    let amounts = left.0.as_slice();
    let (first, cards) = amounts.split_at(amounts.len().saturating_sub(goods.gpus.len()));
    let cores = first.first().copied().unwrap_or(0) as f64 / 1_000.0;
    let memory = output::bytes(first.get(1).copied().unwrap_or(0).saturating_mul(1 << 20));
    let cards = goods.gpus.iter().zip(cards).map(|(kind, count)| {
        let GpuInventory { model, .. } = &kind.gpu;
        format!("{count} × {model}")
    });
    [format!("{cores:.2} cores"), memory]
        .into_iter()
        .chain(cards)
        .collect::<Vec<_>>()
        .join(", ")
}
