//! `abci_query`: the gRPC query methods that clients call, over protobuf.

use std::panic::{catch_unwind, AssertUnwindSafe};

use cosmrs::proto::cosmos::auth::v1beta1::{QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::cosmos::bank::v1beta1::{
    QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest, QueryBalanceResponse,
    QuerySupplyOfRequest, QuerySupplyOfResponse,
};
use cosmrs::proto::cosmos::base::abci::v1beta1::{GasInfo, Result as MsgResult};
use cosmrs::proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use cosmrs::proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::proto::cosmwasm::wasm::v1::{
    AbsoluteTxPosition, AccessConfig, AccessType, CodeInfoResponse, ContractInfo, Model,
    QueryAllContractStateRequest, QueryAllContractStateResponse, QueryCodeRequest,
    QueryCodeResponse, QueryCodesRequest, QueryCodesResponse, QueryContractInfoRequest,
    QueryContractInfoResponse, QueryContractsByCodeRequest, QueryContractsByCodeResponse,
    QueryRawContractStateRequest, QueryRawContractStateResponse, QuerySmartContractStateRequest,
    QuerySmartContractStateResponse,
};
use cosmrs::proto::tendermint::abci::{Event as ProtoEvent, EventAttribute};
use cosmrs::proto::Any;
use cosmwasm_std::{
    from_json, to_json_vec, Addr, BankQuery, Binary, Coin, ContractResult, Empty, Event, Order,
    Querier, QueryRequest, StdResult, SupplyResponse, SystemResult, WasmQuery,
};
use cw_multi_test::ContractData;
use cw_storage_plus::Map;
use prost::Message;

use crate::accounts;
use crate::bank::valid_address;
use crate::chain::{panic_text, Chain};
use crate::error::{
    AbciError, INVALID_REQUEST, KEY_NOT_FOUND, NO_SUCH_CODE, NO_SUCH_CONTRACT, PANIC, QUERY_FAILED,
    UNKNOWN_REQUEST,
};

/// Entries of a page when the request names no limit.
const DEFAULT_LIMIT: u64 = 100;
const MAX_LIMIT: u64 = 1_000;

/// Where cw-multi-test's wasm keeper lists its contracts.
const CONTRACTS: Map<&Addr, ContractData> = Map::new("contracts");

/// Answers an ABCI query with the response's protobuf bytes.
///
/// # Errors
/// Unknown path (code 6), undecodable request, or what the method itself reports; worded as the SDK's gRPC router does.
pub(crate) fn abci_query(chain: &mut Chain, path: &str, data: &[u8]) -> Result<Vec<u8>, AbciError> {
    match path {
        "/cosmos.auth.v1beta1.Query/Account" => answer(chain, data, account),
        "/cosmos.bank.v1beta1.Query/Balance" => answer(chain, data, balance),
        "/cosmos.bank.v1beta1.Query/AllBalances" => answer(chain, data, all_balances),
        "/cosmos.bank.v1beta1.Query/SupplyOf" => answer(chain, data, supply_of),
        "/cosmos.tx.v1beta1.Service/Simulate" => answer(chain, data, simulate),
        "/cosmwasm.wasm.v1.Query/SmartContractState" => answer(chain, data, smart),
        "/cosmwasm.wasm.v1.Query/RawContractState" => answer(chain, data, raw),
        "/cosmwasm.wasm.v1.Query/AllContractState" => answer(chain, data, all_state),
        "/cosmwasm.wasm.v1.Query/ContractInfo" => answer(chain, data, contract_info),
        "/cosmwasm.wasm.v1.Query/ContractsByCode" => answer(chain, data, contracts_by_code),
        "/cosmwasm.wasm.v1.Query/Code" => answer(chain, data, code),
        "/cosmwasm.wasm.v1.Query/Codes" => answer(chain, data, codes),
        unknown => Err(UNKNOWN_REQUEST.because(format!("unknown query path {unknown:?}"))),
    }
}

fn answer<Req, Res>(
    chain: &mut Chain,
    data: &[u8],
    method: fn(&mut Chain, Req) -> Result<Res, AbciError>,
) -> Result<Vec<u8>, AbciError>
where
    Req: Message + Default,
    Res: Message,
{
    let request = Req::decode(data).map_err(|e| INVALID_REQUEST.because(e).through_grpc())?;
    let response = method(chain, request).map_err(AbciError::through_grpc)?;
    Ok(response.encode_to_vec())
}

fn account(
    chain: &mut Chain,
    request: QueryAccountRequest,
) -> Result<QueryAccountResponse, AbciError> {
    valid_address(chain.app.api(), &request.address)?;
    let account = accounts::load(chain.app.storage(), &request.address)
        .ok_or_else(|| KEY_NOT_FOUND.because(format!("account {} not found", request.address)))?;
    let account = Any {
        type_url: "/cosmos.auth.v1beta1.BaseAccount".into(),
        value: account.encode_to_vec(),
    };
    Ok(QueryAccountResponse {
        account: Some(account),
    })
}

fn balance(
    chain: &mut Chain,
    request: QueryBalanceRequest,
) -> Result<QueryBalanceResponse, AbciError> {
    let owner = valid_address(chain.app.api(), &request.address)?;
    let coin = chain
        .app
        .wrap()
        .query_balance(owner, request.denom)
        .map_err(|e| INVALID_REQUEST.because(e))?;
    Ok(QueryBalanceResponse {
        balance: Some(proto_coin(coin)),
    })
}

fn all_balances(
    chain: &mut Chain,
    request: QueryAllBalancesRequest,
) -> Result<QueryAllBalancesResponse, AbciError> {
    let owner = valid_address(chain.app.api(), &request.address)?;
    #[allow(deprecated)] // Contracts should not use it; a node's own bank query does exactly this.
    let coins = chain
        .app
        .wrap()
        .query_all_balances(owner)
        .map_err(|e| INVALID_REQUEST.because(e))?;
    let (coins, pagination) = page(request.pagination, coins)?;
    Ok(QueryAllBalancesResponse {
        balances: coins.into_iter().map(proto_coin).collect(),
        pagination,
    })
}

fn supply_of(
    chain: &mut Chain,
    request: QuerySupplyOfRequest,
) -> Result<QuerySupplyOfResponse, AbciError> {
    let query: QueryRequest<Empty> = BankQuery::Supply {
        denom: request.denom,
    }
    .into();
    let bytes = contract_query(chain, &query)?;
    let supply: SupplyResponse = from_json(bytes).map_err(|e| INVALID_REQUEST.because(e))?;
    Ok(QuerySupplyOfResponse {
        amount: Some(proto_coin(supply.amount)),
    })
}

fn simulate(chain: &mut Chain, request: SimulateRequest) -> Result<SimulateResponse, AbciError> {
    #[allow(deprecated)] // Older clients still send the decoded transaction.
    let bytes = match request.tx {
        _ if !request.tx_bytes.is_empty() => request.tx_bytes,
        Some(tx) => tx.encode_to_vec(),
        None => return Err(INVALID_REQUEST.because("empty txBytes is not allowed")),
    };
    let outcome = chain.simulate(&bytes)?;
    #[allow(deprecated)]
    // `data` has its successor in `msg_responses`; clients of either age find theirs.
    let result = MsgResult {
        data: outcome.data.encode_to_vec(),
        log: String::new(),
        events: outcome.events.into_iter().map(proto_event).collect(),
        msg_responses: outcome.data.msg_responses,
    };
    let gas_info = GasInfo {
        gas_wanted: 0,
        gas_used: outcome.gas,
    };
    Ok(SimulateResponse {
        gas_info: Some(gas_info),
        result: Some(result),
    })
}

fn smart(
    chain: &mut Chain,
    request: QuerySmartContractStateRequest,
) -> Result<QuerySmartContractStateResponse, AbciError> {
    let (address, _) = contract(chain, &request.address)?;
    let query: QueryRequest<Empty> = WasmQuery::Smart {
        contract_addr: address.into(),
        msg: request.query_data.into(),
    }
    .into();
    Ok(QuerySmartContractStateResponse {
        data: contract_query(chain, &query)?.into(),
    })
}

fn raw(
    chain: &mut Chain,
    request: QueryRawContractStateRequest,
) -> Result<QueryRawContractStateResponse, AbciError> {
    let (address, _) = contract(chain, &request.address)?;
    let data = chain
        .app
        .contract_storage(&address)
        .get(&request.query_data)
        .unwrap_or_default();
    Ok(QueryRawContractStateResponse { data })
}

fn all_state(
    chain: &mut Chain,
    request: QueryAllContractStateRequest,
) -> Result<QueryAllContractStateResponse, AbciError> {
    let (address, _) = contract(chain, &request.address)?;
    let (models, pagination) = page(request.pagination, chain.app.dump_wasm_raw(&address))?;
    let models = models
        .into_iter()
        .map(|(key, value)| Model { key, value })
        .collect();
    Ok(QueryAllContractStateResponse { models, pagination })
}

fn contract_info(
    chain: &mut Chain,
    request: QueryContractInfoRequest,
) -> Result<QueryContractInfoResponse, AbciError> {
    let (address, data) = contract(chain, &request.address)?;
    let info = ContractInfo {
        code_id: data.code_id,
        creator: data.creator.into(),
        admin: data.admin.map(String::from).unwrap_or_default(),
        label: data.label,
        created: Some(AbsoluteTxPosition {
            block_height: data.created,
            tx_index: 0,
        }),
        ibc_port_id: String::new(),
        extension: None,
    };
    Ok(QueryContractInfoResponse {
        address: address.into(),
        contract_info: Some(info),
    })
}

fn contracts_by_code(
    chain: &mut Chain,
    request: QueryContractsByCodeRequest,
) -> Result<QueryContractsByCodeResponse, AbciError> {
    let storage = chain.app.prefixed_storage(b"wasm");
    let all = CONTRACTS
        .range(storage.as_ref(), None, None, Order::Ascending)
        .collect::<StdResult<Vec<_>>>()
        .map_err(|e| QUERY_FAILED.because(e))?;
    let mut of_code: Vec<_> = all
        .into_iter()
        .filter(|(_, data)| data.code_id == request.code_id)
        .collect();
    of_code.sort_by_key(|(_, data)| data.created);
    let (contracts, pagination) = page(request.pagination, of_code)?;
    let contracts = contracts
        .into_iter()
        .map(|(address, _)| address.into())
        .collect();
    Ok(QueryContractsByCodeResponse {
        contracts,
        pagination,
    })
}

fn code(chain: &mut Chain, request: QueryCodeRequest) -> Result<QueryCodeResponse, AbciError> {
    let code_info = code_infos(chain)
        .into_iter()
        .find(|info| info.code_id == request.code_id);
    let code_info =
        code_info.ok_or_else(|| NO_SUCH_CODE.because(format!("code id {}", request.code_id)))?;
    let data = chain.codes[code_info.code_id as usize - 1].stub.clone();
    Ok(QueryCodeResponse {
        code_info: Some(code_info),
        data,
    })
}

fn codes(chain: &mut Chain, request: QueryCodesRequest) -> Result<QueryCodesResponse, AbciError> {
    let (code_infos, pagination) = page(request.pagination, code_infos(chain))?;
    Ok(QueryCodesResponse {
        code_infos,
        pagination,
    })
}

fn code_infos(chain: &Chain) -> Vec<CodeInfoResponse> {
    (1..)
        .zip(&chain.codes)
        .map(|(code_id, code)| CodeInfoResponse {
            code_id,
            creator: code.creator.to_string(),
            data_hash: code.checksum.as_slice().to_vec(),
            instantiate_permission: Some(AccessConfig {
                permission: AccessType::Everybody.into(),
                addresses: vec![],
            }),
        })
        .collect()
}

fn contract(chain: &Chain, address: &str) -> Result<(Addr, ContractData), AbciError> {
    let address = valid_address(chain.app.api(), address)?;
    match chain.app.contract_data(&address) {
        Ok(data) => Ok((address, data)),
        Err(_) => Err(NO_SUCH_CONTRACT.because(format!("address {address}"))),
    }
}

fn contract_query(chain: &Chain, query: &QueryRequest<Empty>) -> Result<Binary, AbciError> {
    let request = to_json_vec(query).map_err(|e| INVALID_REQUEST.because(e))?;
    let answered = catch_unwind(AssertUnwindSafe(|| chain.app.raw_query(&request)))
        .map_err(|payload| PANIC.because(format!("recovered: {}", panic_text(payload.as_ref()))))?;
    match answered {
        SystemResult::Ok(ContractResult::Ok(data)) => Ok(data),
        SystemResult::Ok(ContractResult::Err(error)) => Err(QUERY_FAILED.because(error)),
        SystemResult::Err(error) => Err(QUERY_FAILED.because(error)),
    }
}

/// One page of `items`. The page key is the decimal offset of its first item.
fn page<T>(
    request: Option<PageRequest>,
    items: Vec<T>,
) -> Result<(Vec<T>, Option<PageResponse>), AbciError> {
    let request = request.unwrap_or_default();
    let offset = match std::str::from_utf8(&request.key) {
        Ok("") => request.offset,
        Ok(key) => key
            .parse()
            .map_err(|_| INVALID_REQUEST.because(format!("pagination key {key:?}")))?,
        Err(_) => return Err(INVALID_REQUEST.because("pagination key is no text")),
    };
    let limit = match request.limit {
        0 => DEFAULT_LIMIT,
        limit => limit.min(MAX_LIMIT),
    };
    let total = items.len() as u64;
    let next = offset.saturating_add(limit);
    let mut items = items;
    if request.reverse {
        items.reverse();
    }
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let taken = items.into_iter().skip(skip).take(limit as usize).collect();
    let next_key = if next < total {
        next.to_string().into_bytes()
    } else {
        vec![]
    };
    let total = if request.count_total { total } else { 0 };
    Ok((taken, Some(PageResponse { next_key, total })))
}

fn proto_coin(coin: Coin) -> ProtoCoin {
    ProtoCoin {
        denom: coin.denom,
        amount: coin.amount.to_string(),
    }
}

fn proto_event(event: Event) -> ProtoEvent {
    let attributes = event
        .attributes
        .into_iter()
        .map(|a| EventAttribute {
            key: a.key,
            value: a.value,
            index: true,
        })
        .collect();
    ProtoEvent {
        r#type: event.ty,
        attributes,
    }
}
