use cosmwasm_std::{to_json_binary, DepsMut, MessageInfo, Response, Uint128};
use leasehold_api::escrow::{Allowance, Limits, Params, ACCOUNTS, ALLOWANCES};
use leasehold_api::event::{AccountOpened, AllowanceAdjusted, AllowanceRevoked, Allowed, Drawn};
use leasehold_api::rules::stream::Account;

use crate::{state, ContractError};

/// Opens a drawn account beside the source.
pub fn allow(
    deps: DepsMut,
    now: u64,
    info: &MessageInfo,
    source: u64,
    spender: &str,
    limits: Limits,
) -> Result<Response, ContractError> {
    let feeder = state::owned(deps.storage, source, &info.sender, "allow")?;
    let drawn = Uint128::zero();
    limits.check(drawn, now)?;
    let allowance = Allowance {
        source,
        spender: deps.api.addr_validate(spender)?,
        limits,
        drawn,
    };
    let account = Account::new(feeder.owner, feeder.denom, now);
    let id = state::add_account(deps.storage, &account)?;
    state::add_allowance(deps.storage, id, &allowance)?;
    Ok(Response::new()
        .set_data(to_json_binary(&id)?)
        .add_event(AccountOpened {
            account: id,
            owner: account.owner,
            denom: account.denom.to_string(),
        })
        .add_event(Allowed {
            account: id,
            source,
            spender: allowance.spender,
        }))
}

/// Replaces the limits; what was drawn stays counted.
pub fn adjust(
    deps: DepsMut,
    now: u64,
    info: &MessageInfo,
    id: u64,
    limits: Limits,
) -> Result<Response, ContractError> {
    state::owned(deps.storage, id, &info.sender, "adjust")?;
    let allowance = state::allowance(deps.storage, id)?;
    limits.check(allowance.drawn, now)?;
    let adjusted = Allowance {
        limits,
        ..allowance
    };
    ALLOWANCES.save(deps.storage, id, &adjusted)?;
    Ok(Response::new().add_event(AllowanceAdjusted { account: id }))
}

/// Leaves the drawn account to its owner alone.
pub fn revoke(deps: DepsMut, info: &MessageInfo, id: u64) -> Result<Response, ContractError> {
    state::owned(deps.storage, id, &info.sender, "revoke")?;
    let allowance = state::drop_allowance(deps.storage, id)?
        .ok_or(ContractError::AllowanceNotFound { account: id })?;
    Ok(Response::new().add_event(AllowanceRevoked {
        account: id,
        spender: allowance.spender,
    }))
}

/// Moves an amount of the spender's choice into the drawn account.
pub fn draw(
    deps: DepsMut,
    now: u64,
    info: &MessageInfo,
    params: &Params,
    id: u64,
    amount: Uint128,
) -> Result<Response, ContractError> {
    let mut pair = Pair::load(&deps, id)?;
    if pair.allowance.spender != info.sender {
        return Err(ContractError::Unauthorized {
            sender: info.sender.clone(),
            action: "draw",
            allowed: format!("the spender of account {id} ({})", pair.allowance.spender),
        });
    }
    pair.allowance.draw(
        &mut pair.source,
        &mut pair.account,
        amount,
        params.min_runway,
        now,
    )?;
    pair.save(deps, id, amount)
}

/// Fills the drawn account up when it runs low.
pub fn top_up(
    deps: DepsMut,
    now: u64,
    params: &Params,
    id: u64,
) -> Result<Response, ContractError> {
    let mut pair = Pair::load(&deps, id)?;
    let amount =
        pair.allowance
            .top_up(&mut pair.source, &mut pair.account, params.min_runway, now)?;
    pair.save(deps, id, amount)
}

/// A drawn account, what feeds it and why.
struct Pair {
    allowance: Allowance,
    source: Account,
    account: Account,
}

impl Pair {
    fn load(deps: &DepsMut, id: u64) -> Result<Self, ContractError> {
        let allowance = state::allowance(deps.storage, id)?;
        Ok(Pair {
            source: state::account(deps.storage, allowance.source)?,
            account: state::account(deps.storage, id)?,
            allowance,
        })
    }

    fn save(self, deps: DepsMut, id: u64, amount: Uint128) -> Result<Response, ContractError> {
        let source = self.allowance.source;
        ACCOUNTS.save(deps.storage, source, &self.source)?;
        ACCOUNTS.save(deps.storage, id, &self.account)?;
        ALLOWANCES.save(deps.storage, id, &self.allowance)?;
        Ok(Response::new().add_event(Drawn {
            account: id,
            source,
            amount,
        }))
    }
}
