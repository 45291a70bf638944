use cosmwasm_std::{Addr, Api, DepsMut, Response, StdResult, SubMsg, Uint128};
use leasehold_api::event::{Compensated, SlashPaid, SlashWaived, Slashed};
use leasehold_api::provider::{Share, FAULTS, HOT};
use leasehold_api::{Asset, Denom};
use leasehold_rules::auction::within;
use leasehold_rules::slash::{divide, escalate, Record};

use crate::execute::outage;
use crate::payout::{Payout, Source};
use crate::state::{self, insure, params};
use crate::ContractError;

/// The tenant and the caller; insurance takes the rest.
const MAX_SHARES: usize = 2;

/// What the market holds against a provider.
pub struct Fault {
    pub provider: Addr,
    pub denom: Denom,
    /// What it costs the first time, whole units.
    pub amount: Uint128,
    /// The most that it may cost.
    pub bond: Uint128,
    /// Block time, seconds.
    pub at: u64,
    pub reason: String,
}

pub fn slash(
    deps: DepsMut,
    fault: Fault,
    recipients: Vec<Share>,
) -> Result<Response, ContractError> {
    check(&fault, &recipients)?;
    let provider = &fault.provider;
    let mut hot =
        HOT.may_load(deps.storage, provider)?
            .ok_or_else(|| ContractError::NotRegistered {
                provider: provider.clone(),
            })?;
    let params = params(deps.storage)?;
    // One that is silent since has counted towards no outage yet.
    let lapse = match hot.live.until == fault.at {
        true => outage::count(deps.storage, &params, provider, &hot)?,
        false => None,
    };
    if outage::is_common(deps.storage, &params, provider, &fault.denom, fault.at)? {
        let waived = SlashWaived {
            provider: fault.provider,
            denom: fault.denom.to_string(),
            reason: fault.reason,
        };
        return Ok(Response::new().add_events(lapse).add_event(waived));
    }
    let record = FAULTS
        .may_load(deps.storage, provider)?
        .unwrap_or_else(Record::default);
    FAULTS.save(deps.storage, provider, &record.with(fault.at))?;
    let wanted = escalate(fault.amount, fault.bond, record.earlier(fault.at));
    let taken = wanted.min(hot.collateral_in(&fault.denom));
    if !taken.is_zero() {
        state::debit(deps.storage, &mut hot, &fault.of(taken))?;
        HOT.save(deps.storage, provider, &hot)?;
    }
    let (payouts, insurance) = pay(deps.api, &fault, taken, recipients)?;
    insure(deps.storage, &fault.of(insurance))?;
    let slashed = Slashed {
        provider: fault.provider,
        denom: fault.denom.to_string(),
        amount: taken,
        insurance,
        reason: fault.reason,
    };
    let submessages: Vec<SubMsg> = payouts
        .iter()
        .map(Payout::submessage)
        .collect::<Result<_, _>>()?;
    Ok(Response::new()
        .add_submessages(submessages)
        .add_events(lapse)
        .add_events(payouts.into_iter().map(paid))
        .add_event(slashed))
}

/// Pays a tenant for a provider's leaving: no fault, and nothing for anybody else.
pub fn compensate(
    deps: DepsMut,
    provider: &str,
    to: &str,
    agreed: Asset,
) -> Result<Response, ContractError> {
    let provider = deps.api.addr_validate(provider)?;
    let recipient = deps.api.addr_validate(to)?;
    let mut hot =
        HOT.may_load(deps.storage, &provider)?
            .ok_or_else(|| ContractError::NotRegistered {
                provider: provider.clone(),
            })?;
    let asset = Asset {
        amount: agreed.amount.min(hot.collateral_in(&agreed.denom)),
        ..agreed
    };
    let compensated = Compensated {
        provider: provider.clone(),
        recipient: recipient.clone(),
        denom: asset.denom.to_string(),
        amount: asset.amount,
    };
    let response = Response::new().add_event(compensated);
    if asset.amount.is_zero() {
        return Ok(response);
    }
    state::debit(deps.storage, &mut hot, &asset)?;
    HOT.save(deps.storage, &provider, &hot)?;
    let payout = Payout {
        to: recipient,
        asset,
        from: Source::Slash,
    };
    Ok(response.add_submessage(payout.submessage()?))
}

/// The recipients' parts of what was taken, and what is left of it for insurance.
fn pay(
    api: &dyn Api,
    fault: &Fault,
    taken: Uint128,
    recipients: Vec<Share>,
) -> Result<(Vec<Payout>, Uint128), ContractError> {
    // At most MAX_SHARES recipients.
    let shares: Vec<u32> = recipients.iter().map(|share| share.bps).collect();
    let (parts, insurance) = divide(taken, &shares)?;
    let payouts = recipients
        .into_iter()
        .zip(parts)
        .filter(|(_, part)| !part.is_zero())
        .map(|(recipient, part)| {
            Ok(Payout {
                to: api.addr_validate(&recipient.to)?,
                asset: fault.of(part),
                from: Source::Slash,
            })
        })
        .collect::<StdResult<_>>()?;
    Ok((payouts, insurance))
}

fn paid(payout: Payout) -> SlashPaid {
    SlashPaid {
        recipient: payout.to,
        denom: payout.asset.denom.to_string(),
        amount: payout.asset.amount,
    }
}

impl Fault {
    fn of(&self, amount: Uint128) -> Asset {
        Asset {
            denom: self.denom.clone(),
            amount,
        }
    }
}

fn check(fault: &Fault, recipients: &[Share]) -> Result<(), ContractError> {
    if recipients.len() > MAX_SHARES {
        return Err(ContractError::TooManyShares {
            count: recipients.len(),
            max: MAX_SHARES,
        });
    }
    within("slash", fault.amount, Uint128::zero()..=fault.bond)?;
    Ok(())
}
