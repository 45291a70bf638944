use std::{fmt, str::FromStr};

use cosmrs::{
    proto::{
        cosmos::base::{abci::v1beta1::TxMsgData, v1beta1::Coin as ProtoCoin},
        cosmwasm::wasm::v1::{
            MsgExecuteContract, MsgExecuteContractResponse, MsgInstantiateContract2,
            MsgInstantiateContract2Response,
        },
        traits::{Message, Name},
    },
    AccountId, Any,
};
use cosmwasm_std::{Binary, Coin, Decimal, Event, Uint128};
use serde::Serialize;
use serde_json::json;

use crate::error::ClientError;

/// Price of one unit of gas in one denom, for example `0.025ustake`. Zero is allowed where the chain allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GasPrice {
    pub amount: Decimal,
    pub denom: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a gas price; write a decimal number and a denom together, for example `0.025ustake`")]
pub struct GasPriceError(String);

impl GasPrice {
    /// ceil(gas · price); no coin at all when that is zero, because a chain refuses a coin of amount zero.
    pub(crate) fn fee(&self, gas: u64) -> Result<Vec<ProtoCoin>, ClientError> {
        let amount = Uint128::from(gas)
            .checked_mul_ceil(self.amount)
            .map_err(|e| ClientError::encode(format!("the fee of {gas} gas at {self}"), e))?;
        let coin = ProtoCoin {
            denom: self.denom.clone(),
            amount: amount.to_string(),
        };
        Ok(if amount.is_zero() { vec![] } else { vec![coin] })
    }
}

impl FromStr for GasPrice {
    type Err = GasPriceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || GasPriceError(text.into());
        let split = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(bad)?;
        let (amount, denom) = text.split_at(split);
        let valid_denom = (3..=128).contains(&denom.len())
            && denom.starts_with(|c: char| c.is_ascii_alphabetic())
            && denom
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "/:._-".contains(c));
        match (amount.parse(), valid_denom) {
            (Ok(amount), true) => Ok(Self {
                amount,
                denom: denom.into(),
            }),
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for GasPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.denom)
    }
}

/// One contract call of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execute {
    pub contract: String,
    /// JSON.
    pub msg: Vec<u8>,
    pub funds: Vec<Coin>,
}

impl Execute {
    pub fn new(
        contract: impl Into<String>,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<Self, ClientError> {
        let contract = contract.into();
        let msg = to_json(msg, &contract)?;
        Ok(Self {
            contract,
            msg,
            funds: funds.to_vec(),
        })
    }

    /// Whole units of a cw20 token for `contract`, which the token's own contract calls with `hook`.
    pub fn send_cw20(
        token: &str,
        amount: Uint128,
        contract: &str,
        hook: &impl Serialize,
    ) -> Result<Self, ClientError> {
        let msg = Binary::from(to_json(hook, contract)?);
        let send = json!({"send": {"contract": contract, "amount": amount, "msg": msg}});
        Execute::new(token, &send, &[])
    }

    /// The message of a transaction that `sender` signs.
    pub fn into_any(self, sender: &str) -> Result<Any, ClientError> {
        let funds = proto_coins(&self.funds);
        to_any(&MsgExecuteContract {
            sender: sender.into(),
            contract: self.contract,
            msg: self.msg,
            funds,
        })
    }
}

/// An instantiation at an address known beforehand: [`instantiate2_address`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instantiate2 {
    pub code_id: u64,
    /// JSON.
    pub msg: Vec<u8>,
    /// 1 to 64 bytes.
    pub salt: Vec<u8>,
    /// 1 to 128 characters.
    pub label: String,
    /// Who may migrate the contract; nobody when empty.
    pub admin: Option<String>,
    pub funds: Vec<Coin>,
}

impl Instantiate2 {
    pub fn new(
        code_id: u64,
        msg: &impl Serialize,
        salt: impl Into<Vec<u8>>,
        label: impl Into<String>,
        admin: Option<String>,
    ) -> Result<Self, ClientError> {
        let label = label.into();
        Ok(Self {
            code_id,
            msg: to_json(msg, &label)?,
            salt: salt.into(),
            label,
            admin,
            funds: vec![],
        })
    }

