//! The account that pays for a deployment: whose it is, and whether it holds enough to go to market with.

use cosmwasm_std::{Addr, Coin, CosmosMsg, Deps, MessageInfo, Uint128};
use leasehold_api::{escrow, Denom, Suite, SCALE};
use leasehold_rules::money::{scale, whole};
use leasehold_rules::stream::Account;
use leasehold_rules::RuleError;

use crate::execute::execute_message;
use crate::price::Price;
use crate::ContractError;

const HELD: RuleError = RuleError::Overflow {
    what: "account balance",
};

/// Asks for an account that can pay.
pub struct Funding<'a> {
    pub deps: Deps<'a>,
    pub suite: &'a Suite<Addr>,
    pub tenant: &'a Addr,
    pub now: u64,
    /// Of the groups which go to market.
    pub price: Price,
}

impl Funding<'_> {
    /// The account to draw on and the message that pays the coins sent along into it.
    pub fn arrange(
        &self,
        info: &MessageInfo,
        denom: &Denom,
        account: Option<u64>,
    ) -> Result<(u64, Option<CosmosMsg>), ContractError> {
        let coin = coin_sent(info, denom)?;
        let Some(id) = account else {
            return self.open_account(denom, coin);
        };
        let held = self.spendable(id)?;
        if held.denom != *denom {
            return Err(ContractError::WrongDenom {
                account: id,
                held: held.denom.to_string(),
                denom: denom.to_string(),
            });
        }
        let sent = coin.as_ref().map_or(Uint128::zero(), |coin| coin.amount);
        self.require(id, held, sent)?;
        let deposit = coin
            .map(|coin| {
                let msg = escrow::ExecuteMsg::Deposit { account: id };
                execute_message(&self.suite.escrow, &msg, vec![coin])
            })
            .transpose()?;
        Ok((id, deposit))
    }

    /// The denom of an account that must be able to pay as it is.
    pub fn demand(&self, id: u64) -> Result<Denom, ContractError> {
        let held = self.spendable(id)?;
        let denom = held.denom.clone();
        self.require(id, held, Uint128::zero())?;
        Ok(denom)
    }

    /// An account from which the tenant may spend the maximum: its own, or one of which an allowance lets it.
    fn spendable(&self, id: u64) -> Result<Account, ContractError> {
        let held = escrow::account(&self.deps.querier, &self.suite.escrow, id)?
            .ok_or(ContractError::NoSuchAccount { account: id })?;
        let (tenant, rate) = (self.tenant, self.price.rate);
        escrow::check_tenant::<ContractError>(id, &held, tenant, rate, self.now, || {
            escrow::allowance(&self.deps.querier, &self.suite.escrow, id)
        })?;
        Ok(held)
    }

    /// The account's id is known beforehand: escrow counts, and nothing can run between this read and the first submessage.
    fn open_account(
        &self,
        denom: &Denom,
        coin: Option<Coin>,
    ) -> Result<(u64, Option<CosmosMsg>), ContractError> {
        let Denom::Native(_) = denom else {
            let denom = denom.to_string();
            return Err(ContractError::AccountRequired { denom });
        };
        let coin = coin.ok_or_else(|| ContractError::NoFunds {
            denom: denom.to_string(),
        })?;
        let id = escrow::next_account(&self.deps.querier, &self.suite.escrow)?;
        let account = Account::new(self.tenant.clone(), denom.clone(), self.now);
        self.require(id, account, coin.amount)?;
        let open = escrow::ExecuteMsg::Open {
            owner: Some(self.tenant.to_string()),
            denom: denom.clone(),
        };
        let message = execute_message(&self.suite.escrow, &open, vec![coin])?;
        Ok((id, Some(message)))
    }

    /// With `sent` whole units on top, the account must hold `min_runway` of the maximum, and of a job all of it: who bids can count on
    /// being paid.
    fn require(&self, id: u64, mut account: Account, sent: Uint128) -> Result<(), ContractError> {
        account.settle(self.now)?;
        let runway = escrow::params(&self.deps.querier, &self.suite.escrow)?.min_runway;
        let needed = self.price.needed(runway)?;
        let held = account.balance.u128().checked_add(scale(sent)?);
        if held.ok_or(HELD)? >= needed {
            return Ok(());
        }
        Err(ContractError::Underfunded {
            account: id,
            balance: whole(account.balance.u128()),
            sent,
            needed: Uint128::new(needed.div_ceil(SCALE)),
            runway,
        })
    }
}

/// The one coin of `denom` that came along, if any did.
fn coin_sent(info: &MessageInfo, denom: &Denom) -> Result<Option<Coin>, ContractError> {
    match info.funds.as_slice() {
        [] => Ok(None),
        [coin] if Denom::Native(coin.denom.clone()) == *denom && !coin.amount.is_zero() => {
            Ok(Some(coin.clone()))
        }
        coins => Err(ContractError::WrongFunds {
            sent: coins
                .iter()
                .take(4)
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            denom: denom.to_string(),
        }),
    }
}
