use cosmwasm_std::{to_json_binary, Uint128};
use cw20::Cw20ReceiveMsg;
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg as EscrowMsg, Limits, Refill};
use leasehold_testing::verbs::rate;
use leasehold_testing::world::RENT;

use super::Samples;
use crate::stage::Stage;
use crate::RATE;

pub fn fill(stage: &Stage, samples: &mut Samples) {
    let suite = &stage.world.suite;
    let (tenant, account) = (&stage.tenant, stage.account);
    let [one, two, _] = &stage.providers;
    let denom = stage.world.rent_denom();
    let open = EscrowMsg::Open {
        owner: None,
        denom: denom.clone(),
    };
    samples.paid(tenant, open, (1_000, RENT));
    samples.paid(tenant, EscrowMsg::Deposit { account }, (1_000, RENT));
    let hook = Cw20HookMsg::Deposit {
        account: stage.token_account,
    };
    let receive = EscrowMsg::Receive(Cw20ReceiveMsg {
        sender: tenant.to_string(),
        amount: Uint128::new(10),
        msg: to_json_binary(&hook).expect("a hook is JSON"),
    });
    samples.trusted(&stage.world.token, receive);
    let amount = Uint128::new(10);
    let amount = Some(amount);
    samples.add(tenant, EscrowMsg::Withdraw { account, amount });
    let (from, to) = (account, stage.drawn);
    samples.add(tenant, EscrowMsg::Move { from, to, amount });
    allowances(stage, samples);
    samples.add(&stage.mallory, EscrowMsg::Settle { account });
    let stream = stage.world.lease_of(stage.leased * 8).expect("leased");
    let streams = vec![stream];
    samples.add(&stage.mallory, EscrowMsg::Collect { streams });
    let claim = EscrowMsg::ClaimUnpaid {
        payee: one.to_string(),
        denom: denom.clone(),
    };
    samples.add(&stage.mallory, claim);
    samples.add(&stage.mallory, EscrowMsg::SweepFees { denom });
    let open = EscrowMsg::OpenStream {
        stream: 1,
        account,
        tenant: tenant.to_string(),
        payee: two.to_string(),
        rate: rate(1),
        until: Some(stage.world.now() + 100),
    };
    samples.trusted(&suite.market, open);
    let reprice = EscrowMsg::RepriceStream {
        stream,
        tenant: tenant.to_string(),
        rate: rate(2),
    };
    samples.trusted(&suite.market, reprice);
    samples.trusted(&suite.market, EscrowMsg::CloseStream { stream });
    let hold = EscrowMsg::Hold {
        order_id: 1,
        account,
        tenant: tenant.to_string(),
        rate: rate(1),
        amount: Uint128::new(10),
    };
    samples.trusted(&suite.market, hold);
    let release = EscrowMsg::Release {
        order_id: stage.reserved * 8,
        payee: Some(two.to_string()),
        amount: Uint128::new(10),
    };
    samples.trusted(&suite.market, release);
    let transfer = EscrowMsg::TransferAccount {
        account,
        owner: tenant.to_string(),
        new_owner: stage.heir.to_string(),
    };
    samples.trusted(&suite.deployment, transfer);
    let config: leasehold_api::escrow::ConfigResponse = stage
        .world
        .query(&suite.escrow, &leasehold_api::escrow::QueryMsg::Config {})
        .expect("parameters");
    let params = config.params;
    samples.trusted(&suite.governance, EscrowMsg::UpdateParams { params });
}

fn allowances(stage: &Stage, samples: &mut Samples) {
    let (tenant, account) = (&stage.tenant, stage.drawn);
    let limits = Limits {
        max_rate: rate(RATE),
        max_total: Uint128::new(9_000),
        expires: Some(stage.world.now() + 1_000),
        refill: Some(Refill { below: 10, to: 20 }),
    };
    let allow = EscrowMsg::Allow {
        account: stage.account,
        spender: stage.heir.to_string(),
        limits: limits.clone(),
    };
    samples.add(tenant, allow);
    samples.add(tenant, EscrowMsg::Adjust { account, limits });
    samples.add(tenant, EscrowMsg::Revoke { account });
    let amount = Uint128::new(10);
    samples.add(&stage.heir, EscrowMsg::Draw { account, amount });
    samples.add(&stage.mallory, EscrowMsg::TopUp { account });
}
