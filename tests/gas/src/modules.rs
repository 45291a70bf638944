//! What the chain's own modules do around a contract call, store operation by store operation: the ante handler and the bank of
//! SDK 0.53 with wasmd 0.61's extras. No fee is taken, as on a chain without a minimum gas price.

use std::collections::BTreeMap;

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, Coin};

use crate::address::{self, canonical};
use crate::meter::{Kind, Meter, SIGNATURE, TX_BYTE};

/// Store key and record of a base account with a public key, on a chain in use: its number has three bytes, its sequence two.
const ACCOUNT: usize = 21 + 160;
/// A contract's account has neither key nor sequence.
const KEYLESS_ACCOUNT: usize = 33 + 105;
/// A module's account, with the module's name.
const FEE_COLLECTOR: usize = 21 + 102;
const AUTH_PARAMS: usize = 1 + 13;
const BANK_PARAMS: usize = 1 + 2;
/// The account number's index: `accountNumber` and the number, to the address.
const NUMBER_INDEX: usize = 21 + 20;
const TX_COUNTER: usize = 1 + 12;
const TRANSFER_PORT: usize = 1 + 8;

/// What the ante handler charges for a transaction of `bytes` with one secp256k1 signature.
pub fn ante(meter: &mut Meter, bytes: usize) {
    meter.read("wasm", "transaction counter", TX_COUNTER);
    meter.write("wasm", "transaction counter", TX_COUNTER);
    router(meter);
    for decorator in ["size", "signature count", "signature gas"] {
        meter.read("auth", format!("parameters ({decorator})"), AUTH_PARAMS);
    }
    meter.charge(
        Kind::Transaction,
        "auth",
        "transaction bytes",
        bytes,
        TX_BYTE * bytes as u64,
    );
    meter.charge(Kind::Transaction, "auth", "signature", 0, SIGNATURE);
    for decorator in [
        "fee",
        "key",
        "signature gas",
        "signature",
        "sequence",
        "old number",
    ] {
        meter.read("auth", format!("account ({decorator})"), ACCOUNT);
    }
    meter.delete("auth", "account number");
    meter.has("auth", "account number");
    meter.write("auth", "account number", NUMBER_INDEX);
    meter.write("auth", "account (sequence)", ACCOUNT);
}

/// The circuit breaker asks before each message, in the ante handler and in the router.
pub fn router(meter: &mut Meter) {
    meter.has("circuit", "disabled messages");
}

/// By which the chain tells transfers from other packets, before it calls a contract back.
pub fn transfer_port(meter: &mut Meter) {
    meter.read("transfer", "port", TRANSFER_PORT);
}

/// Balances by address and denom.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bank(BTreeMap<(String, String), u128>);

impl Bank {
    pub fn mint(&mut self, to: &str, amount: u128, denom: &str) {
        *self.0.entry((to.into(), denom.into())).or_default() += amount;
    }

    /// Moves coins and charges for it.
    pub fn send(&mut self, meter: &mut Meter, from: &str, to: &str, coins: &[Coin]) -> Result<()> {
        meter.read("bank", "parameters", BANK_PARAMS);
        for coin in coins {
            meter.read(
                "bank",
                format!("send enabled {}", coin.denom),
                1 + coin.denom.len(),
            );
        }
        self.transfer(meter, from, to, coins)
    }

    /// What taking a fee adds to a transaction. Every block empties the collector.
    pub fn fee(&mut self, meter: &mut Meter, payer: &str, coins: &[Coin]) -> Result<()> {
        let collector = address::user("fee_collector")?;
        let bytes = coin_bytes(coins);
        meter.charge(
            Kind::Transaction,
            "auth",
            "transaction bytes of the fee",
            bytes,
            TX_BYTE * bytes as u64,
        );
        meter.read("auth", "account of the fee collector", FEE_COLLECTOR);
        self.transfer(meter, payer, &collector, coins)?;
        self.0.retain(|(holder, _), _| *holder != collector);
        Ok(())
    }

