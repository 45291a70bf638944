use cosmwasm_std::{DepsMut, Response};
use leasehold_api::event::InsurancePaid;
use leasehold_api::Asset;

use crate::execute::collateral::refuse_zero;
use crate::payout::{Payout, Source};
use crate::state::claim_insurance;
use crate::ContractError;

/// One that its token refuses to pay goes back to the fund.
pub fn pay(deps: DepsMut, to: &str, asset: Asset) -> Result<Response, ContractError> {
    let recipient = deps.api.addr_validate(to)?;
    refuse_zero(&asset)?;
    claim_insurance(deps.storage, &asset)?;
    let paid = InsurancePaid {
        recipient: recipient.clone(),
        denom: asset.denom.to_string(),
        amount: asset.amount,
    };
    let payout = Payout {
        to: recipient,
        asset,
        from: Source::Insurance,
    };
    Ok(Response::new()
        .add_submessage(payout.submessage()?)
        .add_event(paid))
}