    /// The message of a transaction that `sender` signs.
    pub fn into_any(self, sender: &str) -> Result<Any, ClientError> {
        to_any(&MsgInstantiateContract2 {
            sender: sender.into(),
            admin: self.admin.unwrap_or_default(),
            code_id: self.code_id,
            label: self.label,
            msg: self.msg,
            funds: proto_coins(&self.funds),
            salt: self.salt,
            fix_msg: false,
        })
    }
}

/// Where [`Instantiate2`] puts the contract: known before it is sent, and the same on every chain with this prefix.
/// `checksum` is the SHA-256 of the wasm, `creator` the address that signs.
pub fn instantiate2_address(
    checksum: &[u8],
    creator: &str,
    salt: &[u8],
) -> Result<String, ClientError> {
    let what = || format!("the address of a contract that {creator} instantiates");
    let account: AccountId = creator
        .parse()
        .map_err(|e| ClientError::encode(what(), e))?;
    let address = cosmwasm_std::instantiate2_address(checksum, &account.to_bytes().into(), salt)
        .map_err(|e| ClientError::encode(what(), e))?;
    AccountId::new(account.prefix(), &address)
        .map(String::from)
        .map_err(|e| ClientError::encode(what(), e))
}

/// What an upload of wasm got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    pub code_id: u64,
    /// SHA-256 of the uncompressed wasm.
    pub checksum: Vec<u8>,
    pub tx: TxOutcome,
}

/// A transaction that is in a block and succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxOutcome {
    /// Upper-case hex.
    pub hash: String,
    pub height: u64,
    pub gas_used: u64,
    pub events: Vec<Event>,
    /// Encoded `TxMsgData`: one response per message.
    pub data: Vec<u8>,
}

impl TxOutcome {
    /// The response of message number `index`, decoded.
    pub fn response<T: Message + Name + Default>(&self, index: usize) -> Result<T, ClientError> {
        let what = || format!("response {index} of transaction {}", self.hash);
        let all =
            TxMsgData::decode(self.data.as_slice()).map_err(|e| ClientError::decode(what(), e))?;
        let one = all.msg_responses.get(index).ok_or_else(|| {
            ClientError::decode(
                what(),
                format!("there are {} responses", all.msg_responses.len()),
            )
        })?;
        one.to_msg().map_err(|e| ClientError::decode(what(), e))
    }

    /// What the contract called by message number `index` returned as data; empty when it set none.
    pub fn execute_data(&self, index: usize) -> Result<Vec<u8>, ClientError> {
        Ok(self.response::<MsgExecuteContractResponse>(index)?.data)
    }

    /// Address of the contract that message number `index` instantiated.
    pub fn instantiated(&self, index: usize) -> Result<String, ClientError> {
        Ok(self
            .response::<MsgInstantiateContract2Response>(index)?
            .address)
    }
}

/// First value of attribute `key`.
pub fn attribute<'a>(event: &'a Event, key: &str) -> Option<&'a str> {
    event
        .attributes
        .iter()
        .find(|a| a.key == key)
        .map(|a| a.value.as_str())
}

pub(crate) fn to_json(msg: &impl Serialize, what: &str) -> Result<Vec<u8>, ClientError> {
    serde_json::to_vec(msg).map_err(|e| ClientError::encode(format!("the message for {what}"), e))
}

pub(crate) fn to_any<M: Name>(msg: &M) -> Result<Any, ClientError> {
    Any::from_msg(msg).map_err(|e| ClientError::encode(M::full_name(), e))
}

/// The SDK refuses a list of coins that is not in the order of denoms.
pub(crate) fn proto_coins(coins: &[Coin]) -> Vec<ProtoCoin> {
    let mut sorted = coins.to_vec();
    sorted.sort_by(|a, b| a.denom.cmp(&b.denom));
    sorted
        .into_iter()
        .map(|c| ProtoCoin {
            denom: c.denom,
            amount: c.amount.to_string(),
        })
        .collect()
}
