//! Watched leases and the verdicts on them.

use cosmwasm_std::{Addr, Binary, DepsMut, Env, MessageInfo, Response, Uint128};
use leasehold_api::deployment::{deployment, group_of};
use leasehold_api::event::{LeaseUnwatched, LeaseWatched, VerdictSubmitted, WatcherAccused};
use leasehold_api::market::{order_of, LEASES, ORDERS};
use leasehold_api::provider::{
    round_at, Member, Role, Signed, Verdict, Vote, Watch, VERDICT, VERDICTS, WATCHES,
};
use leasehold_api::RuleError;
use leasehold_rules::auction::within;

use super::member::{payment, the_coin, Sentence};
use crate::query::trust::panel;
use crate::signature::verify;
use crate::state::{member, params, save_member, SUITE};
use crate::ContractError;

pub fn watch(deps: DepsMut, info: MessageInfo, lease_id: u64) -> Result<Response, ContractError> {
    let trust = params(deps.storage)?.trust;
    let amount = the_coin(&info, &trust)?;
    let suite = SUITE.load(deps.storage)?;
    require_active(&deps, &suite.market, lease_id)?;
    let (deployment_id, _) = group_of(order_of(lease_id));
    let tenant = deployment(&deps.querier, &suite.deployment, deployment_id)?.owner;
    if info.sender != tenant {
        return Err(ContractError::Unauthorized {
            sender: info.sender,
            allowed: format!("the tenant {tenant}"),
        });
    }
    let former = WATCHES.may_load(deps.storage, lease_id)?;
    // A former owner of the deployment gets back what it paid ahead.
    let (left, refund) = match former {
        Some(watch) if watch.payer == tenant => (watch.funds, None),
        Some(watch) => (
            Uint128::zero(),
            payment(&watch.payer, &trust.denom, watch.funds),
        ),
        None => (Uint128::zero(), None),
    };
    let watch = Watch {
        payer: tenant.clone(),
        funds: left.checked_add(amount)?,
    };
    WATCHES.save(deps.storage, lease_id, &watch)?;
    Ok(Response::new()
        .add_messages(refund)
        .add_event(LeaseWatched {
            lease_id,
            payer: tenant,
            amount,
        }))
}

pub fn unwatch(deps: DepsMut, info: MessageInfo, lease_id: u64) -> Result<Response, ContractError> {
    let watch = load(&deps, lease_id)?;
    let is_active = || is_active(&deps, &SUITE.load(deps.storage)?.market, lease_id);
    if info.sender != watch.payer && is_active()? {
        return Err(ContractError::Unauthorized {
            sender: info.sender,
            allowed: format!("{}, who pays for the watch,", watch.payer),
        });
    }
    WATCHES.remove(deps.storage, lease_id);
    VERDICTS.remove(deps.storage, lease_id);
    let denom = params(deps.storage)?.trust.denom;
    Ok(Response::new()
        .add_messages(payment(&watch.payer, &denom, watch.funds))
        .add_event(LeaseUnwatched {
            lease_id,
            payer: watch.payer,
            refunded: watch.funds,
        }))
}

pub fn submit(
    deps: DepsMut,
    env: Env,
    vote: Vote,
    signatures: Vec<Signed>,
) -> Result<Response, ContractError> {
    let Vote {
        lease_id,
        round,
        down,
    } = vote;
    let mut watch = load(&deps, lease_id)?;
    let trust = params(deps.storage)?.trust;
    let now = env.block.time.seconds();
    let current = round_at(now, trust.watch_round);
    within("round", round, current.saturating_sub(1)..=current)?;
    let latest = VERDICTS.may_load(deps.storage, lease_id)?;
    if let Some(latest) = latest.filter(|latest| round <= latest.round) {
        return Err(ContractError::AlreadyDecided {
            lease_id,
            round: latest.round,
        });
    }
    require_served(&deps, lease_id, round.saturating_mul(trust.watch_round))?;

    let (panel, quorum) = panel(deps.as_ref(), lease_id, round, trust.panel)?;
    let mut signers = signers(&deps, &env, &vote, &panel, signatures)?;
    let needed = usize::try_from(quorum).unwrap_or(usize::MAX);
    within(
        "signatures",
        signers.len(),
        needed..=panel.len().max(needed),
    )?;
    // At most MAX_PANEL signers.
    for (signer, record) in &mut signers {
        record.fees = record.fees.checked_add(trust.watch_fee)?;
        save_member(deps.storage, Role::Watcher, signer, record)?;
        watch.funds = watch.funds.checked_sub(trust.watch_fee).map_err(|_| {
            let allowed = format!("{} for each signer", trust.watch_fee);
            RuleError::range("what is left for fees", watch.funds, allowed)
        })?;
    }
    WATCHES.save(deps.storage, lease_id, &watch)?;
    let until = now.saturating_add(trust.watch_round.saturating_mul(2));
    let verdict = Verdict {
        round,
        down,
        at: now,
        until,
    };
    VERDICTS.save(deps.storage, lease_id, &verdict)?;
    Ok(Response::new().add_event(VerdictSubmitted {
        lease_id,
        round,
        down,
        signers: u32::try_from(signers.len()).unwrap_or(u32::MAX),
    }))
}

