//! Money on its way out, gathered so that each payee gets one transfer per denom.

use std::collections::BTreeMap;

use cosmwasm_std::{
    coins, to_json_binary, Addr, BankMsg, CosmosMsg, OverflowError, StdResult, Storage, Uint128,
    WasmMsg,
};
use cw20::Cw20ExecuteMsg;
use leasehold_api::escrow::FEES;
use leasehold_api::event::Collected;
use leasehold_api::rules::money::share;
use leasehold_api::rules::stream::Stream;
use leasehold_api::{Denom, RuleError};

use crate::ContractError;

/// Ordered maps: every node builds the same messages in the same order. At most one entry per collected stream.
#[derive(Default)]
pub struct Payout {
    payments: BTreeMap<(Addr, Denom), Uint128>,
    fees: BTreeMap<Denom, Uint128>,
}

impl Payout {
    /// Takes what a reconciled stream has earned in whole units and splits it into fee and payment, which sum to it exactly.
    pub fn collect(
        &mut self,
        id: u64,
        stream: &mut Stream,
        denom: &Denom,
        fee_bps: u32,
    ) -> Result<Collected, ContractError> {
        let gross = stream.take_earned();
        let fee = share(gross, fee_bps)?;
        let amount = gross.checked_sub(fee).map_err(overflow)?;
        add(
            &mut self.payments,
            (stream.payee.clone(), denom.clone()),
            amount,
        )?;
        add(&mut self.fees, denom.clone(), fee)?;
        Ok(Collected {
            stream: id,
            payee: stream.payee.clone(),
            amount,
            fee,
        })
    }

    /// Books the fees and returns the payments.
    pub fn book(self, storage: &mut dyn Storage) -> Result<Vec<Payment>, ContractError> {
        for (denom, fee) in self.fees {
            let key = denom.key();
            let booked = FEES.may_load(storage, &key)?.unwrap_or_default();
            FEES.save(storage, &key, &booked.checked_add(fee).map_err(overflow)?)?;
        }
        Ok(self
            .payments
            .into_iter()
            .map(|((to, denom), amount)| Payment { to, denom, amount })
            .collect())
    }
}

/// A zero adds no entry: nothing is stored and nothing is sent for it.
fn add<K: Ord>(
    sums: &mut BTreeMap<K, Uint128>,
    key: K,
    amount: Uint128,
) -> Result<(), ContractError> {
    if amount.is_zero() {
        return Ok(());
    }
    let sum = sums.entry(key).or_default();
    *sum = sum.checked_add(amount).map_err(overflow)?;
    Ok(())
}

fn overflow(_: OverflowError) -> RuleError {
    RuleError::Overflow { what: "payout" }
}

/// `amount` (above zero) on its way to `to`.
pub struct Payment {
    pub to: Addr,
    pub denom: Denom,
    pub amount: Uint128,
}

impl Payment {
    /// The bank's or the token's message.
    pub fn message(self) -> StdResult<CosmosMsg> {
        Ok(match self.denom {
            Denom::Native(denom) => BankMsg::Send {
                to_address: self.to.into(),
                amount: coins(self.amount.u128(), denom),
            }
            .into(),
            Denom::Cw20(contract_addr) => WasmMsg::Execute {
                contract_addr,
                msg: to_json_binary(&Cw20ExecuteMsg::Transfer {
                    recipient: self.to.into(),
                    amount: self.amount,
                })?,
                funds: vec![],
            }
            .into(),
        })
    }
}
