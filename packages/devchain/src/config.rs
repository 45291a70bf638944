//! What a devchain starts from.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use anyhow::{ensure, Context};
use cosmrs::bip32::{DerivationPath, XPrv};
use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::AccountId;
use cosmwasm_std::{coin, Coin};

use crate::codes::{native_codes, NativeCode};

/// Address prefix of the chain, the same as wasmd's.
pub const ADDRESS_PREFIX: &str = "wasm";

/// Accounts funded at genesis: name and BIP-39 mnemonic (path m/44'/118'/0'/0/0). The words are public; never use them elsewhere.
pub const DEV_ACCOUNTS: [(&str, &str); 9] = [
    (
        "deployer",
        "wrap animal video collect sister wrong horse cave retire slight response exhibit",
    ),
    (
        "tenant",
        "memory venture disease deposit dawn material turn shine position unfold clever later",
    ),
    (
        "provider0",
        "hip category perfect eagle super position fee defy cloud swamp segment hour",
    ),
    (
        "provider1",
        "regular wisdom rely frequent area shy celery buzz lucky hammer similar gaze",
    ),
    (
        "provider2",
        "bicycle kind sock wise envelope address march result remind drama behave purchase",
    ),
    (
        "provider3",
        "priority degree pizza science guitar cash nest theme rabbit list clap shuffle",
    ),
    (
        "provider4",
        "happy typical margin evolve toy dolphin twist sentence traffic layer march combine",
    ),
    (
        "alice",
        "multiply ill acoustic ride food vital trigger dinner credit foster frozen slim",
    ),
    (
        "bob",
        "trend lazy theme inform wise range life midnight effort chapter seed glove",
    ),
];

/// Denoms that every dev account holds.
pub const DEV_DENOMS: [&str; 3] = ["ustake", "uakt", "uusd"];

/// What every dev account holds of each of [`DEV_DENOMS`].
pub const DEV_BALANCE: u128 = 1_000_000_000_000_000;

/// Settings of a devchain. `Default` is what `leasehold dev` uses.
#[derive(Clone, Debug)]
pub struct DevchainConfig {
    /// Address of the RPC; loopback only. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// 1 to 50 characters.
    pub chain_id: String,
    /// Wall-clock time between blocks, above zero.
    pub block_time: Duration,
    /// Chain seconds per wall-clock second, above zero: a block moves chain time by `block_time × speed`.
    pub speed: u32,
    /// Mnemonic and coins of each account that exists at genesis.
    pub accounts: Vec<(String, Vec<Coin>)>,
    /// Chain time of block 1.
    pub genesis_time: SystemTime,
    /// Contracts stored at genesis as code ids 1, 2, …, and the only ones that `MsgStoreCode` accepts.
    pub codes: Vec<NativeCode>,
}

impl Default for DevchainConfig {
    fn default() -> Self {
        let coins: Vec<Coin> = DEV_DENOMS
            .iter()
            .map(|denom| coin(DEV_BALANCE, *denom))
            .collect();
        Self {
            listen: (Ipv4Addr::LOCALHOST, 26657).into(),
            chain_id: "leasehold-dev".into(),
            block_time: Duration::from_secs(1),
            speed: 1,
            accounts: DEV_ACCOUNTS
                .iter()
                .map(|(_, mnemonic)| (mnemonic.to_string(), coins.clone()))
                .collect(),
            genesis_time: SystemTime::now(),
            codes: native_codes(),
        }
    }
}

impl DevchainConfig {
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        ensure!(
            self.listen.ip().is_loopback(),
            "the devchain listens on loopback only, not on {}",
            self.listen
        );
        ensure!(
            (1..=50).contains(&self.chain_id.len()),
            "chain id {:?} must have 1 to 50 characters",
            self.chain_id
        );
        ensure!(!self.block_time.is_zero(), "block time must be above zero");
        ensure!(self.speed > 0, "speed must be above zero");
        Ok(())
    }
}

/// The signing key of a mnemonic at m/44'/118'/0'/0/0 with an empty passphrase.
///
/// # Errors
/// The words are no valid BIP-39 mnemonic.
pub fn signing_key(mnemonic: &str) -> anyhow::Result<SigningKey> {
    let seed = bip39::Mnemonic::parse(mnemonic)
        .context("invalid mnemonic")?
        .to_seed("");
    let path: DerivationPath = "m/44'/118'/0'/0/0"
        .parse()
        .map_err(|e| anyhow::anyhow!("derivation path: {e}"))?;
    let key =
        XPrv::derive_from_path(seed, &path).map_err(|e| anyhow::anyhow!("key derivation: {e}"))?;
    Ok(key.into())
}

/// The account address of a mnemonic, as [`signing_key`] derives it.
///
/// # Errors
/// The words are no valid BIP-39 mnemonic.
pub fn address_of(mnemonic: &str) -> anyhow::Result<AccountId> {
    signing_key(mnemonic)?
        .public_key()
        .account_id(ADDRESS_PREFIX)
        .map_err(|e| anyhow::anyhow!("address: {e}"))
}