/// Who of the panel signed, each once and in good standing, and their records.
fn signers(
    deps: &DepsMut,
    env: &Env,
    vote: &Vote,
    panel: &[Addr],
    signatures: Vec<Signed>,
) -> Result<Vec<(Addr, Member)>, ContractError> {
    within("signatures", signatures.len(), 0..=panel.len())?;
    let mut signers: Vec<(Addr, Member)> = vec![];
    for Signed { watcher, signature } in signatures {
        let watcher = deps.api.addr_validate(&watcher)?;
        let record = member(deps.storage, Role::Watcher, &watcher)?;
        if !record.is_in_good_standing() || signers.iter().any(|(signer, _)| *signer == watcher) {
            return Err(ContractError::NotInGoodStanding { member: watcher });
        }
        if !panel.contains(&watcher) {
            return Err(ContractError::NotOnPanel {
                watcher,
                lease_id: vote.lease_id,
                round: vote.round,
            });
        }
        verify(
            deps.as_ref(),
            env,
            &watcher,
            &record.key,
            (VERDICT, vote),
            &signature,
        )?;
        signers.push((watcher, record));
    }
    Ok(signers)
}

/// Two answers to one question.
pub struct Accusation {
    pub watcher: String,
    pub lease_id: u64,
    pub round: u64,
    pub down: Binary,
    pub up: Binary,
}

pub fn accuse(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    accusation: Accusation,
) -> Result<Response, ContractError> {
    let watcher = deps.api.addr_validate(&accusation.watcher)?;
    let mut record = member(deps.storage, Role::Watcher, &watcher)?;
    for (down, signature) in [(true, &accusation.down), (false, &accusation.up)] {
        let vote = Vote {
            lease_id: accusation.lease_id,
            round: accusation.round,
            down,
        };
        verify(
            deps.as_ref(),
            &env,
            &watcher,
            &record.key,
            (VERDICT, &vote),
            signature,
        )?;
    }
    let bond = record.bond;
    if bond.is_zero() {
        return Err(RuleError::range("bond", bond, "something to lose").into());
    }
    // Half, so that who accuses itself loses something; what is odd goes to insurance.
    let reward = bond.multiply_ratio(1_u8, 2_u8);
    record.bond = bond.checked_sub(reward)?;
    let rest = record.bond;
    let trust = params(deps.storage)?.trust;
    let sentence = Sentence {
        role: Role::Watcher,
        member: &watcher,
        slash: rest,
        jailed: true,
    };
    let judged = sentence.carry_out(deps.storage, &env, &trust, record)?;
    Ok(Response::new()
        .add_messages(payment(&info.sender, &trust.denom, reward))
        .add_event(judged)
        .add_event(WatcherAccused {
            watcher,
            accuser: info.sender,
            reward,
        }))
}

fn load(deps: &DepsMut, lease_id: u64) -> Result<Watch, ContractError> {
    WATCHES
        .may_load(deps.storage, lease_id)?
        .ok_or(ContractError::NotWatched { lease_id })
}

fn is_active(deps: &DepsMut, market: &Addr, lease_id: u64) -> Result<bool, ContractError> {
    let order = ORDERS.query(&deps.querier, market.clone(), order_of(lease_id))?;
    Ok(order.is_some_and(|order| order.lease == Some(lease_id)))
}

fn require_active(deps: &DepsMut, market: &Addr, lease_id: u64) -> Result<(), ContractError> {
    match is_active(deps, market, lease_id)? {
        true => Ok(()),
        false => Err(ContractError::NotActive { lease_id }),
    }
}

/// Refuses a lease that is not active or began only after a round did: its provider needs time to start it.
fn require_served(deps: &DepsMut, lease_id: u64, since: u64) -> Result<(), ContractError> {
    let market = SUITE.load(deps.storage)?.market;
    require_active(deps, &market, lease_id)?;
    let lease = LEASES
        .query(&deps.querier, market, lease_id)?
        .ok_or(ContractError::NotActive { lease_id })?;
    Ok(within("round", lease.started_at, 0..=since)?)
}
