mod allowance;
mod hold;
mod payout;

use anyhow::Result;
use cosmwasm_std::Uint128;
use leasehold_api::escrow::{
    AccountStatus, Cw20HookMsg, ExecuteMsg as EscrowMsg, QueryMsg, StreamResponse, NEXT_ACCOUNT,
};
use leasehold_api::market::ExecuteMsg as MarketMsg;
use leasehold_testing::verbs::rate;
use serde::de::DeserializeOwned;

use crate::stage::{done, parts, Stage, COLLATERAL, DESCENDING, RATE, RUNWAY};
use crate::Machine;

pub const PAGE: &str = include_str!("../../../../docs/spec/escrow.md");

#[test]
fn account() {
    Machine {
        page: PAGE,
        heading: "Account",
        stage: account_stage,
        state: |stage| match stage.world.account(stage.account).map(|a| a.status) {
            Err(_) => "none".into(),
            Ok(AccountStatus::Idle) => "idle".into(),
            Ok(AccountStatus::Streaming) => "streaming".into(),
            Ok(AccountStatus::Dry) => "dry".into(),
        },
        send: send_to_account,
    }
    .run();
}

#[test]
fn stream() {
    Machine {
        page: PAGE,
        heading: "Stream",
        stage: |state, _, when| {
            Some(match state {
                "none" if when == "paid ahead" => Stage::new().with_job(),
                "none" => Stage::new().decided(1),
                "open" => Stage::new().leased(1).later(1),
                _ => return None,
            })
        },
        state: |stage| {
            let id = stage.lease();
            match query::<StreamResponse>(stage, &QueryMsg::Stream { id }) {
                Err(_) => "none".into(),
                Ok(_) => "open".into(),
            }
        },
        send: |stage, message, when| match (message, stage.world.lease_of(stage.order)) {
            ("open_stream", Ok(_)) => open_stream(stage, "as it is"),
            ("reprice_stream", _) => reprice_stream(stage, when),
            _ => send_to_account(stage, message, when),
        },
    }
    .run();
}

pub fn query<T: DeserializeOwned>(stage: &Stage, query: &QueryMsg) -> Result<T> {
    stage.world.query(&stage.world.suite.escrow, query)
}

pub fn state_of(entries: usize, some: &str) -> String {
    match entries {
        0 => "none".into(),
        _ => some.into(),
    }
}

fn account_stage(state: &str, message: &str, when: &str) -> Option<Stage> {
    let mut stage = match message {
        "receive" => in_token(Stage::new()),
        _ => Stage::new(),
    };
    let tenant = stage.tenant.clone();
    stage.subject = stage.world.open_account(&tenant, 1).unwrap();
    match state {
        "none" => {
            let next = NEXT_ACCOUNT.load(&*stage.world.storage(|s| &s.escrow));
            stage.account = next.unwrap();
        }
        "idle" => {}
        "streaming" | "dry" => {
            let several = parts(when).any(|part| part == "one of several");
            stage = streaming(stage, 1 + usize::from(several));
        }
        _ => return None,
    }
    if state == "idle" && message == "open_stream" {
        stage = match when {
            "paid ahead" => stage.with_job(),
            _ => stage.decided(1),
        };
    }
    match when {
        ""
        | "opening"
        | "below the runway"
        | "less than the runway"
        | "paid ahead"
        | "one of several"
        | "the last"
        | "the money lasts"
        | "a second's rent"
        | "less than a second's rent" => {}
        "the money ends" => stage.empty(),
        "the payee was silent while it paid" => {
            stage.empty();
            stage.silence(RUNWAY);
            return Some(stage);
        }
        _ => return None,
    }
    if state == "dry" {
        stage.empty();
        stage.pass(RUNWAY);
    }
    Some(stage)
}

/// The account is one in the token.
fn in_token(mut stage: Stage) -> Stage {
    let (tenant, escrow) = (stage.tenant.clone(), stage.world.suite.escrow.clone());
    let open = Cw20HookMsg::Open { owner: None };
    let opened = stage.world.send_token(&tenant, &escrow, 100_000, &open);
    opened.unwrap();
    stage.account += 1;
    for provider in stage.providers.clone() {
        stage.world.bond_token(&provider, COLLATERAL).unwrap();
    }
    stage
}

/// The account pays for `leases`, in deployments of their own.
fn streaming(mut stage: Stage, leases: usize) -> Stage {
    let (tenant, [first, ..]) = (stage.tenant.clone(), stage.providers.clone());
    let denom = stage.world.account(stage.account).unwrap().denom;
    for _ in 0..leases {
        let group = [(RATE, DESCENDING)];
        let account = Some(stage.account);
        let id = stage
            .world
            .create_in(&tenant, &group, 0, account, denom.clone());
        stage.deployment = id.unwrap();
        stage.order = stage.deployment * 8;
        stage.world.win(&first, stage.order, RATE).unwrap();
    }
    stage
}

