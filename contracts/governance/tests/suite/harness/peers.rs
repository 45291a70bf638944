//! What governance has authority over in these tests.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    to_json_binary, Addr, Binary, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdError,
    StdResult, WasmMsg,
};
use cw_multi_test::{App, ContractWrapper, Executor, IntoAddr};
use cw_storage_plus::Item;
use leasehold_api::market::ExecuteMsg as MarketMsg;

/// A market that knows one message, and answers with the latest end of a pause.
pub fn market(app: &mut App) -> Addr {
    fn begin(deps: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
        VALUE.save(deps.storage, &0)?;
        Ok(Response::new())
    }
    fn act(deps: DepsMut, _: Env, _: MessageInfo, msg: MarketMsg) -> StdResult<Response> {
        let MarketMsg::Pause { until } = msg else {
            return Err(StdError::generic_err("no pause"));
        };
        VALUE.save(deps.storage, &until)?;
        Ok(Response::new())
    }
    let code = app.store_code(Box::new(ContractWrapper::new(act, begin, peer_query)));
    app.instantiate_contract(code, "deployer".into_addr(), &Empty {}, &[], "market", None)
        .unwrap()
}

/// A contract of which governance is the authority.
#[cw_serde]
pub enum PeerMsg {
    /// Governance only.
    UpdateParams {
        value: u64,
    },
    Fail {},
    /// Calls a contract in its own name.
    Forward {
        contract: String,
        msg: Binary,
    },
}

const AUTHORITY: Item<Addr> = Item::new("authority");
const VALUE: Item<u64> = Item::new("value");

pub fn peer_instantiate(
    deps: DepsMut,
    _: Env,
    _: MessageInfo,
    authority: Addr,
) -> StdResult<Response> {
    AUTHORITY.save(deps.storage, &authority)?;
    VALUE.save(deps.storage, &0)?;
    Ok(Response::new())
}

pub fn peer_execute(deps: DepsMut, _: Env, info: MessageInfo, msg: PeerMsg) -> StdResult<Response> {
    match msg {
        PeerMsg::UpdateParams { value } if info.sender == AUTHORITY.load(deps.storage)? => {
            VALUE.save(deps.storage, &value)?;
            Ok(Response::new())
        }
        PeerMsg::UpdateParams { .. } => Err(StdError::generic_err("governance only")),
        PeerMsg::Fail {} => Err(StdError::generic_err("told to fail")),
        PeerMsg::Forward { contract, msg } => Ok(Response::new().add_message(WasmMsg::Execute {
            contract_addr: contract,
            msg,
            funds: vec![],
        })),
    }
}

pub fn peer_query(deps: Deps, _: Env, _: Empty) -> StdResult<Binary> {
    to_json_binary(&VALUE.load(deps.storage)?)
}
