//! gRPC query methods of the chain, called by their names over `abci_query`.

use cosmrs::{
    proto::{
        cosmos::{
            auth::v1beta1::{
                BaseAccount, ModuleAccount, QueryAccountRequest, QueryAccountResponse,
            },
            bank::v1beta1::{
                QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest,
                QueryBalanceResponse,
            },
            base::{
                query::v1beta1::{PageRequest, PageResponse},
                v1beta1::Coin as ProtoCoin,
            },
            tx::v1beta1::{SimulateRequest, SimulateResponse},
            vesting::v1beta1::DelayedVestingAccount,
        },
        cosmwasm::wasm::v1::{
            CodeInfoResponse, QueryCodeRequest, QueryCodeResponse, QueryCodesRequest,
            QueryCodesResponse, QueryContractInfoRequest, QueryContractInfoResponse,
            QueryRawContractStateRequest, QueryRawContractStateResponse,
            QuerySmartContractStateRequest, QuerySmartContractStateResponse,
        },
        traits::Message,
    },
    Any,
};
use cosmwasm_std::{Coin, Uint128};
use serde::{de::DeserializeOwned, Serialize};

use crate::{chain::ChainClient, error::ClientError, tx::to_json};

/// What a transaction of an account has to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Any `u64`: newer chains hash it, so it does not fit the 53 bits of a JavaScript number.
    pub number: u64,
    /// Sequence of the account's next transaction, as of the last block.
    pub sequence: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContractInfo {
    pub address: String,
    pub code_id: u64,
    pub creator: String,
    /// Who may migrate the contract; nobody when `None`.
    pub admin: Option<String>,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeInfo {
    pub code_id: u64,
    pub creator: String,
    /// SHA-256 of the wasm, lower-case hex.
    pub checksum: String,
}

impl ChainClient {
    /// Number and sequence of an account; [`ClientError::AccountNotFound`] when nothing was ever sent to it.
    pub async fn account(&self, address: &str) -> Result<Account, ClientError> {
        let request = QueryAccountRequest {
            address: address.into(),
        };
        let answer: QueryAccountResponse = match self
            .query("/cosmos.auth.v1beta1.Query/Account", &request)
            .await
        {
            Err(ClientError::Query { log, .. }) if log.contains("not found") => {
                return Err(ClientError::AccountNotFound {
                    address: address.into(),
                    chain_id: self.chain_id().into(),
                })
            }
            other => other?,
        };
        let what = || format!("account {address}");
        let account = answer
            .account
            .ok_or_else(|| ClientError::decode(what(), "the answer is empty"))?;
        let base = base_account(&account).map_err(|e| ClientError::decode(what(), e))?;
        let base = base.ok_or_else(|| {
            ClientError::decode(what(), format!("unknown type {}", account.type_url))
        })?;
        Ok(Account {
            number: base.account_number,
            sequence: base.sequence,
        })
    }

    /// Bank balance in the smallest unit of `denom`; zero when the account has none.
    pub async fn balance(&self, address: &str, denom: &str) -> Result<Uint128, ClientError> {
        let request = QueryBalanceRequest {
            address: address.into(),
            denom: denom.into(),
        };
        let answer: QueryBalanceResponse = self
            .query("/cosmos.bank.v1beta1.Query/Balance", &request)
            .await?;
        answer.balance.map_or(Ok(Uint128::zero()), |c| amount(&c))
    }

    /// All bank balances, in the order of denoms.
    pub async fn balances(&self, address: &str) -> Result<Vec<Coin>, ClientError> {
        let mut coins = vec![];
        let mut page = first_page();
        // One round per page; the chain ends it with an empty key.
        loop {
            let request = QueryAllBalancesRequest {
                address: address.into(),
                pagination: Some(page),
                resolve_denom: false,
            };
            let answer: QueryAllBalancesResponse = self
                .query("/cosmos.bank.v1beta1.Query/AllBalances", &request)
                .await?;
            for coin in answer.balances {
                coins.push(Coin {
                    amount: amount(&coin)?,
                    denom: coin.denom,
                });
            }
            match next_page(answer.pagination) {
                Some(next) => page = next,
                None => return Ok(coins),
            }
        }
    }

    /// Asks a contract and reads its JSON answer as `T`.
    pub async fn query_smart<T: DeserializeOwned>(
        &self,
        contract: &str,
        msg: &impl Serialize,
    ) -> Result<T, ClientError> {
        let answer = self.query_smart_bytes(contract, msg).await?;
        serde_json::from_slice(&answer)
            .map_err(|e| ClientError::decode(format!("the answer of contract {contract}"), e))
    }

    /// Asks a contract and returns its answer as it is, byte by byte.
    pub async fn query_smart_bytes(
        &self,
        contract: &str,
        msg: &impl Serialize,
    ) -> Result<Vec<u8>, ClientError> {
        let query_data = to_json(msg, contract)?;
        let request = QuerySmartContractStateRequest {
            address: contract.into(),
            query_data,
        };
        let answer: QuerySmartContractStateResponse = self
            .query("/cosmwasm.wasm.v1.Query/SmartContractState", &request)
            .await?;
        Ok(answer.data)
    }

    /// The value a contract stores at `key`; a contract cannot store an empty value.
    pub async fn query_raw(
        &self,
        contract: &str,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, ClientError> {
        let request = QueryRawContractStateRequest {
            address: contract.into(),
            query_data: key.into(),
        };
        let answer: QueryRawContractStateResponse = self
            .query("/cosmwasm.wasm.v1.Query/RawContractState", &request)
            .await?;
        Ok(Some(answer.data).filter(|data| !data.is_empty()))
    }

    pub async fn contract_info(&self, contract: &str) -> Result<ContractInfo, ClientError> {
        let request = QueryContractInfoRequest {
            address: contract.into(),
        };
        let answer: QueryContractInfoResponse = self
            .query("/cosmwasm.wasm.v1.Query/ContractInfo", &request)
            .await?;
        let info = answer.contract_info.ok_or_else(|| {
            ClientError::decode(format!("contract {contract}"), "the answer is empty")
        })?;
        Ok(ContractInfo {
            address: answer.address,
            code_id: info.code_id,
            creator: info.creator,
            admin: Some(info.admin).filter(|a| !a.is_empty()),
            label: info.label,
        })
    }

    /// One stored code.
    pub async fn code(&self, code_id: u64) -> Result<CodeInfo, ClientError> {
        let request = QueryCodeRequest { code_id };
        let answer: QueryCodeResponse =
            self.query("/cosmwasm.wasm.v1.Query/Code", &request).await?;
        answer
            .code_info
            .map(code_info)
            .ok_or_else(|| ClientError::decode(format!("code {code_id}"), "the answer is empty"))
    }

    /// All stored codes, by id.
    pub async fn codes(&self) -> Result<Vec<CodeInfo>, ClientError> {
        let mut codes = vec![];
        let mut page = first_page();
        // One round per page; the chain ends it with an empty key.
        loop {
            let request = QueryCodesRequest {
                pagination: Some(page),
            };
            let answer: QueryCodesResponse = self
                .query("/cosmwasm.wasm.v1.Query/Codes", &request)
                .await?;
            codes.extend(answer.code_infos.into_iter().map(code_info));
            match next_page(answer.pagination) {
                Some(next) => page = next,
                None => return Ok(codes),
            }
        }
    }

    /// Gas that these signed bytes would use now.
    pub async fn simulate(&self, tx_bytes: Vec<u8>) -> Result<u64, ClientError> {
        let request = SimulateRequest {
            tx_bytes,
            ..Default::default()
        };
        let answer: SimulateResponse = self
            .query("/cosmos.tx.v1beta1.Service/Simulate", &request)
            .await
            .map_err(|e| match e {
                ClientError::Query { log, .. } => ClientError::Simulation { log },
                other => other,
            })?;
        answer
            .gas_info
            .map(|g| g.gas_used)
            .ok_or_else(|| ClientError::decode("the simulation", "the answer has no gas info"))
    }

    /// Calls any query method of the chain by its full name.
    pub async fn query<T: Message + Default>(
        &self,
        path: &str,
        request: &impl Message,
    ) -> Result<T, ClientError> {
        let value = self.abci_query(path, request.encode_to_vec()).await?;
        T::decode(value.as_slice())
            .map_err(|e| ClientError::decode(format!("the answer to {path}"), e))
    }
}

/// All vesting accounts have their base account in the same place. `None` for an account type not known here.
fn base_account(account: &Any) -> Result<Option<BaseAccount>, cosmrs::proto::prost::DecodeError> {
    let bytes = account.value.as_slice();
    match account.type_url.as_str() {
        "/cosmos.auth.v1beta1.BaseAccount" => BaseAccount::decode(bytes).map(Some),
        "/cosmos.auth.v1beta1.ModuleAccount" => {
            ModuleAccount::decode(bytes).map(|a| a.base_account)
        }
        url if url.starts_with("/cosmos.vesting.v1beta1.") => DelayedVestingAccount::decode(bytes)
            .map(|a| a.base_vesting_account.and_then(|v| v.base_account)),
        _ => Ok(None),
    }
}

fn amount(coin: &ProtoCoin) -> Result<Uint128, ClientError> {
    coin.amount
        .parse()
        .map_err(|e| ClientError::decode(format!("amount of {}", coin.denom), e))
}

fn code_info(info: CodeInfoResponse) -> CodeInfo {
    CodeInfo {
        code_id: info.code_id,
        creator: info.creator,
        checksum: hex::encode(info.data_hash),
    }
}

fn first_page() -> PageRequest {
    PageRequest {
        limit: 100,
        ..Default::default()
    }
}

fn next_page(answer: Option<PageResponse>) -> Option<PageRequest> {
    let key = answer?.next_key;
    Some(PageRequest {
        key,
        ..first_page()
    })
    .filter(|p| !p.key.is_empty())
}
