use cosmrs::proto::{
    cosmos::tx::v1beta1::{mode_info, AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxRaw},
    traits::Message,
};

use crate::{keys::Key, query::Account};

const SIGN_MODE_DIRECT: i32 = 1;

/// Signs an encoded `TxBody` for one chain, account and sequence. The result is an encoded `TxRaw`, ready to broadcast.
pub(crate) fn sign_tx(
    key: &Key,
    chain_id: &str,
    account: Account,
    body: &[u8],
    fee: Fee,
) -> Vec<u8> {
    let single = mode_info::Single {
        mode: SIGN_MODE_DIRECT,
    };
    let signer = SignerInfo {
        public_key: Some(key.public_key_any()),
        mode_info: Some(ModeInfo {
            sum: Some(mode_info::Sum::Single(single)),
        }),
        sequence: account.sequence,
    };
    let doc = SignDoc {
        body_bytes: body.into(),
        auth_info_bytes: AuthInfo {
            signer_infos: vec![signer],
            fee: Some(fee),
            ..Default::default()
        }
        .encode_to_vec(),
        chain_id: chain_id.into(),
        account_number: account.number,
    };
    let signatures = vec![key.sign(&doc.encode_to_vec())];
    TxRaw {
        body_bytes: doc.body_bytes,
        auth_info_bytes: doc.auth_info_bytes,
        signatures,
    }
    .encode_to_vec()
}
