//! Every message from someone who may not send it, and with funds.

use cosmwasm_std::{coin, Addr};
use cw_multi_test::{BankSudo, SudoMsg};
use expect_test::expect_file;
use leasehold_api::market::ExecuteMsg;
use leasehold_api::Pricing;
use leasehold_market::{permission, ContractError, Permission};

use crate::harness::*;
use crate::sealed::{salt, sealed};
use crate::selling::*;

fn every_message(provider: &Addr) -> Vec<ExecuteMsg> {
    let order_id = order();
    let messages = vec![
        open_msg(descending(), rate(100)),
        ExecuteMsg::CloseOrder { order_id },
        ExecuteMsg::Bid {
            order_id,
            rate: rate(10),
        },
        ExecuteMsg::Commit {
            order_id,
            commitment: World::new().digest("dave", 50),
        },
        ExecuteMsg::Reveal {
            order_id,
            rate: rate(50),
            salt: salt(),
        },
        ExecuteMsg::WithdrawBid { order_id },
        ExecuteMsg::Claim { order_id },
        ExecuteMsg::Accept {
            order_id,
            provider: provider.to_string(),
        },
        ExecuteMsg::PostOffer {
            denom: denom(),
            terms: posted(goods(4, 30)),
        },
        ExecuteMsg::UpdateOffer {
            offer_id: 1,
            terms: posted(goods(4, 40)),
        },
        ExecuteMsg::WithdrawOffer { offer_id: 1 },
        ExecuteMsg::ChangeLease {
            lease_id: lease(1),
            provider: provider.to_string(),
            rate: rate(20),
            max_rate: None,
        },
        ExecuteMsg::GiveNotice { lease_id: lease(1) },
        ExecuteMsg::EndLease { lease_id: lease(1) },
        ExecuteMsg::Failover { lease_id: lease(1) },
        ExecuteMsg::Expire {
            order_id,
            provider: None,
        },
        ExecuteMsg::Slash {
            order_id,
            number: 1,
        },
        ExecuteMsg::Prune { order_id },
        ExecuteMsg::UpdateParams { params: params() },
        ExecuteMsg::Pause { until: START },
    ];
    let mut names: Vec<_> = messages.iter().map(name).collect();
    names.dedup();
    assert_eq!(names.len(), VARIANTS, "each variant once");
    messages
}

const VARIANTS: usize = 20;

/// Exhaustive: a new variant does not compile until it is named here, and then fails the count above.
fn name(msg: &ExecuteMsg) -> &'static str {
    match msg {
        ExecuteMsg::OpenOrder { .. } => "open_order",
        ExecuteMsg::CloseOrder { .. } => "close_order",
        ExecuteMsg::Bid { .. } => "bid",
        ExecuteMsg::Commit { .. } => "commit",
        ExecuteMsg::Reveal { .. } => "reveal",
        ExecuteMsg::WithdrawBid { .. } => "withdraw_bid",
        ExecuteMsg::Claim { .. } => "claim",
        ExecuteMsg::Accept { .. } => "accept",
        ExecuteMsg::PostOffer { .. } => "post_offer",
        ExecuteMsg::UpdateOffer { .. } => "update_offer",
        ExecuteMsg::WithdrawOffer { .. } => "withdraw_offer",
        ExecuteMsg::ChangeLease { .. } => "change_lease",
        ExecuteMsg::GiveNotice { .. } => "give_notice",
        ExecuteMsg::EndLease { .. } => "end_lease",
        ExecuteMsg::Failover { .. } => "failover",
        ExecuteMsg::Expire { .. } => "expire",
        ExecuteMsg::Slash { .. } => "slash",
        ExecuteMsg::Prune { .. } => "prune",
        ExecuteMsg::UpdateParams { .. } => "update_params",
        ExecuteMsg::Pause { .. } => "pause",
    }
}

