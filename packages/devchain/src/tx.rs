//! Transactions: decoding, and the signature over the sign doc.

use cosmrs::crypto::secp256k1::{Signature, VerifyingKey};
use cosmrs::proto::cosmos::crypto::secp256k1::PubKey;
use cosmrs::proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmrs::proto::cosmos::tx::v1beta1::{
    mode_info::Sum, AuthInfo, Fee, SignDoc, SignerInfo, TxBody, TxRaw,
};
use cosmrs::proto::Any;
use cosmwasm_std::Api;
use prost::Message;
use sha2::{Digest, Sha256};

use crate::config::ADDRESS_PREFIX;
use crate::error::{
    AbciError, INVALID_PUBKEY, INVALID_REQUEST, MEMO_TOO_LARGE, NOT_SUPPORTED, NO_SIGNATURES,
    TOO_MANY_SIGNATURES, TX_DECODE, UNAUTHORIZED,
};
use crate::msg::Msg;

const MAX_MEMO: usize = 256;
const SECP256K1_KEY: &str = "/cosmos.crypto.secp256k1.PubKey";

pub(crate) type TxHash = [u8; 32];

pub(crate) fn tx_hash(bytes: &[u8]) -> TxHash {
    Sha256::digest(bytes).into()
}

/// A decoded transaction of one signer. Nothing in it is verified yet but its shape.
pub(crate) struct Tx {
    pub(crate) msgs: Vec<Msg>,
    pub(crate) signer: String,
    pub(crate) signer_info: SignerInfo,
    pub(crate) fee: Fee,
    pub(crate) timeout_height: u64,
    pub(crate) signature: Vec<u8>,
    body_bytes: Vec<u8>,
    auth_info_bytes: Vec<u8>,
}

impl Tx {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, AbciError> {
        let raw = TxRaw::decode(bytes).map_err(|e| TX_DECODE.because(e))?;
        let body = TxBody::decode(raw.body_bytes.as_slice()).map_err(|e| TX_DECODE.because(e))?;
        let auth =
            AuthInfo::decode(raw.auth_info_bytes.as_slice()).map_err(|e| TX_DECODE.because(e))?;
        if body.memo.len() > MAX_MEMO {
            return Err(MEMO_TOO_LARGE.because(format!(
                "maximum number of characters is {MAX_MEMO} but received {} characters",
                body.memo.len()
            )));
        }
        let msgs = body
            .messages
            .iter()
            .map(Msg::decode)
            .collect::<Result<Vec<_>, _>>()?;
        let signer = one_signer(&msgs)?;
        let signer_info = exactly_one(auth.signer_infos, "signer infos")?;
        let signature = exactly_one(raw.signatures, "signatures")?;
        let fee = auth.fee.unwrap_or_default();
        if !fee.granter.is_empty() || !(fee.payer.is_empty() || fee.payer == signer) {
            return Err(NOT_SUPPORTED.because(
                "the devchain takes fees from the signer only, no granter and no other payer",
            ));
        }
        Ok(Self {
            msgs,
            signer,
            signer_info,
            fee,
            timeout_height: body.timeout_height,
            signature,
            body_bytes: raw.body_bytes,
            auth_info_bytes: raw.auth_info_bytes,
        })
    }

    /// The signer's public key: the transaction's own, else the account's; it must hash to the signer's address.
    pub(crate) fn key(&self, known: Option<&Any>) -> Result<(VerifyingKey, Any), AbciError> {
        let any = self
            .signer_info
            .public_key
            .as_ref()
            .or(known)
            .ok_or_else(|| {
                INVALID_PUBKEY.because("account pubkey is not set and the transaction has none")
            })?;
        if any.type_url != SECP256K1_KEY {
            return Err(INVALID_PUBKEY.because(format!(
                "key type {:?}, the devchain knows {SECP256K1_KEY}",
                any.type_url
            )));
        }
        let bytes = PubKey::decode(any.value.as_slice())
            .map_err(|e| INVALID_PUBKEY.because(e))?
            .key;
        let key = VerifyingKey::from_sec1_bytes(&bytes).map_err(|e| INVALID_PUBKEY.because(e))?;
        let address = cosmrs::crypto::PublicKey::from(key)
            .account_id(ADDRESS_PREFIX)
            .map_err(|e| INVALID_PUBKEY.because(e))?;
        if address.as_ref() != self.signer {
            return Err(INVALID_PUBKEY.because(format!(
                "pubKey does not match signer address {} with signer index: 0",
                self.signer
            )));
        }
        Ok((key, any.clone()))
    }

    /// Checks the SIGN_MODE_DIRECT signature.
    ///
    /// # Errors
    /// Another sign mode, a malformed or high-S signature, or one by another key or over another sign doc.
    pub(crate) fn verify(
        &self,
        api: &dyn Api,
        key: &VerifyingKey,
        chain_id: &str,
        account_number: u64,
    ) -> Result<(), AbciError> {
        self.require_direct_mode()?;
        let doc = SignDoc {
            body_bytes: self.body_bytes.clone(),
            auth_info_bytes: self.auth_info_bytes.clone(),
            chain_id: chain_id.to_owned(),
            account_number,
        };
        let digest = Sha256::digest(doc.encode_to_vec());
        let low_s = Signature::from_slice(&self.signature).is_ok_and(|s| s.normalize_s().is_none());
        let point = key.to_encoded_point(true);
        let valid = low_s
            && api
                .secp256k1_verify(&digest, &self.signature, point.as_bytes())
                .unwrap_or(false);
        if valid {
            return Ok(());
        }
        Err(UNAUTHORIZED.because(format!(
            "signature verification failed; please verify account number ({account_number}), sequence ({}) and chain-id ({chain_id})",
            self.signer_info.sequence
        )))
    }

    fn require_direct_mode(&self) -> Result<(), AbciError> {
        let sum = self
            .signer_info
            .mode_info
            .as_ref()
            .and_then(|m| m.sum.as_ref());
        let Some(Sum::Single(single)) = sum else {
            return Err(
                NOT_SUPPORTED.because("the devchain verifies single signatures only, no multisig")
            );
        };
        match SignMode::try_from(single.mode) {
            Ok(SignMode::Direct) => Ok(()),
            Ok(mode) => Err(NOT_SUPPORTED.because(format!(
                "sign mode {}: the devchain verifies SIGN_MODE_DIRECT only",
                mode.as_str_name()
            ))),
            Err(_) => Err(INVALID_REQUEST.because(format!("unknown sign mode {}", single.mode))),
        }
    }
}

fn one_signer(msgs: &[Msg]) -> Result<String, AbciError> {
    let (first, rest) = msgs
        .split_first()
        .ok_or_else(|| INVALID_REQUEST.because("must contain at least one message"))?;
    match rest.iter().find(|msg| msg.signer() != first.signer()) {
        None => Ok(first.signer().to_owned()),
        Some(other) => Err(several(format!(
            "messages of {} and {}",
            first.signer(),
            other.signer()
        ))),
    }
}

fn exactly_one<T>(items: Vec<T>, what: &str) -> Result<T, AbciError> {
    let count = items.len();
    match (items.into_iter().next(), count) {
        (Some(item), 1) => Ok(item),
        (None, _) => Err(NO_SIGNATURES.because(format!("no {what}"))),
        _ => Err(several(format!("{count} {what}"))),
    }
}

fn several(what: String) -> AbciError {
    TOO_MANY_SIGNATURES.because(format!(
        "{what}: the devchain accepts one signer per transaction"
    ))
}
