//! Auditors' and watchers' bonds.

use cosmwasm_std::{coins, Addr, BankMsg, DepsMut, Env, MessageInfo, Response, Storage, Uint128};
use leasehold_api::event::{
    BondAdded, BondWithdrawn, FeesClaimed, MemberEnrolled, MemberJudged, MemberRetired,
};
use leasehold_api::provider::{round_at, Key, Member, Role, Trust, WATCHER_AT, WATCHER_COUNT};
use leasehold_api::{Asset, Denom, RuleError};

use crate::state::{insure, member, params, save_member};
use crate::ContractError;

pub fn enrol(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    role: Role,
    key: Key,
) -> Result<Response, ContractError> {
    key.validate()?;
    let trust = params(deps.storage)?.trust;
    let bond = the_coin(&info, &trust)?;
    if role.members().has(deps.storage, &info.sender) {
        return Err(ContractError::Enrolled {
            member: info.sender,
            role: role.as_str(),
        });
    }
    refuse_thin(&trust, role, bond)?;
    let mut record = Member {
        key,
        bond,
        jailed: false,
        leaves_at: None,
        fees: Uint128::zero(),
        place: None,
    };
    seat(deps.storage, &env, &trust, role, &info.sender, &mut record)?;
    save_member(deps.storage, role, &info.sender, &record)?;
    Ok(Response::new().add_event(MemberEnrolled {
        member: info.sender,
        role: role.as_str().into(),
        bond,
    }))
}

pub fn add_to_bond(
    deps: DepsMut,
    info: MessageInfo,
    role: Role,
) -> Result<Response, ContractError> {
    let mut record = member(deps.storage, role, &info.sender)?;
    let amount = the_coin(&info, &params(deps.storage)?.trust)?;
    record.bond = record.bond.checked_add(amount)?;
    save_member(deps.storage, role, &info.sender, &record)?;
    Ok(Response::new().add_event(BondAdded {
        member: info.sender,
        role: role.as_str().into(),
        amount,
    }))
}

pub fn retire(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    role: Role,
) -> Result<Response, ContractError> {
    let mut record = member(deps.storage, role, &info.sender)?;
    if let Some(leaves_at) = record.leaves_at {
        return Err(ContractError::Retired {
            member: info.sender,
            leaves_at,
        });
    }
    let params = params(deps.storage)?;
    let leaves_at = env.block.time.plus_seconds(params.unbonding).seconds();
    unseat(deps.storage, &env, &params.trust, &mut record)?;
    record.leaves_at = Some(leaves_at);
    save_member(deps.storage, role, &info.sender, &record)?;
    Ok(Response::new().add_event(MemberRetired {
        member: info.sender,
        role: role.as_str().into(),
        leaves_at,
    }))
}

pub fn withdraw_bond(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    role: Role,
) -> Result<Response, ContractError> {
    let record = member(deps.storage, role, &info.sender)?;
    let now = env.block.time.seconds();
    if record.leaves_at.is_none_or(|at| now < at) {
        return Err(ContractError::NothingToClaim {
            provider: info.sender,
            next: record.leaves_at,
        });
    }
    role.members().remove(deps.storage, &info.sender);
    let amount = record.bond.checked_add(record.fees)?;
    let denom = params(deps.storage)?.trust.denom;
    Ok(Response::new()
        .add_messages(payment(&info.sender, &denom, amount))
        .add_event(BondWithdrawn {
            member: info.sender,
            role: role.as_str().into(),
            amount,
        }))
}

pub fn claim_fees(deps: DepsMut, info: MessageInfo) -> Result<Response, ContractError> {
    let mut record = member(deps.storage, Role::Watcher, &info.sender)?;
    let amount = std::mem::take(&mut record.fees);
    if amount.is_zero() {
        return Err(ContractError::NothingToClaim {
            provider: info.sender,
            next: None,
        });
    }
    save_member(deps.storage, Role::Watcher, &info.sender, &record)?;
    let denom = params(deps.storage)?.trust.denom;
    Ok(Response::new()
        .add_messages(payment(&info.sender, &denom, amount))
        .add_event(FeesClaimed {
            member: info.sender,
            amount,
        }))
}

pub fn judge(
    deps: DepsMut,
    env: Env,
    role: Role,
    address: &str,
    slash: Uint128,
    jailed: bool,
) -> Result<Response, ContractError> {
    let address = deps.api.addr_validate(address)?;
    let record = member(deps.storage, role, &address)?;
    let trust = params(deps.storage)?.trust;
    let sentence = Sentence {
        role,
        member: &address,
        slash,
        jailed,
    };
    let judged = sentence.carry_out(deps.storage, &env, &trust, record)?;
    Ok(Response::new().add_event(judged))
}

