//! The contracts that escrow meets in these tests.

use cosmwasm_std::{
    from_json, Binary, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdResult,
};
use cw_multi_test::{Contract, ContractWrapper};
use leasehold_escrow::contract;
use serde_json::Value;

pub fn escrow_contract() -> Box<dyn Contract<Empty>> {
    Box::new(
        ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
            .with_migrate(contract::migrate)
            .with_reply(contract::reply),
    )
}

pub fn token_contract() -> Box<dyn Contract<Empty>> {
    Box::new(ContractWrapper::new(
        cw20_base::contract::execute,
        cw20_base::contract::instantiate,
        cw20_base::contract::query,
    ))
}

/// A contract that does nothing; the harness writes providers' records into its storage.
pub fn registry_contract() -> Box<dyn Contract<Empty>> {
    fn act(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
        Ok(Response::new())
    }
    fn ask(_: Deps, _: Env, _: Empty) -> StdResult<Binary> {
        Ok(Binary::default())
    }
    Box::new(ContractWrapper::new(act, act, ask))
}

/// Takes fees from escrow, as governance does.
pub fn governance_contract() -> Box<dyn Contract<Empty>> {
    fn act(_: DepsMut, _: Env, _: MessageInfo, msg: Value) -> StdResult<Response> {
        let governs: leasehold_api::governance::ExecuteMsg = serde_json::from_value(msg).unwrap();
        match governs {
            leasehold_api::governance::ExecuteMsg::AddFees {} => {}
            leasehold_api::governance::ExecuteMsg::Receive(told) => {
                from_json::<leasehold_api::governance::Cw20HookMsg>(&told.msg)?;
            }
            other => panic!("{other:?}"),
        }
        Ok(Response::new())
    }
    fn begin(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
        Ok(Response::new())
    }
    fn ask(_: Deps, _: Env, _: Empty) -> StdResult<Binary> {
        Ok(Binary::default())
    }
    Box::new(ContractWrapper::new(act, begin, ask))
}
