pub mod end;
pub mod params;
pub mod pause;
pub mod propose;
pub mod receive;
pub mod require;
pub mod reward;
pub mod run;
pub mod stake;
pub mod stream;
pub mod vote;

use cosmwasm_std::{Coin, MessageInfo, Uint128};
use leasehold_api::Denom;

use crate::ContractError;

/// The amount of the one coin sent; zero is refused, and any when a token is expected.
fn one_coin(info: &MessageInfo, denom: &Denom) -> Result<Uint128, ContractError> {
    match (info.funds.as_slice(), denom) {
        ([coin], Denom::Native(name)) if coin.denom == *name && !coin.amount.is_zero() => {
            Ok(coin.amount)
        }
        (sent, _) => Err(ContractError::WrongFunds {
            expected: denom.to_string(),
            sent: listed(sent),
        }),
    }
}

fn listed(coins: &[Coin]) -> String {
    let texts: Vec<String> = coins.iter().map(Coin::to_string).collect();
    if texts.is_empty() {
        "nothing".to_owned()
    } else {
        texts.join(",")
    }
}
