use cosmwasm_std::{
    to_json_vec, Binary, ContractResult, Deps, Empty, QueryRequest, Response, StdError,
    SystemResult, WasmQuery,
};
use sha2::{Digest, Sha256};

use crate::ContractError;

/// Fails unless a smart query still gets the answer that has this hash.
pub fn require(
    deps: Deps,
    contract: String,
    query: Binary,
    answer_hash: &Binary,
) -> Result<Response, ContractError> {
    let answer = ask(deps, &contract, &query)?;
    if Sha256::digest(&answer).as_slice() == answer_hash.as_slice() {
        return Ok(Response::new());
    }
    Err(ContractError::AnswerChanged {
        contract,
        query: String::from_utf8_lossy(&query).into_owned(),
        answer: String::from_utf8_lossy(&answer).into_owned(),
    })
}

/// The bytes of the answer, as they are.
fn ask(deps: Deps, contract: &str, query: &Binary) -> Result<Binary, StdError> {
    let request: QueryRequest<Empty> = WasmQuery::Smart {
        contract_addr: contract.to_owned(),
        msg: query.clone(),
    }
    .into();
    match deps.querier.raw_query(&to_json_vec(&request)?) {
        SystemResult::Ok(ContractResult::Ok(answer)) => Ok(answer),
        SystemResult::Ok(ContractResult::Err(error)) => Err(StdError::generic_err(error)),
        SystemResult::Err(error) => Err(StdError::generic_err(error.to_string())),
    }
}
