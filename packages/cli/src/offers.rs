//! Buying off the shelf: what standing offers ask for a group, and which one to take.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{ensure, Context as _, Result};
use leasehold_api::deployment::GroupRequest;
use leasehold_api::market::{Exit, OfferResponse, OffersResponse, QueryMsg, TakeOffer};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::rules::offer::Portion;
use leasehold_api::{Denom, GroupSpec, Usage};

use crate::context::Market;
use crate::reputation::Scores;

/// Which offer a tenant takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The cheapest that fits, group by group.
    Best,
    Id(u64),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse()) {
            ("best", _) => Ok(Choice::Best),
            (_, Ok(id)) => Ok(Choice::Id(id)),
            _ => Err("write an offer's id, or best".into()),
        }
    }
}

/// All offers in a denom, or those that sell what a group asks for.
pub async fn listed(
    market: &Market,
    denom: &Denom,
    group: Option<&GroupSpec>,
    exit: Option<Exit>,
) -> Result<Vec<OfferResponse>> {
    let mut found = Vec::new();
    let mut start_after = None;
    loop {
        let query = QueryMsg::Offers {
            denom: denom.clone(),
            group: group.cloned(),
            exit,
            start_after,
            limit: Some(MAX_LIMIT),
        };
        let page: OffersResponse = market.ask(&market.suite.market, &query).await?;
        found.extend(page.offers);
        match page.next {
            None => return Ok(found),
            next => start_after = next,
        }
    }
}

/// Has each group take an offer, for no more than what it asks now.
///
/// # Errors
/// A group for which no offer, or not the chosen one, can be taken.
pub async fn choose(
    market: &Market,
    denom: &Denom,
    requests: &mut [GroupRequest],
    choice: Choice,
    min_reliability: Option<u32>,
) -> Result<()> {
    let mut scores = Scores::new(market, denom.clone());
    let mut taken = BTreeMap::new();
    for request in requests {
        let fitting = listed(market, denom, Some(&request.spec), request.exit).await?;
        let offers = match min_reliability {
            Some(minimum) => reliable(&mut scores, fitting, choice, minimum).await?,
            None => fitting,
        };
        request.offer = Some(pick(&offers, &request.spec, choice, &mut taken)?);
    }
    Ok(())
}

/// The offers of providers that reach `minimum`.
async fn reliable(
    scores: &mut Scores<'_>,
    offers: Vec<OfferResponse>,
    choice: Choice,
    minimum: u32,
) -> Result<Vec<OfferResponse>> {
    let fit = offers
        .iter()
        .filter(|offer| !matches!(choice, Choice::Id(id) if id != offer.id))
        .count();
    let reliable = scores.filter(offers, minimum).await?;
    ensure!(
        fit == 0 || !reliable.is_empty(),
        "no provider that offers what is asked has a score of {minimum}: see `leasehold provider ls`, lower --min-reliability or deploy without --offer"
    );
    Ok(reliable)
}

/// What earlier groups of the same deployment take is gone for the later ones.
fn pick(
    offers: &[OfferResponse],
    group: &GroupSpec,
    choice: Choice,
    taken: &mut BTreeMap<u64, Usage>,
) -> Result<TakeOffer> {
    let name = &group.name;
    let mut best: Option<(Portion, u64, Usage)> = None;
    let mut reasons = Vec::new();
    for offer in offers {
        if matches!(choice, Choice::Id(id) if id != offer.id) {
            continue;
        }
        match fitting(offer, group, taken.get(&offer.id)) {
            Ok((portion, after)) => {
                let cheaper = |(known, ..): &(Portion, _, _)| portion.rate < known.rate;
                if best.as_ref().is_none_or(cheaper) {
                    best = Some((portion, offer.id, after));
                }
            }
            Err(error) => reasons.push(format!("offer {}: {error:#}", offer.id)),
        }
    }
    let (portion, offer_id, after) = best.with_context(|| match (choice, reasons.as_slice()) {
        (Choice::Id(id), []) => format!("offer {id} does not sell what group {name} asks for, at its price: see `leasehold offers FILE`"),
        (Choice::Best, []) => format!("no offer sells what group {name} asks for, at its price: deploy without --offer, or raise the price"),
        (_, reasons) => format!("no offer can be taken for group {name}: {}", reasons.join("; ")),
    })?;
    taken.insert(offer_id, after);
    Ok(TakeOffer {
        offer_id,
        max_rate: Some(portion.rate),
    })
}

