use anyhow::Result;
use cosmwasm_std::{coin, Uint128};
use leasehold_api::provider::{
    Cw20HookMsg, ExecuteMsg as ProviderMsg, ProviderResponse, QueryMsg, Share, Standing,
};
use leasehold_api::{Asset, Capability};
use leasehold_testing::verbs::contact;
use leasehold_testing::world::RENT;

use crate::stage::{done, Stage, COLLATERAL};
use crate::Machine;

pub const PAGE: &str = include_str!("../../../../docs/spec/provider.md");

/// The first provider.
#[test]
fn provider() {
    Machine {
        page: PAGE,
        heading: "Provider",
        stage,
        state: |stage| {
            let address = stage.providers[0].to_string();
            let query = QueryMsg::Provider { address };
            let found = stage.world.query(&stage.world.suite.provider, &query);
            match found.map(|provider: ProviderResponse| provider.standing) {
                Err(_) => "unregistered".into(),
                Ok(Standing::Active) => "active".into(),
                Ok(Standing::Draining) => "draining".into(),
            }
        },
        send,
    }
    .run();
}

fn stage(state: &str, message: &str, when: &str) -> Option<Stage> {
    let mut stage = Stage::new();
    let first = stage.providers[0].clone();
    if message == "unbond" && when == "what is locked" {
        stage = stage.leased(1);
    }
    let world = &mut stage.world;
    match when {
        "allowed" => {
            world.bond_token(&first, 1).unwrap();
        }
        "nothing bonded" => {
            world.unbond(&first, COLLATERAL).unwrap();
        }
        "something has matured" => {
            world.unbond(&first, COLLATERAL).unwrap();
            world.pass(30);
        }
        "" | "what is locked" => {}
        _ => return None,
    }
    if state == "unregistered" && when.is_empty() {
        // What is on its way out may still be on its way.
        world.unbond(&first, COLLATERAL).unwrap();
    }
    match state {
        "active" => {}
        "draining" | "unregistered" => {
            world.provider_call(&first, &ProviderMsg::Drain {}).unwrap();
        }
        _ => return None,
    }
    if state == "unregistered" {
        world.provider_call(&first, &ProviderMsg::Leave {}).unwrap();
    }
    Some(stage)
}

fn send(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let (tenant, first) = (stage.tenant.clone(), stage.providers[0].clone());
    let world = &mut stage.world;
    let (registry, market) = (world.suite.provider.clone(), world.suite.market.clone());
    let denom = world.rent_denom();
    let amount = match when {
        "what is locked" => Uint128::new(COLLATERAL),
        _ => Uint128::new(10),
    };
    let msg = match message {
        "register" => ProviderMsg::Register {
            contact: contact(),
            capability: Capability::default(),
        },
        "update" => ProviderMsg::Update {
            contact: Some(contact()),
            capability: None,
        },
        "heartbeat" => ProviderMsg::Heartbeat {},
        "bond" => {
            let coins = [coin(10, RENT)];
            return done(world.execute(&first, &registry, &ProviderMsg::Bond {}, &coins));
        }
        "allow_token" => ProviderMsg::AllowToken {
            token: world.token.to_string(),
        },
        "receive" => {
            return done(world.send_token(&first, &registry, 10, &Cw20HookMsg::Bond {}));
        }
        "unbond" => ProviderMsg::Unbond {
            asset: Asset { denom, amount },
        },
        "claim" => ProviderMsg::Claim {},
        "drain" => ProviderMsg::Drain {},
        "resume" => ProviderMsg::Resume {},
        "leave" => ProviderMsg::Leave {},
        "announce_maintenance" => return Some(stage.announce_maintenance()),
        "slash" => {
            let slash = ProviderMsg::Slash {
                provider: first.to_string(),
                denom,
                amount,
                bond: amount,
                at: world.now(),
                recipients: vec![Share {
                    to: tenant.to_string(),
                    bps: 7_000,
                }],
                reason: "down".into(),
            };
            return done(world.provider_call(&market, &slash));
        }
        "compensate" => {
            let compensate = ProviderMsg::Compensate {
                provider: first.to_string(),
                denom,
                amount,
                to: tenant.to_string(),
            };
            return done(world.provider_call(&market, &compensate));
        }
        _ => return None,
    };
    done(world.provider_call(&first, &msg))
}
