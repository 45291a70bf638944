use cosmwasm_std::{DepsMut, Env, IbcBasicResponse, IbcDestinationCallbackMsg};
use leasehold_api::escrow::TransferAction;

use crate::execute::deposit;
use crate::{denom, ics20, ContractError};

/// Books tokens that came from another chain. The chain calls once per packet: it delivers none twice.
pub fn receive(
    deps: DepsMut,
    env: &Env,
    msg: &IbcDestinationCallbackMsg,
) -> Result<IbcBasicResponse, ContractError> {
    let arrival = ics20::arrival(msg, &env.contract.address)?;
    denom::check(&arrival.denom, deps.api)?;
    let (now, from, amount) = (env.block.time.seconds(), &arrival.from, arrival.amount);
    let booked = match arrival.action {
        TransferAction::Open { owner } => {
            deposit::add_account(deps, now, from, Some(owner), arrival.denom, amount)
        }
        TransferAction::Deposit { account } => {
            deposit::credit(deps, now, account, arrival.denom, amount, from)
        }
    }?;
    Ok(IbcBasicResponse::new().add_events(booked.events))
}
