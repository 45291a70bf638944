//! Counting votes: pure arithmetic, in full stake.

use cosmwasm_std::{Decimal, Uint128};
use cw3::Vote;
use cw_utils::Threshold;
use leasehold_api::governance::Tally;
use leasehold_api::RuleError;

/// The tally with one more vote.
pub fn count(mut tally: Tally, vote: Vote, power: Uint128) -> Result<Tally, RuleError> {
    let side = match vote {
        Vote::Yes => &mut tally.yes,
        Vote::No => &mut tally.no,
        Vote::Abstain => &mut tally.abstain,
        Vote::Veto => &mut tally.veto,
    };
    *side = add(*side, power)?;
    Ok(tally)
}

/// Whether a proposal passes (`Some(true)`), fails (`Some(false)`) or may still do either. While voting is open (`closed` false) an
/// answer is given only when no later vote can change it.
///
/// As in cw3: quorum counts abstentions, the threshold does not, and votes needed round up. Unlike cw3: `veto` votes also reject
/// early, and without a single yes nothing passes.
pub fn decide(
    tally: &Tally,
    total: Uint128,
    rule: &Threshold,
    closed: bool,
) -> Result<Option<bool>, RuleError> {
    let against = add(tally.no, tally.veto)?;
    let cast = add(add(tally.yes, against)?, tally.abstain)?;
    let possible = subtract(total, tally.abstain)?;
    let (threshold, quorum) = match rule {
        Threshold::ThresholdQuorum { threshold, quorum } => (*threshold, *quorum),
        Threshold::AbsolutePercentage { percentage } => (*percentage, Decimal::zero()),
        Threshold::AbsoluteCount { weight } => {
            return Err(RuleError::range(
                "threshold",
                weight,
                "a share of the stake",
            ))
        }
    };
    let only_cast_count = closed && matches!(rule, Threshold::ThresholdQuorum { .. });
    let opinions = if only_cast_count {
        subtract(cast, tally.abstain)?
    } else {
        possible
    };
    if cast >= part(total, quorum)? && reaches(tally.yes, opinions, threshold)? {
        return Ok(Some(true));
    }
    let hopeless = !reaches(subtract(possible, against)?, possible, threshold)?;
    Ok((closed || hopeless).then_some(false))
}

fn reaches(yes: Uint128, opinions: Uint128, threshold: Decimal) -> Result<bool, RuleError> {
    Ok(!yes.is_zero() && yes >= part(opinions, threshold)?)
}

/// `ceil(amount · share)`.
fn part(amount: Uint128, share: Decimal) -> Result<Uint128, RuleError> {
    amount.checked_mul_ceil(share).map_err(|_| overflow())
}

fn add(a: Uint128, b: Uint128) -> Result<Uint128, RuleError> {
    a.checked_add(b).map_err(|_| overflow())
}

fn subtract(a: Uint128, b: Uint128) -> Result<Uint128, RuleError> {
    a.checked_sub(b).map_err(|_| overflow())
}

fn overflow() -> RuleError {
    RuleError::Overflow {
        what: "tally of votes",
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;