/// What the group takes of the offer, and what is taken of it then.
fn fitting(
    offer: &OfferResponse,
    group: &GroupSpec,
    before: Option<&Usage>,
) -> Result<(Portion, Usage)> {
    let refusal = offer
        .quote
        .as_ref()
        .and_then(|quote| quote.refusal.as_ref());
    ensure!(refusal.is_none(), "{}", refusal.map_or("", |why| why));
    let goods = &offer.terms.goods;
    let portion = goods.portion(&group.resources)?;
    // What is not left is taken.
    let before = before.cloned().unwrap_or_else(|| goods.left(&offer.left));
    let after = goods.take(&before, &portion.usage)?;
    Ok((portion, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{Addr, Uint128};
    use leasehold_api::market::{OfferQuote, OfferTerms};
    use leasehold_api::{Goods, Requirements, ResourceUnit, Stock};

    fn stock(amount: u64, price: u128) -> Stock {
        Stock {
            amount,
            price: Uint128::new(price),
        }
    }

    /// `cores` of which `left` are left.
    fn offer(id: u64, cores: u64, left: u64, price: u128) -> OfferResponse {
        OfferResponse {
            id,
            provider: Addr::unchecked("provider"),
            denom: Denom::Native("uakt".into()),
            terms: OfferTerms {
                goods: Goods {
                    cpu: stock(cores * 1_000, price),
                    memory: stock(1 << 20, 0),
                    storage: vec![],
                    gpus: vec![],
                    ips: Stock::default(),
                    endpoint: Uint128::zero(),
                },
                exit: None,
                expires_at: 1,
            },
            left: Usage(vec![left * 1_000, 1 << 20, 0]),
            quote: Some(OfferQuote {
                rate: Uint128::new(price * 1_000),
                refusal: None,
            }),
        }
    }

    fn group() -> GroupSpec {
        GroupSpec {
            name: "web".into(),
            requirements: Requirements::default(),
            resources: vec![ResourceUnit {
                cpu: 1_000,
                memory: 1 << 20,
                storage: vec![],
                gpu: None,
                endpoints: vec![],
                count: 1,
                rate: Uint128::new(1_000_000),
            }],
        }
    }

    #[test]
    fn the_cheapest_that_fits_is_taken_at_its_price() {
        let mut dear_refused = offer(1, 4, 4, 1);
        dear_refused.quote = Some(OfferQuote {
            rate: Uint128::new(1_000),
            refusal: Some("no collateral".into()),
        });
        let offers = [dear_refused, offer(2, 4, 4, 7), offer(3, 4, 1, 5)];
        let mut taken = BTreeMap::new();
        let mut next = || {
            let picked = pick(&offers, &group(), Choice::Best, &mut taken).unwrap();
            (picked.offer_id, picked.max_rate.unwrap().u128())
        };
        // The last core of offer 3 goes to the first group.
        assert_eq!([next(), next()], [(3, 5_000), (2, 7_000)]);
    }

    #[test]
    fn the_chosen_offer_or_none() {
        let offers = [offer(2, 4, 0, 7), offer(3, 4, 4, 9)];
        let pick = |id| pick(&offers, &group(), Choice::Id(id), &mut BTreeMap::new());
        assert_eq!(pick(3).unwrap().offer_id, 3);
        let sold_out = format!("{:#}", pick(2).unwrap_err());
        assert!(sold_out.contains("0 are left"), "{sold_out}");
        let missing = format!("{:#}", pick(9).unwrap_err());
        assert!(missing.contains("offer 9 does not sell"), "{missing}");
    }

    #[test]
    fn a_choice_is_an_id_or_best() {
        assert_eq!("best".parse(), Ok(Choice::Best));
        assert_eq!("12".parse(), Ok(Choice::Id(12)));
        assert!("cheapest".parse::<Choice>().is_err());
    }
}
