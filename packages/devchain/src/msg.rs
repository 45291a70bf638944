//! The messages that the devchain executes.

use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmwasm::wasm::v1::{
    MsgClearAdmin, MsgExecuteContract, MsgInstantiateContract, MsgInstantiateContract2,
    MsgMigrateContract, MsgStoreCode, MsgUpdateAdmin,
};
use cosmrs::proto::Any;
use cosmwasm_std::{Api, BankMsg, Binary, CosmosMsg, WasmMsg};
use prost::Message;

use crate::bank::{from_proto, valid_address};
use crate::error::{
    AbciError, Kind, EMPTY, EXECUTE_FAILED, INSTANTIATE_FAILED, INVALID_COINS, INVALID_MSG,
    INVALID_REQUEST, LIMIT, MIGRATE_FAILED, TX_DECODE, UNAUTHORIZED,
};

const MAX_LABEL: usize = 128;
const MAX_SALT: usize = 64;

pub(crate) enum Msg {
    Send(MsgSend),
    StoreCode(MsgStoreCode),
    Instantiate(MsgInstantiateContract),
    Instantiate2(MsgInstantiateContract2),
    Execute(MsgExecuteContract),
    Migrate(MsgMigrateContract),
    UpdateAdmin(MsgUpdateAdmin),
    ClearAdmin(MsgClearAdmin),
}

impl Msg {
    pub(crate) fn decode(any: &Any) -> Result<Self, AbciError> {
        fn read<M: Message + Default>(any: &Any) -> Result<M, AbciError> {
            M::decode(any.value.as_slice())
                .map_err(|e| TX_DECODE.because(format!("{}: {e}", any.type_url)))
        }
        match any.type_url.as_str() {
            "/cosmos.bank.v1beta1.MsgSend" => read(any).map(Self::Send),
            "/cosmwasm.wasm.v1.MsgStoreCode" => read(any).map(Self::StoreCode),
            "/cosmwasm.wasm.v1.MsgInstantiateContract" => read(any).map(Self::Instantiate),
            "/cosmwasm.wasm.v1.MsgInstantiateContract2" => read(any).map(Self::Instantiate2),
            "/cosmwasm.wasm.v1.MsgExecuteContract" => read(any).map(Self::Execute),
            "/cosmwasm.wasm.v1.MsgMigrateContract" => read(any).map(Self::Migrate),
            "/cosmwasm.wasm.v1.MsgUpdateAdmin" => read(any).map(Self::UpdateAdmin),
            "/cosmwasm.wasm.v1.MsgClearAdmin" => read(any).map(Self::ClearAdmin),
            unknown => Err(TX_DECODE.because(format!("unable to resolve type URL {unknown}"))),
        }
    }

    pub(crate) fn signer(&self) -> &str {
        match self {
            Self::Send(m) => &m.from_address,
            Self::StoreCode(m) => &m.sender,
            Self::Instantiate(m) => &m.sender,
            Self::Instantiate2(m) => &m.sender,
            Self::Execute(m) => &m.sender,
            Self::Migrate(m) => &m.sender,
            Self::UpdateAdmin(m) => &m.sender,
            Self::ClearAdmin(m) => &m.sender,
        }
    }

    pub(crate) fn type_url(&self) -> String {
        format!("/{}.Msg{}", self.package(), self.name())
    }

    pub(crate) fn response_type_url(&self) -> String {
        format!("{}Response", self.type_url())
    }

