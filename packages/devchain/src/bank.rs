//! The bank module with the SDK's checks, errors and events around cw-multi-test's ledger.

use cosmwasm_std::{
    coin, from_json, Addr, Api, BalanceResponse, BankMsg, BankQuery, Binary, BlockInfo, Coin,
    CustomMsg, CustomQuery, Event, Querier, Storage, Uint128,
};
use cw_multi_test::error::AnyResult;
use cw_multi_test::{AppResponse, Bank, BankKeeper, BankSudo, CosmosRouter, Module};
use serde::de::DeserializeOwned;

use crate::accounts;
use crate::error::{AbciError, INSUFFICIENT_FUNDS, INVALID_ADDRESS, INVALID_COINS};

#[derive(Default)]
pub(crate) struct DevBank(BankKeeper);

impl Bank for DevBank {}

impl Module for DevBank {
    type ExecT = BankMsg;
    type QueryT = BankQuery;
    type SudoT = BankSudo;

    fn execute<ExecC, QueryC>(
        &self,
        api: &dyn Api,
        storage: &mut dyn Storage,
        router: &dyn CosmosRouter<ExecC = ExecC, QueryC = QueryC>,
        block: &BlockInfo,
        sender: Addr,
        msg: BankMsg,
    ) -> AnyResult<AppResponse>
    where
        ExecC: CustomMsg + DeserializeOwned + 'static,
        QueryC: CustomQuery + DeserializeOwned + 'static,
    {
        let BankMsg::Send { to_address, amount } = &msg else {
            return self.0.execute(api, storage, router, block, sender, msg);
        };
        valid_address(api, to_address)?;
        valid_coins(amount)?;
        for wanted in amount {
            let held = self.balance(api, storage, router, block, &sender, &wanted.denom)?;
            if held < wanted.amount {
                return Err(INSUFFICIENT_FUNDS
                    .because(format!(
                        "spendable balance {held}{} is smaller than {wanted}",
                        wanted.denom
                    ))
                    .into());
            }
        }
        let events = transfer_events(sender.as_str(), to_address, amount);
        accounts::ensure(storage, to_address);
        self.0.execute(api, storage, router, block, sender, msg)?;
        Ok(AppResponse {
            events,
            ..AppResponse::default()
        })
    }

    fn query(
        &self,
        api: &dyn Api,
        storage: &dyn Storage,
        querier: &dyn Querier,
        block: &BlockInfo,
        request: BankQuery,
    ) -> AnyResult<Binary> {
        self.0.query(api, storage, querier, block, request)
    }

    fn sudo<ExecC, QueryC>(
        &self,
        api: &dyn Api,
        storage: &mut dyn Storage,
        router: &dyn CosmosRouter<ExecC = ExecC, QueryC = QueryC>,
        block: &BlockInfo,
        msg: BankSudo,
    ) -> AnyResult<AppResponse>
    where
        ExecC: CustomMsg + DeserializeOwned + 'static,
        QueryC: CustomQuery + DeserializeOwned + 'static,
    {
        self.0.sudo(api, storage, router, block, msg)
    }
}

impl DevBank {
    /// Sets an account's balance at genesis.
    pub(crate) fn fund(
        &self,
        storage: &mut dyn Storage,
        owner: &Addr,
        coins: Vec<Coin>,
    ) -> AnyResult<()> {
        self.0.init_balance(storage, owner, coins)
    }

    fn balance<ExecC, QueryC>(
        &self,
        api: &dyn Api,
        storage: &dyn Storage,
        router: &dyn CosmosRouter<ExecC = ExecC, QueryC = QueryC>,
        block: &BlockInfo,
        owner: &Addr,
        denom: &str,
    ) -> AnyResult<Uint128>
    where
        ExecC: CustomMsg,
        QueryC: CustomQuery,
    {
        let request = BankQuery::Balance {
            address: owner.to_string(),
            denom: denom.to_owned(),
        };
        let response: BalanceResponse =
            from_json(router.query(api, storage, block, request.into())?)?;
        Ok(response.amount.amount)
    }
}

pub(crate) fn valid_address(api: &dyn Api, address: &str) -> Result<Addr, AbciError> {
    api.addr_validate(address)
        .map_err(|e| INVALID_ADDRESS.because(format!("{address:?}: {e}")))
}

/// Amounts above zero and no denom twice; a contract may list them in any order.
pub(crate) fn valid_coins(coins: &[Coin]) -> Result<(), AbciError> {
    for (i, coin) in coins.iter().enumerate() {
        if coin.amount.is_zero() {
            return Err(INVALID_COINS.because(format!("coin {coin} amount is not positive")));
        }
        if coins[..i].iter().any(|earlier| earlier.denom == coin.denom) {
            return Err(INVALID_COINS.because(format!("duplicate denomination {}", coin.denom)));
        }
    }
    Ok(())
}

/// The events of one transfer, in the SDK's order.
pub(crate) fn transfer_events(from: &str, to: &str, coins: &[Coin]) -> Vec<Event> {
    let amount = render(coins);
    vec![
        Event::new("coin_spent")
            .add_attribute("spender", from)
            .add_attribute("amount", &amount),
        Event::new("coin_received")
            .add_attribute("receiver", to)
            .add_attribute("amount", &amount),
        Event::new("transfer")
            .add_attribute("recipient", to)
            .add_attribute("sender", from)
            .add_attribute("amount", amount),
        Event::new("message").add_attribute("sender", from),
    ]
}

/// `1uakt,2ustake`.
pub(crate) fn render(coins: &[Coin]) -> String {
    coins
        .iter()
        .map(Coin::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

/// Coins of a protobuf message, which must also be sorted by denom.
pub(crate) fn from_proto(
    coins: &[cosmrs::proto::cosmos::base::v1beta1::Coin],
) -> Result<Vec<Coin>, AbciError> {
    let coins = coins
        .iter()
        .map(|c| {
            let amount: u128 = c.amount.parse().map_err(|_| {
                INVALID_COINS.because(format!(
                    "amount {:?} of {:?} is no unsigned 128-bit integer",
                    c.amount, c.denom
                ))
            })?;
            if c.denom.is_empty() {
                return Err(INVALID_COINS.because("empty denom"));
            }
            Ok(coin(amount, &c.denom))
        })
        .collect::<Result<Vec<_>, _>>()?;
    valid_coins(&coins)?;
    if !coins.is_sorted_by(|a, b| a.denom < b.denom) {
        return Err(INVALID_COINS.because(format!(
            "denominations of {} are not sorted",
            render(&coins)
        )));
    }
    Ok(coins)
}