pub fn send_to_account(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let (account, lease) = (stage.account, stage.lease());
    let (tenant, stranger, heir) = (
        stage.tenant.clone(),
        stage.stranger.clone(),
        stage.heir.clone(),
    );
    let units = match when {
        "less than a second's rent" => RATE - 1,
        _ => RATE,
    };
    let amount = match when {
        "below the runway" => Some(Uint128::new(100_001 - RATE * u128::from(RUNWAY))),
        _ => Some(Uint128::new(100)),
    };
    match message {
        "open_stream" => return open_stream(stage, when),
        "close_stream" => return close_stream(stage),
        "receive" => return receive(stage, units, when),
        "time" => {
            stage.pass(RUNWAY);
            return Some(Ok(()));
        }
        _ => {}
    }
    let world = &mut stage.world;
    let msg = match message {
        "open" => return done(world.open_account(&tenant, 100)),
        "deposit" => return done(world.deposit(&stranger, account, units)),
        "settle" => return done(world.settle(&stranger, account)),
        "collect" => return done(world.collect(&stranger, &[lease])),
        "allow" => return done(world.allow(&tenant, account, &heir, allowance::limits())),
        "withdraw" => EscrowMsg::Withdraw { account, amount },
        "move" => {
            let (from, to) = (account, stage.subject);
            EscrowMsg::Move { from, to, amount }
        }
        "transfer_account" => {
            let transfer = EscrowMsg::TransferAccount {
                account,
                owner: tenant.to_string(),
                new_owner: heir.to_string(),
            };
            let peer = world.suite.deployment.clone();
            return done(world.escrow_call(&peer, &transfer, 0));
        }
        _ => return None,
    };
    done(world.escrow_call(&tenant, &msg, 0))
}

/// By a claim where that would do it, else in the market's name.
fn open_stream(stage: &mut Stage, when: &str) -> Option<Result<()>> {
    let (tenant, [first, second, _]) = (stage.tenant.clone(), stage.providers.clone());
    let (account, lease) = (stage.account, stage.lease());
    let status = stage.world.account(account).map(|account| account.status);
    if ["", "paid ahead"].contains(&when) && matches!(status, Ok(AccountStatus::Idle)) {
        return done(stage.world.claim(&first, stage.order));
    }
    if when.is_empty() && matches!(status, Ok(AccountStatus::Streaming)) {
        return done(stage.world.rent(&tenant, account, &second, RATE));
    }
    let units = match when {
        "less than the runway" => 100_000,
        _ => RATE,
    };
    let open = EscrowMsg::OpenStream {
        stream: lease,
        account,
        tenant: tenant.to_string(),
        payee: first.to_string(),
        rate: rate(units),
        until: None,
    };
    let market = stage.world.suite.market.clone();
    done(stage.world.escrow_call(&market, &open, 0))
}

/// By a change of the lease where that would do it, else in the market's name.
fn reprice_stream(stage: &mut Stage, when: &str) -> Option<Result<()>> {
    let tenant = match when {
        "by another" => stage.heir.to_string(),
        _ => stage.tenant.to_string(),
    };
    let units = match when {
        "less than the runway" => 100_000,
        _ => 2 * RATE,
    };
    if when.is_empty() && stage.world.lease_of(stage.order).is_ok() {
        let change = MarketMsg::ChangeLease {
            lease_id: stage.lease(),
            provider: stage.providers[0].to_string(),
            rate: rate(RATE),
            max_rate: None,
        };
        let deployment = stage.world.suite.deployment.clone();
        return done(stage.world.market_call(&deployment, &change));
    }
    let reprice = EscrowMsg::RepriceStream {
        stream: stage.lease(),
        tenant,
        rate: rate(units),
    };
    let market = stage.world.suite.market.clone();
    done(stage.world.escrow_call(&market, &reprice, 0))
}

/// By the end of the lease where there is one, else in the market's name.
fn close_stream(stage: &mut Stage) -> Option<Result<()>> {
    let tenant = stage.tenant.clone();
    if stage.world.lease_of(stage.order).is_ok() {
        return done(stage.world.pause(&tenant, stage.deployment, 0));
    }
    let close = EscrowMsg::CloseStream {
        stream: stage.lease(),
    };
    let market = stage.world.suite.market.clone();
    done(stage.world.escrow_call(&market, &close, 0))
}

fn receive(stage: &mut Stage, units: u128, when: &str) -> Option<Result<()>> {
    let (tenant, account) = (stage.tenant.clone(), stage.account);
    let escrow = stage.world.suite.escrow.clone();
    let hook = match when {
        "opening" => Cw20HookMsg::Open { owner: None },
        _ => Cw20HookMsg::Deposit { account },
    };
    done(stage.world.send_token(&tenant, &escrow, units, &hook))
}
