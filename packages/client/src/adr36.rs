//! Signatures over arbitrary data, as wallets make them (ADR-36, Keplr's `signArbitrary`).

use base64::{engine::general_purpose::STANDARD, Engine};
use cosmrs::{
    bip32::secp256k1::ecdsa::{signature::Verifier, Signature, VerifyingKey},
    AccountId,
};

use crate::keys::{address_of, Key};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArbitraryError {
    #[error("`{0}` is not an account address")]
    Address(String),
    #[error("the public key is not a secp256k1 key; send the 33 byte compressed form")]
    PublicKey,
    #[error("the public key belongs to {actual}, not to {claimed}")]
    WrongAddress { claimed: String, actual: String },
    #[error("a signature is 64 bytes (r ‖ s), this one has {0} bytes or is out of range")]
    Encoding(usize),
    #[error("the signature is not {0}'s signature of this data")]
    Mismatch(String),
}

impl Key {
    /// Signs `data` the way a wallet's `signArbitrary` does: 64 bytes, r ‖ s.
    pub fn sign_arbitrary(&self, data: &[u8]) -> Vec<u8> {
        self.sign(sign_doc(self.address(), data).as_bytes())
    }
}

/// Checks that `public_key` (33 byte compressed secp256k1) is `address`'s key and that `signature` (64 bytes) is its
/// ADR-36 signature of `data`. Malleated (high s) signatures are refused.
pub fn verify_arbitrary(
    public_key: &[u8],
    address: &str,
    data: &[u8],
    signature: &[u8],
) -> Result<(), ArbitraryError> {
    let claimed: AccountId = address
        .parse()
        .map_err(|_| ArbitraryError::Address(address.into()))?;
    let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| ArbitraryError::PublicKey)?;
    let actual =
        address_of(&key, claimed.prefix()).map_err(|_| ArbitraryError::Address(address.into()))?;
    if actual != address {
        return Err(ArbitraryError::WrongAddress {
            claimed: address.into(),
            actual,
        });
    }
    let signature =
        Signature::from_slice(signature).map_err(|_| ArbitraryError::Encoding(signature.len()))?;
    key.verify(sign_doc(address, data).as_bytes(), &signature)
        .map_err(|_| ArbitraryError::Mismatch(address.into()))
}

/// Amino JSON: keys in alphabetical order, no white space. Amino would escape `&`, `<` and `>`; base64 and bech32 have none.
fn sign_doc(signer: &str, data: &[u8]) -> String {
    let data = STANDARD.encode(data);
    format!(
        concat!(
            r#"{{"account_number":"0","chain_id":"","fee":{{"amount":[],"gas":"0"}},"memo":"","#,
            r#""msgs":[{{"type":"sign/MsgSignData","value":{{"data":"{data}","signer":"{signer}"}}}}],"sequence":"0"}}"#
        ),
        data = data,
        signer = signer
    )
}