/// What a member loses, and whether its word counts from now on.
pub struct Sentence<'a> {
    pub role: Role,
    pub member: &'a Addr,
    /// Whole units of the bond, for insurance.
    pub slash: Uint128,
    pub jailed: bool,
}

impl Sentence<'_> {
    /// Takes part of a bond to insurance and jails or reinstates its owner, whose record this is.
    pub fn carry_out(
        self,
        storage: &mut dyn Storage,
        env: &Env,
        trust: &Trust,
        mut record: Member,
    ) -> Result<MemberJudged, ContractError> {
        let Sentence {
            role,
            member,
            slash,
            jailed,
        } = self;
        record.bond = less(record.bond, slash)?;
        insure(storage, &asset(trust, slash))?;
        if jailed {
            unseat(storage, env, trust, &mut record)?;
        } else {
            refuse_thin(trust, role, record.bond)?;
        }
        record.jailed = jailed;
        if record.is_in_good_standing() {
            seat(storage, env, trust, role, member, &mut record)?;
        }
        save_member(storage, role, member, &record)?;
        Ok(MemberJudged {
            member: member.clone(),
            role: role.as_str().into(),
            slashed: slash,
            jailed,
        })
    }
}

/// The bond without a slash, which must not be larger.
pub fn less(bond: Uint128, slash: Uint128) -> Result<Uint128, RuleError> {
    bond.checked_sub(slash)
        .map_err(|_| RuleError::range("slash", slash, format!("at most the bond of {bond}")))
}

/// Gives a watcher the last place, from the next round on; others have none.
fn seat(
    storage: &mut dyn Storage,
    env: &Env,
    trust: &Trust,
    role: Role,
    address: &Addr,
    record: &mut Member,
) -> Result<(), ContractError> {
    if role != Role::Watcher || record.place.is_some() {
        return Ok(());
    }
    let round = round_at(env.block.time.seconds(), trust.watch_round);
    let place = WATCHER_COUNT.may_load(storage)?.unwrap_or(0);
    let count = place.checked_add(1).ok_or(RuleError::Overflow {
        what: "number of watchers",
    })?;
    WATCHER_AT.save(storage, place, address, round)?;
    WATCHER_COUNT.save(storage, &count, round)?;
    record.place = Some(place);
    Ok(())
}

/// Takes a watcher's place away, from the next round on; the last one moves there.
pub fn unseat(
    storage: &mut dyn Storage,
    env: &Env,
    trust: &Trust,
    record: &mut Member,
) -> Result<(), ContractError> {
    let Some(place) = record.place.take() else {
        return Ok(());
    };
    let round = round_at(env.block.time.seconds(), trust.watch_round);
    let last = WATCHER_COUNT.load(storage)?.saturating_sub(1);
    if place != last {
        let mover = WATCHER_AT.load(storage, last)?;
        let mut moved = member(storage, Role::Watcher, &mover)?;
        moved.place = Some(place);
        save_member(storage, Role::Watcher, &mover, &moved)?;
        WATCHER_AT.save(storage, place, &mover, round)?;
    }
    WATCHER_AT.remove(storage, last, round)?;
    WATCHER_COUNT.save(storage, &last, round)?;
    Ok(())
}

fn refuse_thin(trust: &Trust, role: Role, bond: Uint128) -> Result<(), RuleError> {
    let least = trust.bond(role);
    if bond < least {
        let allowed = format!("at least {least} {}", trust.denom);
        return Err(RuleError::range("bond", bond, allowed));
    }
    Ok(())
}

/// The amount of the one coin sent, of the trust denom; none or zero is refused.
pub fn the_coin(info: &MessageInfo, trust: &Trust) -> Result<Uint128, ContractError> {
    match info.funds.as_slice() {
        [coin] if coin.denom == trust.denom && !coin.amount.is_zero() => Ok(coin.amount),
        sent => Err(ContractError::WrongFunds {
            expected: trust.denom.clone(),
            coins: sent.len(),
        }),
    }
}

pub fn asset(trust: &Trust, amount: Uint128) -> Asset {
    Asset {
        denom: Denom::Native(trust.denom.clone()),
        amount,
    }
}

/// A payment, unless there is nothing to pay.
pub fn payment(to: &Addr, denom: &str, amount: Uint128) -> Option<BankMsg> {
    (!amount.is_zero()).then(|| BankMsg::Send {
        to_address: to.to_string(),
        amount: coins(amount.u128(), denom),
    })
}
