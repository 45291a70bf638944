//! What the market tells of standing offers.

use cosmwasm_std::Uint128;
use leasehold_api::market::{
    ExecuteMsg, Exit, OfferResponse, OfferTerms, OffersResponse, QueryMsg,
};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::provider::Standing;
use leasehold_api::rules::resources::MAX_RATE;
use leasehold_api::{Asset, Attribute, Denom, GroupSpec, ResourceUnit, Stock, Usage};

use crate::harness::*;
use crate::selling::*;

fn listed(world: &World, start_after: Option<u64>, limit: Option<u32>) -> OffersResponse {
    world.query(&QueryMsg::Offers {
        denom: denom(),
        group: None,
        exit: None,
        start_after,
        limit,
    })
}

fn ids(found: &OffersResponse) -> Vec<u64> {
    found.offers.iter().map(|offer| offer.id).collect()
}

/// The harness's group with this maximum.
fn asking(max: u128) -> GroupSpec {
    let group = group_spec();
    GroupSpec {
        resources: vec![ResourceUnit {
            rate: rate(max),
            ..group.resources[0].clone()
        }],
        ..group
    }
}

fn quoted(world: &World, group: GroupSpec, exit: Option<Exit>) -> Vec<OfferResponse> {
    let found: OffersResponse = world.query(&QueryMsg::Offers {
        denom: denom(),
        group: Some(group),
        exit,
        start_after: None,
        limit: None,
    });
    found.offers
}

/// Offer, price, why not.
fn quotes(world: &World, group: GroupSpec) -> Vec<(u64, u128, Option<String>)> {
    quoted(world, group, None)
        .into_iter()
        .map(|offer| {
            let quote = offer.quote.unwrap();
            (offer.id, quote.rate.u128(), quote.refusal)
        })
        .collect()
}

#[test]
fn offers_are_paged_by_denom_and_id() {
    let mut world = World::new();
    for name in ["alice", "bob", "carol"] {
        world.post(name, goods(4, 30)).unwrap();
    }
    let other = Denom::Native("uother".into());
    let alice = world.addr("alice");
    let mut hot = world.hot(&alice);
    hot.collateral.push(Asset {
        denom: other.clone(),
        amount: Uint128::one(),
    });
    world.set_hot(&alice, &hot);
    let post = ExecuteMsg::PostOffer {
        denom: other.clone(),
        terms: posted(goods(1, 1)),
    };
    world.by("alice", post).unwrap();

    let all = listed(&world, None, None);
    assert_eq!((ids(&all), all.next), (vec![1, 2, 3], None));
    assert_eq!(all.offers[0].quote, None);
    let first = listed(&world, None, Some(2));
    assert_eq!((ids(&first), first.next), (vec![1, 2], Some(2)));
    let second = listed(&world, first.next, Some(2));
    assert_eq!((ids(&second), second.next), (vec![3], None));
    let elsewhere: OffersResponse = world.query(&QueryMsg::Offers {
        denom: other,
        group: None,
        exit: None,
        start_after: None,
        limit: None,
    });
    assert_eq!(ids(&elsewhere), [4]);
    let own: OffersResponse = world.query(&QueryMsg::ProviderOffers {
        provider: alice.to_string(),
    });
    assert_eq!(ids(&own), [1, 4]);
}

#[test]
fn a_listing_does_not_outlive_its_expiry() {
    let mut world = World::new();
    world.post("alice", goods(4, 30)).unwrap();
    world.jump(OFFER_LIFE - 1, 1);
    assert_eq!(ids(&listed(&world, None, None)), [1]);
    world.jump(1, 1);
    assert!(listed(&world, None, None).offers.is_empty());
    // Its provider still sees it, to renew or withdraw it.
    let own: OffersResponse = world.query(&QueryMsg::ProviderOffers {
        provider: world.addr("alice").to_string(),
    });
    assert_eq!(ids(&own), [1]);
    assert_eq!(world.offer(1).terms.expires_at, START + OFFER_LIFE);
}

#[test]
fn who_takes_no_lease_now_is_not_listed() {
    let mut world = World::new();
    for name in ["alice", "bob", "carol"] {
        world.post(name, goods(4, 30)).unwrap();
    }
    let alice = world.addr("alice");
    let mut hot = world.hot(&alice);
    hot.standing = Standing::Draining;
    world.set_hot(&alice, &hot);
    world.silence("bob");
    world.wait(5);
    assert_eq!(ids(&listed(&world, None, None)), [3]);
}

#[test]
fn each_offer_is_quoted_and_says_what_keeps_it_from_being_taken() {
    let mut world = World::new();
    world.post("alice", goods(1, 30)).unwrap();
    world.post("bob", goods(4, 20)).unwrap();
    world.post("carol", goods(4, 101)).unwrap();
    world.post("dave", goods(4, 100)).unwrap();
    world.take(0, 100, 1).unwrap();
    let sold_out = "1000 of cpu (milli-cores) are asked, 0 are left of the offer";
    assert_eq!(
        quotes(&world, asking(100)),
        [
            (1, rate(30).u128(), Some(sold_out.into())),
            (2, rate(20).u128(), None),
            (4, rate(100).u128(), None),
        ],
        "at most the group's maximum"
    );
    assert_eq!(world.offer(1).left.0[0], 0);
    world.withdraw_offer("bob", 2).unwrap();
    let dave = world.addr("dave");
    let mut hot = world.hot(&dave);
    hot.collateral[0].amount = Uint128::new(99_999);
    world.set_hot(&dave, &hot);
    let refusals: Vec<_> = quotes(&world, asking(100))
        .into_iter()
        .map(|(id, _, refusal)| (id, refusal.unwrap()))
        .collect();
    assert!(refusals[1].1.contains("a bond of 100000"), "{refusals:?}");
}

