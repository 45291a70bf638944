use cosmrs::{
    proto::{
        cosmos::{
            auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse},
            bank::v1beta1::{
                QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest,
                QueryBalanceResponse,
            },
            base::{abci::v1beta1::GasInfo, query::v1beta1::PageResponse, v1beta1::Coin},
            tx::v1beta1::{SimulateRequest, SimulateResponse},
            vesting::v1beta1::{BaseVestingAccount, PeriodicVestingAccount},
        },
        cosmwasm::wasm::v1::{
            CodeInfoResponse, ContractInfo, QueryCodeRequest, QueryCodeResponse, QueryCodesRequest,
            QueryCodesResponse, QueryContractInfoRequest, QueryContractInfoResponse,
            QueryRawContractStateRequest, QueryRawContractStateResponse,
            QuerySmartContractStateRequest, QuerySmartContractStateResponse,
        },
        traits::Message,
    },
    Any,
};

use super::{Chain, ACCOUNT_NUMBER, SIMULATED_GAS};

type Answer = Result<Vec<u8>, (u32, String)>;

/// As of the first block.
pub fn before_all(path: &str, asked: Option<u64>) -> Answer {
    match path {
        _ if asked.is_some_and(|height| height > 1) => {
            Err((26, "cannot query with height in the future".into()))
        }
        "/cosmwasm.wasm.v1.Query/RawContractState" => {
            encode(QueryRawContractStateResponse::default())
        }
        _ => Err((9, "no such contract: not found".into())),
    }
}

pub fn query(chain: &mut Chain, path: &str, data: &[u8]) -> Answer {
    match path {
        "/cosmos.auth.v1beta1.Query/Account" => {
            account(chain, decode::<QueryAccountRequest>(data).address)
        }
        "/cosmos.bank.v1beta1.Query/Balance" => {
            let denom = decode::<QueryBalanceRequest>(data).denom;
            encode(QueryBalanceResponse {
                balance: Some(coin(&denom)),
            })
        }
        "/cosmos.bank.v1beta1.Query/AllBalances" => {
            let first = decode::<QueryAllBalancesRequest>(data)
                .pagination
                .unwrap()
                .key
                .is_empty();
            let denom = if first { "uatom" } else { "ustake" };
            encode(QueryAllBalancesResponse {
                balances: vec![coin(denom)],
                pagination: Some(page(first)),
            })
        }
        "/cosmwasm.wasm.v1.Query/SmartContractState" => {
            let data = decode::<QuerySmartContractStateRequest>(data).query_data;
            match data.starts_with(b"{\"echo\"") {
                true => encode(QuerySmartContractStateResponse { data }),
                false => Err((9, "unknown variant: query wasm contract failed".into())),
            }
        }
        "/cosmwasm.wasm.v1.Query/RawContractState" => {
            let known = decode::<QueryRawContractStateRequest>(data).query_data == b"known";
            encode(QueryRawContractStateResponse {
                data: if known { b"value".to_vec() } else { vec![] },
            })
        }
        "/cosmwasm.wasm.v1.Query/ContractInfo" => {
            let address = decode::<QueryContractInfoRequest>(data).address;
            let info = ContractInfo {
                code_id: 3,
                creator: "wasm1creator".into(),
                label: "escrow".into(),
                ..Default::default()
            };
            encode(QueryContractInfoResponse {
                address,
                contract_info: Some(info),
            })
        }
        "/cosmwasm.wasm.v1.Query/Code" => {
            let code_info = Some(code(decode::<QueryCodeRequest>(data).code_id));
            encode(QueryCodeResponse {
                code_info,
                data: vec![],
            })
        }
        "/cosmwasm.wasm.v1.Query/Codes" => {
            let first = decode::<QueryCodesRequest>(data)
                .pagination
                .unwrap()
                .key
                .is_empty();
            let code_infos = vec![code(if first { 1 } else { 2 })];
            encode(QueryCodesResponse {
                code_infos,
                pagination: Some(page(first)),
            })
        }
        "/cosmos.tx.v1beta1.Service/Simulate" => {
            simulate(chain, &decode::<SimulateRequest>(data).tx_bytes)
        }
        other => Err((6, format!("unknown query path {other}"))),
    }
}

fn account(chain: &Chain, address: String) -> Answer {
    let base = BaseAccount {
        address: address.clone(),
        pub_key: None,
        account_number: ACCOUNT_NUMBER,
        sequence: chain.sequence,
    };
    let account = match address.as_str() {
        "wasm1nobody" => return Err((22, "account wasm1nobody not found: key not found".into())),
        "wasm1vesting" => {
            let vesting = BaseVestingAccount {
                base_account: Some(base),
                ..Default::default()
            };
            let account = PeriodicVestingAccount {
                base_vesting_account: Some(vesting),
                start_time: 5,
                vesting_periods: vec![Default::default()],
            };
            Any::from_msg(&account).unwrap()
        }
        _ => Any::from_msg(&base).unwrap(),
    };
    encode(QueryAccountResponse {
        account: Some(account),
    })
}

fn simulate(chain: &mut Chain, tx: &[u8]) -> Answer {
    if chain.faults.between_blocks > 0 {
        chain.faults.between_blocks -= 1;
        let log = "time 9 lies before 10: block time never goes back";
        return Err((18, log.into()));
    }
    let auth = chain.signed_by(tx).map_err(|log| (4, log))?;
    match chain.wrong_sequence(&auth) {
        Some(log) if !chain.faults.blind_simulation => Err((32, log)),
        _ => {
            let gas_info = Some(GasInfo {
                gas_wanted: 0,
                gas_used: SIMULATED_GAS,
            });
            encode(SimulateResponse {
                gas_info,
                result: None,
            })
        }
    }
}

fn coin(denom: &str) -> Coin {
    Coin {
        denom: denom.into(),
        amount: u128::MAX.to_string(),
    }
}

fn code(code_id: u64) -> CodeInfoResponse {
    CodeInfoResponse {
        code_id,
        creator: "wasm1creator".into(),
        data_hash: vec![code_id as u8; 32],
        ..Default::default()
    }
}

fn page(more: bool) -> PageResponse {
    PageResponse {
        next_key: if more { b"more".to_vec() } else { vec![] },
        total: 0,
    }
}

fn decode<T: Message + Default>(data: &[u8]) -> T {
    T::decode(data).unwrap()
}

fn encode(answer: impl Message) -> Answer {
    Ok(answer.encode_to_vec())
}
