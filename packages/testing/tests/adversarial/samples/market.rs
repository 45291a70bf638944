use leasehold_api::market::{ExecuteMsg as MarketMsg, Exit, OfferTerms, Terms};
use leasehold_api::AuctionMode;
use leasehold_testing::verbs::sealed::SALT;
use leasehold_testing::verbs::{rate, small_terms, taking};

use super::Samples;
use crate::stage::Stage;
use crate::RATE;

pub fn fill(stage: &Stage, samples: &mut Samples) {
    let suite = &stage.world.suite;
    let [one, two, three] = &stage.providers;
    let open = MarketMsg::OpenOrder {
        order_id: stage.paused * 8,
        account: stage.account,
        denom: stage.world.rent_denom(),
        max_rate: rate(RATE),
        terms: Terms {
            auction: AuctionMode::Dutch {
                min_rate: Some(rate(1)),
            },
            exit: Some(Exit {
                notice: 60,
                compensation_bps: 100,
            }),
            max_duration: Some(100),
            starts_at: Some(stage.world.now() + 100),
        },
        offer: Some(taking(stage.offer, RATE)),
    };
    samples.trusted(&suite.deployment, open);
    let order_id = stage.choice * 8;
    samples.trusted(&suite.deployment, MarketMsg::CloseOrder { order_id });
    let bid = rate(RATE - 1);
    let rate = bid;
    samples.add(one, MarketMsg::Bid { order_id, rate });
    samples.add(two, MarketMsg::WithdrawBid { order_id });
    let provider = two.to_string();
    let accept = MarketMsg::Accept { order_id, provider };
    samples.add(&stage.tenant, accept);
    let max_rate = leasehold_testing::verbs::rate(RATE);
    let commit = MarketMsg::Commit {
        order_id: stage.sealed * 8,
        commitment: stage
            .world
            .commitment(two, stage.sealed * 8, max_rate)
            .expect("it is open"),
    };
    samples.add(two, commit);
    let reveal = MarketMsg::Reveal {
        order_id: stage.revealing * 8,
        rate: max_rate,
        salt: SALT.into(),
    };
    samples.add(one, reveal);
    let order_id = stage.won * 8;
    samples.add(three, MarketMsg::Claim { order_id });
    let lease = |deployment: u64| stage.world.lease_of(deployment * 8).expect("leased");
    let lease_id = lease(stage.leased);
    samples.add(&stage.tenant, MarketMsg::EndLease { lease_id });
    samples.add(one, MarketMsg::GiveNotice { lease_id });
    let change = MarketMsg::ChangeLease {
        lease_id,
        provider: one.to_string(),
        rate,
        max_rate: Some(rate),
    };
    samples.trusted(&suite.deployment, change);
    let lease_id = lease(stage.down);
    samples.add(&stage.mallory, MarketMsg::Failover { lease_id });
    let order_id = stage.missed * 8;
    samples.add(
        &stage.mallory,
        MarketMsg::Expire {
            order_id,
            provider: None,
        },
    );
    let penalty = stage.world.penalties().expect("penalties").remove(0);
    let slash = MarketMsg::Slash {
        order_id: penalty.order_id,
        number: penalty.number,
    };
    samples.add(&stage.mallory, slash);
    let prune = MarketMsg::Prune {
        order_id: stage.old * 8,
    };
    samples.add(&stage.mallory, prune);
    let post = MarketMsg::PostOffer {
        denom: stage.world.rent_denom(),
        terms: small_terms(&stage.world, 3, RATE),
    };
    samples.add(one, post);
    let offer_id = stage.offer;
    let update = MarketMsg::UpdateOffer {
        offer_id,
        terms: OfferTerms {
            exit: Some(Exit {
                notice: 60,
                compensation_bps: 100,
            }),
            ..small_terms(&stage.world, 3, RATE / 2)
        },
    };
    samples.add(two, update);
    samples.add(two, MarketMsg::WithdrawOffer { offer_id });
    let config: leasehold_api::market::ConfigResponse = stage
        .world
        .query(&suite.market, &leasehold_api::market::QueryMsg::Config {})
        .expect("parameters");
    let params = config.params;
    samples.trusted(&suite.governance, MarketMsg::UpdateParams { params });
    let until = stage.world.now() + 60;
    samples.trusted(&suite.governance, MarketMsg::Pause { until });
}
