//! Money that leaves the registry. A payment that its token refuses must hold up nothing else, so each is a submessage of its own
//! whose failure puts the money back on the books.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    coin, from_json, to_json_binary, Addr, BankMsg, CosmosMsg, DepsMut, Env, Reply, Response,
    StdResult, SubMsg, SubMsgResult, WasmMsg,
};
use cw20::Cw20ExecuteMsg;
use leasehold_api::event::{PayoutFailed, Unbonded};
use leasehold_api::provider::{Unbonding, UNBONDINGS};
use leasehold_api::{Asset, Denom};

use crate::state::{insure, save_list, unbondings};
use crate::ContractError;

const REPLY: u64 = 1;

#[cw_serde]
pub struct Payout {
    pub to: Addr,
    pub asset: Asset,
    pub from: Source,
}

/// Which books the money comes from, and returns to when it cannot be paid.
#[cw_serde]
#[derive(Copy)]
pub enum Source {
    /// A matured unbonding of the recipient; waits on.
    Unbonding,
    /// A recipient's part of a slash; goes to insurance.
    Slash,
    /// Insurance itself.
    Insurance,
}

impl Payout {
    pub fn submessage(&self) -> StdResult<SubMsg> {
        let message = self.message()?;
        // Only what has something left to say of a success hears of it: a reply costs gas.
        let submessage = match self.from {
            Source::Unbonding => SubMsg::reply_always(message, REPLY),
            Source::Slash | Source::Insurance => SubMsg::reply_on_error(message, REPLY),
        };
        Ok(submessage.with_payload(to_json_binary(self)?))
    }

    fn message(&self) -> StdResult<CosmosMsg> {
        let Asset { denom, amount } = &self.asset;
        Ok(match denom {
            Denom::Native(denom) => BankMsg::Send {
                to_address: self.to.to_string(),
                amount: vec![coin(amount.u128(), denom)],
            }
            .into(),
            Denom::Cw20(token) => WasmMsg::Execute {
                contract_addr: token.clone(),
                msg: to_json_binary(&Cw20ExecuteMsg::Transfer {
                    recipient: self.to.to_string(),
                    amount: *amount,
                })?,
                funds: vec![],
            }
            .into(),
        })
    }
}

pub fn reply(deps: DepsMut, env: &Env, reply: Reply) -> Result<Response, ContractError> {
    if reply.id != REPLY {
        return Err(ContractError::UnknownReply { id: reply.id });
    }
    let payout: Payout = from_json(reply.payload)?;
    match reply.result {
        SubMsgResult::Ok(_) => Ok(paid(payout)),
        SubMsgResult::Err(reason) => refused(deps, env, payout, reason),
    }
}

fn paid(payout: Payout) -> Response {
    match payout.from {
        Source::Unbonding => Response::new().add_event(Unbonded {
            provider: payout.to,
            denom: payout.asset.denom.to_string(),
            amount: payout.asset.amount,
        }),
        Source::Slash | Source::Insurance => Response::new(),
    }
}

fn refused(
    deps: DepsMut,
    env: &Env,
    payout: Payout,
    reason: String,
) -> Result<Response, ContractError> {
    let Payout { to, asset, from } = payout;
    match from {
        Source::Unbonding => {
            // The slot that `claim` has just freed.
            let mut waiting = unbondings(deps.storage, &to)?;
            waiting.push(Unbonding {
                asset: asset.clone(),
                claimable_at: env.block.time.seconds(),
            });
            save_list(deps.storage, &UNBONDINGS, &to, &waiting)?;
        }
        Source::Slash | Source::Insurance => insure(deps.storage, &asset)?,
    }
    Ok(Response::new().add_event(PayoutFailed {
        recipient: to,
        denom: asset.denom.to_string(),
        amount: asset.amount,
        reason,
    }))
}
