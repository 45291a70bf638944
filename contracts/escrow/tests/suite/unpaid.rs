//! A token that refuses a transfer. The bank's part is played by a contract with the token's interface.

use cosmwasm_std::{
    to_json_binary, Addr, Binary, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdError,
    StdResult,
};
use cw20::{Cw20ExecuteMsg, Cw20ReceiveMsg};
use cw_multi_test::{ContractWrapper, Executor};
use cw_storage_plus::Item;
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg, FeesResponse, QueryMsg, UnpaidResponse};
use leasehold_api::event::{PaymentDeferred, StreamClosed, UnpaidClaimed};
use leasehold_api::{Asset, Denom, SCALE};
use leasehold_escrow::ContractError;
use serde_json::json;

use crate::harness::*;

const FROZEN: Item<bool> = Item::new("frozen");

/// A token that keeps no balances and refuses every transfer while it is frozen.
fn moody_token(h: &mut Harness) -> Addr {
    fn instantiate(deps: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
        FROZEN.save(deps.storage, &false)?;
        Ok(Response::new())
    }
    fn execute(deps: DepsMut, _: Env, _: MessageInfo, _: Cw20ExecuteMsg) -> StdResult<Response> {
        if FROZEN.load(deps.storage)? {
            return Err(StdError::generic_err("frozen"));
        }
        Ok(Response::new())
    }
    fn query(_: Deps, _: Env, _: Empty) -> StdResult<Binary> {
        Ok(Binary::default())
    }
    let wrapper = ContractWrapper::new(execute, instantiate, query);
    let code = h.app.store_code(Box::new(wrapper));
    h.app
        .instantiate_contract(code, h.tenant.clone(), &json!({}), &[], "moody", None)
        .unwrap()
}

fn freeze(h: &mut Harness, token: &Addr, frozen: bool) {
    let mut storage = h.app.contract_storage_mut(token);
    FROZEN.save(storage.as_mut(), &frozen).unwrap();
}

fn streaming(h: &mut Harness, token: &Addr) {
    let msg = ExecuteMsg::Receive(Cw20ReceiveMsg {
        sender: h.tenant.to_string(),
        amount: 1_000u128.into(),
        msg: to_json_binary(&Cw20HookMsg::Open { owner: None }).unwrap(),
    });
    h.execute(token, &msg, &[]).unwrap();
    for stream in [1, 2] {
        h.stream(stream, 1, "provider", RATE);
    }
    h.pass(100);
}

fn unpaid(h: &Harness) -> Vec<Asset> {
    let page: UnpaidResponse = h.query(&QueryMsg::Unpaid {
        payee: h.provider.to_string(),
        start_after: None,
        limit: None,
    });
    page.unpaid
}

#[test]
fn a_frozen_token_cannot_keep_a_stream_open() {
    let mut h = Harness::new();
    let token = moody_token(&mut h);
    let denom = Denom::Cw20(token.to_string());
    streaming(&mut h, &token);
    freeze(&mut h, &token, true);

    let closed = h.close(1);
    assert_eq!(events::<StreamClosed>(&closed).len(), 1);
    assert_eq!(
        events::<PaymentDeferred>(&closed),
        [PaymentDeferred {
            payee: h.provider.clone(),
            denom: denom.to_string(),
            amount: 99u128.into()
        }]
    );
    h.close(2);
    assert_eq!(h.account(1).balance.u128(), 800 * SCALE);
    let waiting = Asset {
        denom: denom.clone(),
        amount: 198u128.into(),
    };
    assert_eq!(unpaid(&h), vec![waiting.clone()]);
    let fees: FeesResponse = h.query(&QueryMsg::Fees {
        start_after: None,
        limit: None,
    });
    let booked = 800 + 198 + fees.fees[0].amount.u128();
    assert_eq!(booked, 1_000, "balance, unpaid and fees are the deposit");

    let claim = ExecuteMsg::ClaimUnpaid {
        payee: h.provider.to_string(),
        denom: denom.clone(),
    };
    h.app
        .execute_contract(addr("anyone"), h.escrow.clone(), &claim, &[])
        .unwrap_err();
    assert_eq!(unpaid(&h), vec![waiting], "a refused claim changes nothing");

    freeze(&mut h, &token, false);
    let response = h.execute(&addr("anyone"), &claim, &[]).unwrap();
    assert_eq!(
        events::<UnpaidClaimed>(&response),
        [UnpaidClaimed {
            payee: h.provider.clone(),
            denom: denom.to_string(),
            amount: 198u128.into()
        }]
    );
    assert!(unpaid(&h).is_empty());
    assert_eq!(
        h.execute(&addr("anyone"), &claim, &[]),
        Err(ContractError::NothingUnpaid {
            payee: h.provider.clone(),
            denom
        })
    );
}

#[test]
fn a_frozen_token_cannot_keep_a_hold() {
    let mut h = Harness::new();
    let token = moody_token(&mut h);
    streaming(&mut h, &token);
    h.try_hold("tenant", 8, 1, 100).unwrap();
    freeze(&mut h, &token, true);
    let released = h.release(8, Some("provider"), 60);
    assert_eq!(events::<PaymentDeferred>(&released)[0].amount.u128(), 60);
    assert_eq!(unpaid(&h)[0].amount.u128(), 60);
    assert_eq!(h.account(1).prepaid.u128(), 0);
}

#[test]
fn a_frozen_token_stops_a_collect_without_a_trace() {
    let mut h = Harness::new();
    let token = moody_token(&mut h);
    streaming(&mut h, &token);
    freeze(&mut h, &token, true);
    let before = as_json(&h.account(1));
    let msg = ExecuteMsg::Collect { streams: vec![1] };
    h.app
        .execute_contract(addr("anyone"), h.escrow.clone(), &msg, &[])
        .unwrap_err();
    assert_eq!(as_json(&h.account(1)), before);
    assert!(unpaid(&h).is_empty());
}
