use cosmwasm_schema::cw_serde;
use cosmwasm_std::{from_json, to_json_binary, Addr, Binary, DepsMut, Response, SubMsg, Uint128};
use leasehold_api::escrow::UNPAID;
use leasehold_api::event::{PaymentDeferred, UnpaidClaimed};
use leasehold_api::{Asset, Denom, RuleError};

use crate::payout::Payment;
use crate::ContractError;

/// The one submessage that escrow hears back from.
pub const REPLY_PAYMENT: u64 = 1;

/// What the reply must know of the payment that failed.
#[cw_serde]
struct Deferred {
    payee: Addr,
    asset: Asset,
}

/// A payment whose failure does not undo the message that makes it: [`defer`] keeps it for the payee.
pub fn pay(payment: Payment) -> Result<SubMsg, ContractError> {
    let deferred = to_json_binary(&Deferred {
        payee: payment.to.clone(),
        asset: Asset {
            denom: payment.denom.clone(),
            amount: payment.amount,
        },
    })?;
    Ok(SubMsg::reply_on_error(payment.message()?, REPLY_PAYMENT).with_payload(deferred))
}

/// Keeps a refused payment.
pub fn defer(deps: DepsMut, payload: &Binary) -> Result<Response, ContractError> {
    let Deferred { payee, asset } = from_json(payload)?;
    let key = asset.denom.key();
    let waiting = UNPAID
        .may_load(deps.storage, (&payee, &key))?
        .map_or(Uint128::zero(), |asset| asset.amount);
    let total = Asset {
        amount: waiting
            .checked_add(asset.amount)
            .map_err(|_| RuleError::Overflow {
                what: "unpaid amount",
            })?,
        denom: asset.denom,
    };
    UNPAID.save(deps.storage, (&payee, &key), &total)?;
    Ok(Response::new().add_event(PaymentDeferred {
        payee,
        denom: total.denom.to_string(),
        amount: asset.amount,
    }))
}

/// Tries a kept payment again; if the token still refuses, nothing changes.
pub fn claim(deps: DepsMut, payee: &str, denom: Denom) -> Result<Response, ContractError> {
    let payee = deps.api.addr_validate(payee)?;
    let key = denom.key();
    let Some(unpaid) = UNPAID.may_load(deps.storage, (&payee, &key))? else {
        return Err(ContractError::NothingUnpaid { payee, denom });
    };
    UNPAID.remove(deps.storage, (&payee, &key));
    let payment = Payment {
        to: payee.clone(),
        denom: unpaid.denom,
        amount: unpaid.amount,
    };
    Ok(Response::new()
        .add_message(payment.message()?)
        .add_event(UnpaidClaimed {
            payee,
            denom: denom.to_string(),
            amount: unpaid.amount,
        }))
}
