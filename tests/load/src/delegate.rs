//! Messages of several accounts in one transaction, by the chain's authz module.

use anyhow::Result;
use cosmrs::proto::cosmos::authz::v1beta1::{GenericAuthorization, Grant, MsgExec, MsgGrant};
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract;
use cosmrs::proto::traits::Name as _;
use leasehold_client::{Any, Wallet};

/// Lets `sender` call contracts in `owner`'s name.
pub async fn delegate(owner: &Wallet, sender: &Wallet) -> Result<()> {
    let calls = GenericAuthorization {
        msg: MsgExecuteContract::type_url(),
    };
    let grant = Grant {
        authorization: Some(Any::from_msg(&calls)?),
        expiration: None,
    };
    let msg = MsgGrant {
        granter: owner.address().into(),
        grantee: sender.address().into(),
        grant: Some(grant),
    };
    owner.send(vec![Any::from_msg(&msg)?], "").await?;
    Ok(())
}

/// What `sender` sends of those who have let it.
pub fn on_behalf(sender: &Wallet, msgs: Vec<Any>) -> Result<Any> {
    let grantee = sender.address().into();
    Ok(Any::from_msg(&MsgExec { grantee, msgs })?)
}
