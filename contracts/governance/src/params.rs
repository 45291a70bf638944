use std::collections::BTreeSet;

use cosmwasm_std::{Api, Decimal, Env};
use cw_utils::Threshold;
use leasehold_api::governance::{Expedited, Params, MAX_REWARD_DENOMS};
use leasehold_api::market::MAX_PAUSE;
use leasehold_api::{Denom, RuleError};

use crate::pool::Pool;
use crate::ContractError;

const MONTH: u64 = 2_592_000;
const QUARTER: u64 = 7_776_000;
const YEAR: u64 = 31_536_000;

/// Checks every parameter against its range.
pub fn validate(
    params: &Params,
    api: &dyn Api,
    env: &Env,
    pools: &[Pool],
) -> Result<(), ContractError> {
    threshold(&params.threshold)?;
    range("voting_period", params.voting_period, 1, MONTH)?;
    range(
        "min_voting_period",
        params.min_voting_period,
        0,
        params.voting_period,
    )?;
    range("timelock", params.timelock, 0, MONTH)?;
    if let Some(faster) = &params.expedited {
        expedited(params, faster)?;
    }
    range("execution_window", params.execution_window, 10, QUARTER)?;
    range("unbonding", params.unbonding, 1, QUARTER)?;
    range("staker_bps", params.staker_bps.into(), 0, 10_000)?;
    reward_denoms(&params.reward_denoms, api, pools)?;
    range("pause_seconds", params.pause_seconds, 1, MAX_PAUSE)?;
    range("pause_rest", params.pause_rest, params.pause_seconds, YEAR)?;
    if let Some(guardian) = &params.guardian {
        api.addr_validate(&guardian.address)?;
        let latest = env.block.time.seconds().saturating_add(YEAR);
        range("guardian.until", guardian.until, 0, latest)?;
    }
    Ok(())
}

/// Each once; with those in which stakers ever earned at most [`MAX_REWARD_DENOMS`], the bound of every loop over pools.
fn reward_denoms(denoms: &[Denom], api: &dyn Api, pools: &[Pool]) -> Result<(), ContractError> {
    if denoms.len() > MAX_REWARD_DENOMS {
        let allowed = format!("at most {MAX_REWARD_DENOMS}");
        return Err(RuleError::range("number of reward_denoms", denoms.len(), allowed).into());
    }
    let mut all: BTreeSet<&Denom> = BTreeSet::new();
    for denom in denoms {
        self::denom(denom, api)?;
        if !all.insert(denom) {
            return Err(RuleError::range("reward_denoms", denom, "each denom once").into());
        }
    }
    all.extend(pools.iter().map(|pool| &pool.denom));
    if all.len() > MAX_REWARD_DENOMS {
        let allowed =
            format!("at most {MAX_REWARD_DENOMS} together with those in which stakers ever earned");
        return Err(RuleError::range("number of reward_denoms", all.len(), allowed).into());
    }
    Ok(())
}

fn threshold(threshold: &Threshold) -> Result<(), RuleError> {
    match threshold {
        Threshold::ThresholdQuorum { threshold, quorum } => {
            percentage("threshold", *threshold)?;
            if quorum.is_zero() || *quorum > Decimal::one() {
                return Err(RuleError::range("quorum", quorum, "above 0 to 1"));
            }
            Ok(())
        }
        Threshold::AbsolutePercentage { percentage: share } => percentage("percentage", *share),
        Threshold::AbsoluteCount { weight } => Err(RuleError::range(
            "threshold",
            format!("an absolute count of {weight}"),
            "threshold_quorum or absolute_percentage: stake changes, a count would not",
        )),
    }
}

/// Never easier to pass than an ordinary proposal: a larger share, of no smaller quorum.
fn expedited(params: &Params, faster: &Expedited) -> Result<(), RuleError> {
    threshold(&faster.threshold)?;
    let ((usual, least), (share, quorum)) = (parts(&params.threshold), parts(&faster.threshold));
    if share <= usual || quorum < least {
        return Err(RuleError::range(
            "expedited.threshold",
            format!("{share} with a quorum of {quorum}"),
            format!("above {usual} with a quorum of at least {least}"),
        ));
    }
    let (period, timelock) = (params.voting_period, params.timelock);
    range("expedited.voting_period", faster.voting_period, 1, period)?;
    range("expedited.timelock", faster.timelock, 0, timelock)
}

/// Share and quorum. All stake counts for an absolute percentage, as if its quorum were everybody.
fn parts(threshold: &Threshold) -> (Decimal, Decimal) {
    match threshold {
        Threshold::ThresholdQuorum { threshold, quorum } => (*threshold, *quorum),
        Threshold::AbsolutePercentage { percentage } => (*percentage, Decimal::one()),
        Threshold::AbsoluteCount { .. } => (Decimal::zero(), Decimal::zero()),
    }
}

/// Refuses what is no denom at all.
pub fn denom(denom: &Denom, api: &dyn Api) -> Result<(), ContractError> {
    match denom {
        Denom::Cw20(token) => drop(api.addr_validate(token)?),
        Denom::Native(name) if name.is_empty() => {
            return Err(RuleError::range("denom", "empty", "a bank denom").into())
        }
        Denom::Native(_) => {}
    }
    Ok(())
}

fn percentage(field: &str, value: Decimal) -> Result<(), RuleError> {
    if value < Decimal::percent(50) || value > Decimal::one() {
        return Err(RuleError::range(field, value, "0.5 to 1"));
    }
    Ok(())
}

/// Refuses a value outside `least..=most`.
pub fn range(field: &str, value: u64, least: u64, most: u64) -> Result<(), RuleError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(RuleError::range(field, value, format!("{least} to {most}")))
}
