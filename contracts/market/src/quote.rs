//! What a standing offer asks for a group: the same for whoever takes it and for whoever looks.

use cosmwasm_std::Uint128;
use leasehold_api::market::{Exit, OfferTerms, Params};
use leasehold_api::rules::offer::Portion;
use leasehold_api::GroupSpec;

use crate::ContractError;

/// What the group takes of the offer, for at most `most`. What is left does not matter here.
pub fn quote(
    id: u64,
    terms: &OfferTerms,
    params: &Params,
    group: &GroupSpec,
    exit: Option<Exit>,
    most: Uint128,
) -> Result<Portion, ContractError> {
    let (asked, conceded) = (params.exit(exit), params.exit(terms.exit));
    if !asked.is_within(&conceded) {
        return Err(ContractError::OfferExit {
            id,
            notice: conceded.notice,
            compensation_bps: conceded.compensation_bps,
        });
    }
    let portion = terms.goods.portion(&group.resources)?;
    if portion.rate > most {
        return Err(ContractError::OfferTooDear {
            id,
            rate: portion.rate,
            most,
        });
    }
    Ok(portion)
}