    fn package(&self) -> &'static str {
        match self {
            Self::Send(_) => "cosmos.bank.v1beta1",
            _ => "cosmwasm.wasm.v1",
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Send(_) => "Send",
            Self::StoreCode(_) => "StoreCode",
            Self::Instantiate(_) => "InstantiateContract",
            Self::Instantiate2(_) => "InstantiateContract2",
            Self::Execute(_) => "ExecuteContract",
            Self::Migrate(_) => "MigrateContract",
            Self::UpdateAdmin(_) => "UpdateAdmin",
            Self::ClearAdmin(_) => "ClearAdmin",
        }
    }

    pub(crate) fn module(&self) -> &'static str {
        match self {
            Self::Send(_) => "bank",
            _ => "wasm",
        }
    }

    /// The error that a contract's failure in this message is reported as.
    pub(crate) fn failure(&self) -> Kind {
        match self {
            Self::Instantiate(_) | Self::Instantiate2(_) => INSTANTIATE_FAILED,
            Self::Migrate(_) => MIGRATE_FAILED,
            Self::UpdateAdmin(_) | Self::ClearAdmin(_) => UNAUTHORIZED,
            Self::Send(_) => INVALID_COINS,
            Self::StoreCode(_) | Self::Execute(_) => EXECUTE_FAILED,
        }
    }

    /// The message for the state machine, checked as the SDK's `ValidateBasic` does. `None` for `MsgStoreCode`.
    pub(crate) fn to_cosmos(&self, api: &dyn Api) -> Result<Option<CosmosMsg>, AbciError> {
        Ok(Some(match self {
            Self::StoreCode(_) => return Ok(None),
            Self::Send(m) => {
                let amount = from_proto(&m.amount)?;
                if amount.is_empty() {
                    return Err(INVALID_COINS.because("no coins to send"));
                }
                valid_address(api, &m.to_address)?;
                BankMsg::Send {
                    to_address: m.to_address.clone(),
                    amount,
                }
                .into()
            }
            Self::Instantiate(m) => WasmMsg::Instantiate {
                admin: admin(api, &m.admin)?,
                code_id: m.code_id,
                msg: json(&m.msg)?,
                funds: from_proto(&m.funds)?,
                label: label(&m.label)?,
            }
            .into(),
            Self::Instantiate2(m) => {
                if m.fix_msg {
                    return Err(INVALID_REQUEST
                        .because("fix_msg addresses are not supported by the devchain"));
                }
                if m.salt.is_empty() || m.salt.len() > MAX_SALT {
                    return Err(LIMIT.because(format!(
                        "salt of {} bytes, 1 to {MAX_SALT} allowed",
                        m.salt.len()
                    )));
                }
                WasmMsg::Instantiate2 {
                    admin: admin(api, &m.admin)?,
                    code_id: m.code_id,
                    msg: json(&m.msg)?,
                    funds: from_proto(&m.funds)?,
                    label: label(&m.label)?,
                    salt: Binary::from(m.salt.as_slice()),
                }
                .into()
            }
            Self::Execute(m) => WasmMsg::Execute {
                contract_addr: valid_address(api, &m.contract)?.into(),
                msg: json(&m.msg)?,
                funds: from_proto(&m.funds)?,
            }
            .into(),
            Self::Migrate(m) => WasmMsg::Migrate {
                contract_addr: valid_address(api, &m.contract)?.into(),
                new_code_id: m.code_id,
                msg: json(&m.msg)?,
            }
            .into(),
            Self::UpdateAdmin(m) => WasmMsg::UpdateAdmin {
                contract_addr: valid_address(api, &m.contract)?.into(),
                admin: valid_address(api, &m.new_admin)?.into(),
            }
            .into(),
            Self::ClearAdmin(m) => WasmMsg::ClearAdmin {
                contract_addr: valid_address(api, &m.contract)?.into(),
            }
            .into(),
        }))
    }
}

fn admin(api: &dyn Api, admin: &str) -> Result<Option<String>, AbciError> {
    match admin {
        "" => Ok(None),
        admin => Ok(Some(valid_address(api, admin)?.into())),
    }
}

fn json(msg: &[u8]) -> Result<Binary, AbciError> {
    serde_json::from_slice::<serde::de::IgnoredAny>(msg)
        .map_err(|e| INVALID_MSG.because(format!("payload msg is no JSON: {e}")))?;
    Ok(Binary::from(msg))
}

fn label(label: &str) -> Result<String, AbciError> {
    match label.len() {
        0 => Err(EMPTY.because("label is required")),
        1..=MAX_LABEL => Ok(label.to_owned()),
        len => Err(LIMIT.because(format!(
            "label of {len} characters, at most {MAX_LABEL} allowed"
        ))),
    }
}
