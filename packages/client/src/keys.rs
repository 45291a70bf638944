use std::{fmt, str::FromStr};

use cosmrs::{
    bip32::{secp256k1::ecdsa as k256, DerivationPath, XPrv},
    crypto::PublicKey,
    Any,
};
use k256::{signature::Signer, Signature, SigningKey, VerifyingKey};

pub use bip39::Mnemonic;

/// Address prefix of wasmd's default chain.
pub const DEFAULT_PREFIX: &str = "wasm";

/// Derivation path of the first Cosmos account, as Keplr, Leap and wasmd's keyring use it.
pub const HD_PATH: &str = "m/44'/118'/0'/0/0";

#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyError {
    #[error("not a recovery phrase: {0}; give the 12 or 24 English words in their order, separated by spaces")]
    Mnemonic(String),
    #[error("a recovery phrase has 12 or 24 words, this one has {0}")]
    WordCount(usize),
    #[error(
        "`{0}` is not an address prefix; use lower-case letters and digits, for example `wasm`"
    )]
    Prefix(String),
    #[error("cannot derive a key at {HD_PATH}: {0}")]
    Derive(String),
}

/// Length of a new recovery phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordCount {
    Twelve = 12,
    TwentyFour = 24,
}

/// Reads a recovery phrase of 12 or 24 English words and checks its checksum.
pub fn parse_mnemonic(words: &str) -> Result<Mnemonic, KeyError> {
    let mnemonic = Mnemonic::from_str(words).map_err(|e| KeyError::Mnemonic(e.to_string()))?;
    match mnemonic.word_count() {
        12 | 24 => Ok(mnemonic),
        other => Err(KeyError::WordCount(other)),
    }
}

/// A new random recovery phrase.
pub(crate) fn new_mnemonic(words: WordCount) -> Result<Mnemonic, KeyError> {
    Mnemonic::generate(words as usize).map_err(|e| KeyError::Mnemonic(e.to_string()))
}

/// A secp256k1 account key with its bech32 address. Debug output shows the address only.
#[derive(Clone)]
pub struct Key {
    signing: SigningKey,
    address: String,
}

impl Key {
    /// Derives the account key at [`HD_PATH`], without a BIP-39 passphrase.
    pub fn from_mnemonic(mnemonic: &Mnemonic, prefix: &str) -> Result<Self, KeyError> {
        let path =
            DerivationPath::from_str(HD_PATH).map_err(|e| KeyError::Derive(e.to_string()))?;
        let derived = XPrv::derive_from_path(mnemonic.to_seed(""), &path)
            .map_err(|e| KeyError::Derive(e.to_string()))?;
        let signing = derived.private_key().clone();
        let address = address_of(signing.verifying_key(), prefix)?;
        Ok(Self { signing, address })
    }

    /// The key of a recovery phrase given as text.
    pub fn from_words(words: &str, prefix: &str) -> Result<Self, KeyError> {
        Self::from_mnemonic(&parse_mnemonic(words)?, prefix)
    }

    /// A new random key that is stored nowhere: for tests and throw-away accounts.
    pub fn random(prefix: &str) -> Result<Self, KeyError> {
        Self::from_mnemonic(&new_mnemonic(WordCount::Twelve)?, prefix)
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// Compressed SEC1 public key, 33 bytes.
    pub fn public_key(&self) -> Vec<u8> {
        self.signing
            .verifying_key()
            .to_encoded_point(true)
            .as_bytes()
            .to_vec()
    }

    /// ECDSA over SHA-256 of `message`: r ‖ s, 64 bytes, low s, deterministic (RFC 6979).
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.signing.sign(message);
        signature.to_vec()
    }

    pub(crate) fn public_key_any(&self) -> Any {
        let key = cosmrs::proto::cosmos::crypto::secp256k1::PubKey {
            key: self.public_key(),
        };
        Any {
            type_url: PublicKey::SECP256K1_TYPE_URL.into(),
            value: cosmrs::proto::traits::Message::encode_to_vec(&key),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// bech32(prefix, ripemd160(sha256(compressed key))), as the Cosmos SDK defines a secp256k1 address.
pub(crate) fn address_of(key: &VerifyingKey, prefix: &str) -> Result<String, KeyError> {
    PublicKey::from(key)
        .account_id(prefix)
        .map(String::from)
        .map_err(|_| KeyError::Prefix(prefix.into()))
}
