//! What escrow accepts as money.

use cosmwasm_std::{Addr, Api, Coin, MessageInfo};
use leasehold_api::Denom;

use crate::ContractError;

/// Checks that a bank denom has the bank module's format and that a cw20 denom is a well-formed address.
pub fn check(denom: &Denom, api: &dyn Api) -> Result<(), ContractError> {
    match denom {
        Denom::Native(name) if is_bank_denom(name) => Ok(()),
        Denom::Native(name) => Err(ContractError::MalformedDenom {
            denom: name.clone(),
        }),
        Denom::Cw20(address) => {
            api.addr_validate(address)?;
            Ok(())
        }
    }
}

/// The Cosmos SDK's rule: `[a-zA-Z][a-zA-Z0-9/:._-]{2,127}`.
fn is_bank_denom(name: &str) -> bool {
    (3..=128).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        // Bound: 128 bytes.
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/:._-".contains(&b))
}

/// The one coin above zero that came along.
pub fn one_coin(info: &MessageInfo) -> Result<&Coin, ContractError> {
    match info.funds.as_slice() {
        [coin] if !coin.amount.is_zero() => Ok(coin),
        [] | [_] => Err(ContractError::NoFunds),
        many => Err(ContractError::ManyDenoms { count: many.len() }),
    }
}

/// Refuses money of another denom than the account's.
pub fn expect(expected: &Denom, sent: Denom) -> Result<(), ContractError> {
    if *expected == sent {
        return Ok(());
    }
    Err(ContractError::WrongDenom {
        expected: expected.clone(),
        sent,
    })
}

/// The denom of a token that calls: a contract can only speak for itself.
pub fn of_token(sender: &Addr) -> Denom {
    Denom::Cw20(sender.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bank_denoms_follow_the_sdk() {
        let longest = format!("a{}", "b".repeat(127));
        for good in [
            "uakt",
            "ibc/27394FB092D2ECCD",
            "factory/wasm1x/a.b_c-d:e",
            "a12",
            longest.as_str(),
        ] {
            assert!(is_bank_denom(good), "{good}");
        }
        let too_long = format!("a{}", "b".repeat(128));
        for bad in [
            "",
            "ab",
            "1ab",
            "/ab",
            "a b",
            "aé",
            "abc\n",
            too_long.as_str(),
        ] {
            assert!(!is_bank_denom(bad), "{bad}");
        }
    }
}
