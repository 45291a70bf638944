use leasehold_api::escrow::{ExecuteMsg as EscrowMsg, FeesResponse, QueryMsg, UnpaidResponse};
use leasehold_testing::puppet::{PaidInToken, Puppet};

use super::{query, send_to_account, state_of, PAGE};
use crate::stage::{done, Stage, DESCENDING, RATE};
use crate::Machine;

#[test]
fn unpaid_payment() {
    Machine {
        page: PAGE,
        heading: "Unpaid payment",
        stage: unpaid_stage,
        state: |stage| {
            let payee = stage.providers[0].to_string();
            let unpaid = QueryMsg::Unpaid {
                payee,
                start_after: None,
                limit: None,
            };
            let unpaid = query::<UnpaidResponse>(stage, &unpaid).unwrap();
            state_of(unpaid.unpaid.len(), "waiting")
        },
        send: |stage, message, _| {
            let claim = EscrowMsg::ClaimUnpaid {
                payee: stage.providers[0].to_string(),
                denom: stage.puppet.as_ref()?.denom(),
            };
            let (tenant, deployment) = (stage.tenant.clone(), stage.deployment);
            match message {
                "claim_unpaid" => done(stage.world.escrow_call(&tenant, &claim, 0)),
                "close_stream" => done(stage.world.close(&tenant, deployment)),
                _ => None,
            }
        },
    }
    .run();
}

#[test]
fn fees() {
    Machine {
        page: PAGE,
        heading: "Fees",
        stage: |state, _, when| {
            let seconds = match when {
                "" => 20,
                "too little for a fee" => 1,
                _ => return None,
            };
            let mut stage = Stage::new().leased(1).later(seconds);
            if state == "booked" {
                let payee = stage.providers[0].clone();
                stage.world.collect(&payee, &[stage.lease()]).unwrap();
                stage.pass(20);
            }
            ["none", "booked"].contains(&state).then_some(stage)
        },
        state: |stage| {
            let all = QueryMsg::Fees {
                start_after: None,
                limit: None,
            };
            let fees = query::<FeesResponse>(stage, &all).unwrap();
            state_of(fees.fees.len(), "booked")
        },
        send: |stage, message, _| {
            let denom = stage.world.rent_denom();
            let stranger = stage.stranger.clone();
            match message {
                "sweep_fees" => {
                    let sweep = EscrowMsg::SweepFees { denom };
                    done(stage.world.escrow_call(&stranger, &sweep, 0))
                }
                _ => send_to_account(stage, message, "the last"),
            }
        },
    }
    .run();
}

fn unpaid_stage(state: &str, _: &str, when: &str) -> Option<Stage> {
    let mut stage = Stage::new();
    let (tenant, [first, ..]) = (stage.tenant.clone(), stage.providers.clone());
    let puppet = Puppet::new(&mut stage.world);
    let paid = PaidInToken::start(&mut stage.world, puppet, &tenant, &first, RATE).unwrap();
    stage.account = paid.account;
    stage.deployment = paid.deployment;
    stage.order = paid.deployment * 8;
    let denom = paid.puppet.denom();
    if state == "waiting" {
        stage.pass(5);
        paid.puppet.freeze(&mut stage.world, true);
        stage.world.close(&tenant, stage.deployment).unwrap();
        paid.puppet.freeze(&mut stage.world, false);
        let group = [(RATE, DESCENDING)];
        let account = Some(stage.account);
        let id = stage.world.create_in(&tenant, &group, 0, account, denom);
        stage.deployment = id.unwrap();
        stage.world.win(&first, stage.deployment * 8, RATE).unwrap();
    }
    stage.pass(5);
    match when {
        "" => {}
        "the token refuses" => paid.puppet.freeze(&mut stage.world, true),
        _ => return None,
    }
    stage.puppet = Some(paid.puppet);
    ["none", "waiting"].contains(&state).then_some(stage)
}