/// A world in which `msg` would be fine from the right sender.
fn ready_for(msg: &ExecuteMsg) -> World {
    let mut world = World::new();
    match msg {
        ExecuteMsg::OpenOrder { .. }
        | ExecuteMsg::UpdateParams { .. }
        | ExecuteMsg::Pause { .. } => {}
        ExecuteMsg::UpdateOffer { .. } | ExecuteMsg::WithdrawOffer { .. } => {
            world.post("carol", goods(4, 30)).unwrap();
        }
        ExecuteMsg::Accept { .. } => {
            world
                .open(leasehold_api::AuctionMode::Open { auto_after: None }, 100)
                .unwrap();
            world.bid("alice", 50).unwrap();
        }
        ExecuteMsg::Commit { .. } => {
            world.open(sealed(Pricing::First), 100).unwrap();
        }
        ExecuteMsg::Reveal { .. } => {
            world.open(sealed(Pricing::First), 100).unwrap();
            world.commit("bob", 50).unwrap();
            world.wait(40);
        }
        ExecuteMsg::Claim { .. } => {
            world.open(dutch(10), 100).unwrap();
        }
        ExecuteMsg::EndLease { .. }
        | ExecuteMsg::ChangeLease { .. }
        | ExecuteMsg::GiveNotice { .. } => {
            world.open(dutch(10), 100).unwrap();
            world.claim("alice").unwrap();
        }
        _ => {
            world.open(descending(), 100).unwrap();
            world.bid("alice", 50).unwrap();
            world.bid("bob", 60).unwrap();
        }
    }
    world
}

#[test]
fn whoever_may_not_send_a_message_is_refused() {
    let provider = World::new().addr("alice");
    for msg in every_message(&provider) {
        let restricted = permission(&msg) != Permission::Anyone;
        if !restricted {
            continue;
        }
        let mut world = ready_for(&msg);
        let (suite, tenant) = (world.suite.clone(), world.tenant.clone());
        let rightful = match permission(&msg) {
            Permission::Anyone => unreachable!("skipped above"),
            Permission::Provider => world.addr("dave"),
            Permission::Bidder => world.addr("bob"),
            Permission::Holder => world.addr("alice"),
            Permission::Seller => world.addr("carol"),
            Permission::Tenant | Permission::Party => tenant.clone(),
            Permission::Deployment => suite.deployment.clone(),
            Permission::Governance => suite.governance.clone(),
        };
        let strangers = [
            world.addr("stranger"),
            tenant,
            suite.market,
            suite.escrow,
            suite.provider,
            suite.deployment,
            suite.governance,
        ];
        for stranger in strangers.into_iter().filter(|s| *s != rightful) {
            let before = world.record_if_any();
            let error = world.send(&stranger, &msg, &[]).unwrap_err();
            assert!(
                matches!(error, ContractError::Unauthorized { .. }),
                "{} from {stranger}: {error}",
                name(&msg)
            );
            assert_eq!(world.record_if_any(), before);
        }
        let done = world.send(&rightful, &msg, &[]);
        assert!(done.is_ok(), "{}: {:?}", name(&msg), done.err());
    }
}

#[test]
fn no_message_takes_funds() {
    let provider = World::new().addr("alice");
    for msg in every_message(&provider) {
        let mut world = World::new();
        let sender = world.addr("rich");
        let mint = SudoMsg::Bank(BankSudo::Mint {
            to_address: sender.to_string(),
            amount: vec![coin(5, "ucredit")],
        });
        world.app.sudo(mint).unwrap();
        assert_eq!(
            world
                .send(&sender, &msg, &[coin(1, "ucredit")])
                .unwrap_err(),
            ContractError::FundsNotAllowed {
                denom: "ucredit".into()
            },
            "{}",
            name(&msg)
        );
    }
}

#[test]
fn the_permission_table_is_frozen() {
    let provider = World::new().addr("alice");
    let table: String = every_message(&provider)
        .iter()
        .map(|msg| {
            format!(
                "{:<14} {:<11} no funds\n",
                name(msg),
                format!("{:?}", permission(msg))
            )
        })
        .collect();
    expect_file!["../permissions.txt"].assert_eq(&table);
}
