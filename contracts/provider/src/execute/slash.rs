use cosmwasm_std::{DepsMut, Event, Response, SubMsg, Uint128};
use leasehold_api::event::{SlashPaid, Slashed};
use leasehold_api::provider::{Share, HOT};
use leasehold_api::{Asset, Denom};
use leasehold_rules::money;
use leasehold_rules::slash::prorate;

use crate::payout::{Payout, Source};
use crate::state::insure;
use crate::ContractError;

/// The tenant and the caller; insurance takes the rest.
const MAX_SHARES: usize = 2;

pub fn slash(
    deps: DepsMut,
    provider: String,
    denom: Denom,
    amount: Uint128,
    recipients: Vec<Share>,
    reason: String,
) -> Result<Response, ContractError> {
    check(&recipients, amount)?;
    let provider = deps.api.addr_validate(&provider)?;
    let mut hot =
        HOT.may_load(deps.storage, &provider)?
            .ok_or_else(|| ContractError::NotRegistered {
                provider: provider.clone(),
            })?;
    let taken = amount.min(hot.collateral_in(&denom));
    let of_denom = |amount| Asset {
        denom: denom.clone(),
        amount,
    };
    if !taken.is_zero() {
        money::debit(&mut hot.collateral, &of_denom(taken))?;
        HOT.save(deps.storage, &provider, &hot)?;
    }

    let mut insurance = taken;
    let mut payouts: Vec<SubMsg> = vec![];
    let mut paid: Vec<Event> = vec![];
    // At most MAX_SHARES recipients.
    for share in recipients {
        let part = prorate(share.amount, taken, amount)?;
        if part.is_zero() {
            continue;
        }
        // Floors of parts that sum to at most the slash: never below zero.
        insurance = insurance
            .checked_sub(part)
            .map_err(cosmwasm_std::StdError::from)?;
        let payout = Payout {
            to: deps.api.addr_validate(&share.to)?,
            asset: of_denom(part),
            from: Source::Slash,
        };
        payouts.push(payout.submessage()?);
        paid.push(
            SlashPaid {
                recipient: payout.to,
                denom: denom.to_string(),
                amount: part,
            }
            .into(),
        );
    }
    insure(deps.storage, &of_denom(insurance))?;
    let slashed = Slashed {
        provider,
        denom: denom.to_string(),
        amount: taken,
        insurance,
        reason,
    };
    Ok(Response::new()
        .add_submessages(payouts)
        .add_events(paid)
        .add_event(slashed))
}

fn check(recipients: &[Share], amount: Uint128) -> Result<(), ContractError> {
    if recipients.len() > MAX_SHARES {
        return Err(ContractError::TooManyShares {
            count: recipients.len(),
            max: MAX_SHARES,
        });
    }
    let sum = recipients
        .iter()
        .try_fold(Uint128::zero(), |sum, share| sum.checked_add(share.amount))
        .map_err(cosmwasm_std::StdError::from)?;
    if sum > amount {
        return Err(ContractError::SharesExceedSlash { sum, amount });
    }
    Ok(())
}