    fn transfer(&mut self, meter: &mut Meter, from: &str, to: &str, coins: &[Coin]) -> Result<()> {
        account(meter, from)?;
        for coin in coins {
            let left = self
                .balance(from, coin)
                .checked_sub(coin.amount.u128())
                .context("insufficient funds")?;
            self.set(meter, from, coin, left)?;
        }
        for coin in coins {
            let sum = self.balance(to, coin) + coin.amount.u128();
            self.set(meter, to, coin, sum)?;
        }
        meter.has("auth", "account of the recipient");
        Ok(())
    }

    pub fn balance(&self, of: &str, coin: &Coin) -> u128 {
        self.0
            .get(&(of.into(), coin.denom.clone()))
            .copied()
            .unwrap_or(0)
    }

    /// What a contract asks, charged as the read that it is.
    pub fn query(&self, meter: &mut Meter, of: &str, denom: &str) -> Result<Coin> {
        let owned = self.balance(of, &coin(0, denom));
        let what = format!("balance of {} in {denom}", short(of));
        meter.read("bank", what, balance_key(of, denom)? + digits(owned));
        Ok(coin(owned, denom))
    }

    fn set(&mut self, meter: &mut Meter, of: &str, coin: &Coin, amount: u128) -> Result<()> {
        let key = balance_key(of, &coin.denom)?;
        let what = format!("balance of {} in {}", short(of), coin.denom);
        meter.read("bank", &what, key + digits(self.balance(of, coin)));
        if amount == 0 {
            meter.delete("bank", format!("denom index of {}", short(of)));
            meter.delete("bank", what);
            self.0.remove(&(of.into(), coin.denom.clone()));
            return Ok(());
        }
        // The same pair the other way round, a zero byte after the denom.
        let index = key + 1;
        meter.write("bank", format!("denom index of {}", short(of)), index);
        meter.write("bank", what, key + digits(amount));
        self.0.insert((of.into(), coin.denom.clone()), amount);
        Ok(())
    }
}

/// Bytes of a pair of a length-prefixed address and a denom.
fn balance_key(of: &str, denom: &str) -> Result<usize> {
    Ok(1 + 1 + canonical(of)?.len() + denom.len())
}

/// Nothing is stored of nothing.
fn digits(amount: u128) -> usize {
    match amount {
        0 => 0,
        some => some.to_string().len(),
    }
}

/// The account of a sender: it could be a vesting one.
fn account(meter: &mut Meter, of: &str) -> Result<()> {
    let bytes = match canonical(of)?.len() {
        20 => ACCOUNT,
        32 => KEYLESS_ACCOUNT,
        length => anyhow::bail!("{of} has {length} bytes"),
    };
    meter.read("auth", format!("account of {}", short(of)), bytes);
    Ok(())
}

fn short(address: &str) -> &str {
    &address[..address.len().min(12)]
}

/// Bytes of a signed transaction with one `MsgExecuteContract`.
pub fn tx_bytes(
    sender: &str,
    contract: &str,
    msg: &[u8],
    funds: &[Coin],
    sequence: u64,
    timeout_height: u64,
) -> Result<usize> {
    ensure!(!msg.is_empty(), "an empty message");
    let execute =
        field(sender.len()) + field(contract.len()) + field(msg.len()) + coin_bytes(funds);
    let message = field("/cosmwasm.wasm.v1.MsgExecuteContract".len()) + field(execute);
    let key = field("/cosmos.crypto.secp256k1.PubKey".len()) + field(field(33));
    // Sign mode direct; a gas limit of six digits; no fee.
    let signer = field(key) + field(field(2)) + 1 + varint(sequence);
    let fee = 1 + varint(250_000);
    let auth = field(signer) + field(fee);
    let body = field(message) + 1 + varint(timeout_height);
    Ok(field(body) + field(auth) + field(64))
}

fn coin_bytes(coins: &[Coin]) -> usize {
    coins
        .iter()
        .map(|c| field(field(c.denom.len()) + field(c.amount.to_string().len())))
        .sum()
}

/// A length-delimited protobuf field with a one-byte tag.
fn field(length: usize) -> usize {
    1 + varint(length as u64) + length
}

fn varint(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protobuf_lengths() {
        assert_eq!(
            [varint(0), varint(127), varint(128), varint(250_000)],
            [1, 1, 2, 3]
        );
        assert_eq!(field(200), 203);
    }
}