#[test]
fn who_never_could_serve_the_group_is_left_out() {
    let mut world = World::new();
    world.post("alice", goods(4, 30)).unwrap();
    let spot = OfferTerms {
        exit: Some(Exit {
            notice: 0,
            compensation_bps: 0,
        }),
        ..posted(goods(4, 10))
    };
    world.post_on("bob", spot).unwrap();
    let of = |exit| -> Vec<u64> {
        let offers = quoted(&world, asking(100), exit);
        offers.iter().map(|offer| offer.id).collect()
    };
    assert_eq!(of(None), [1]);
    let none = Exit {
        notice: 0,
        compensation_bps: 0,
    };
    assert_eq!(of(Some(none)), [1, 2]);
    let mut choosy = asking(100);
    choosy.requirements.attributes = vec![Attribute {
        key: "region".into(),
        value: "eu".into(),
    }];
    assert_eq!(quotes(&world, choosy), []);
    let mut with_address = asking(100);
    with_address.resources[0].count = 50;
    let (id, _, refusal) = quotes(&world, with_address).remove(0);
    assert!(
        id == 1 && refusal.is_some(),
        "too large for now: {refusal:?}"
    );
}

/// A price that overflows is nobody's price, and ends no query.
#[test]
fn an_absurd_offer_spoils_no_listing() {
    let mut world = World::new();
    let mut absurd = goods(4, 30);
    absurd.memory = Stock {
        amount: u64::MAX,
        price: Uint128::new(MAX_RATE),
    };
    world.post("alice", absurd).unwrap();
    world.post("bob", goods(4, 30)).unwrap();
    let mut large = asking(100);
    large.resources[0].memory = 2 << 40;
    large.resources[0].count = 50;
    large.resources = vec![large.resources[0].clone(); 16];
    let found = quoted(&world, large, None);
    let ids: Vec<u64> = found.iter().map(|offer| offer.id).collect();
    assert_eq!(ids, [2]);
}

/// Sixteen offers a head, and no page that looks at more than its limit: junk costs its poster a registration and a reader one page.
#[test]
fn a_page_looks_at_its_limit_whatever_it_finds() {
    let mut world = World::new();
    for name in PROVIDERS {
        for _ in 0..16 {
            world.post(name, goods(4, 101)).unwrap();
        }
    }
    let mut honest = world.hot(&world.addr("alice"));
    let erin = world.addr("erin");
    honest.collateral[0].amount = Uint128::new(1_000_000);
    world.set_hot(&erin, &honest);
    let profile = leasehold_api::provider::Declared::default();
    leasehold_api::provider::CAPABILITY
        .save(&mut *world.registry(), &erin, &profile)
        .unwrap();
    world.post("erin", goods(4, 30)).unwrap();
    let (mut next, mut pages, mut found) = (None, 0, vec![]);
    loop {
        let page: OffersResponse = world.query(&QueryMsg::Offers {
            denom: denom(),
            group: Some(asking(100)),
            exit: None,
            start_after: next,
            limit: None,
        });
        found.extend(ids(&page));
        pages += 1;
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!((found, pages), (vec![65], 3));
    let beyond = listed(&world, None, Some(1_000));
    assert!(beyond.offers.len() <= MAX_LIMIT as usize);
}

#[test]
fn a_group_that_could_not_be_created_is_not_quoted() {
    let world = World::new();
    let query = QueryMsg::Offers {
        denom: denom(),
        group: Some(GroupSpec {
            resources: vec![],
            ..group_spec()
        }),
        exit: None,
        start_after: None,
        limit: None,
    };
    let refused = world
        .app
        .wrap()
        .query_wasm_smart::<OffersResponse>(&world.suite.market, &query)
        .unwrap_err();
    assert!(refused.to_string().contains("resource units"), "{refused}");
}

#[test]
fn one_offer_is_told_with_what_is_left() {
    let mut world = World::new();
    world.post("alice", goods(4, 30)).unwrap();
    world.take(0, 100, 1).unwrap();
    let expected = OfferResponse {
        id: 1,
        provider: world.addr("alice"),
        denom: denom(),
        terms: posted(goods(4, 30)),
        left: Usage(vec![3_000, (1 << 20) - 1_024, 0]),
        quote: None,
    };
    assert_eq!(world.offer(1), expected);
    let missing = world
        .app
        .wrap()
        .query_wasm_smart::<OfferResponse>(&world.suite.market, &QueryMsg::Offer { id: 7 })
        .unwrap_err();
    assert!(
        missing.to_string().contains("offer 7 not found"),
        "{missing}"
    );
}
