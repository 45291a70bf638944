//! Bids that nobody sees before all are made.

use cosmwasm_std::{Addr, Binary, Uint128};
use leasehold_api::event::{BidCommitted, BidRevealed, CommitmentEnded};
use leasehold_api::market::{Order, PenaltyReason, COMMITMENTS, ORDERS};
use leasehold_api::rules::auction::{Commitment, Opening};
use leasehold_api::rules::money;
use leasehold_api::{Quote, RuleError};

use crate::permission::unauthorized;
use crate::state;
use crate::touch::{Fault, Freed, Touch};
use crate::ContractError;

/// Bytes of a SHA-256.
const DIGEST_LENGTH: usize = 32;

/// Takes a commitment, or one in place of the sender's former one. One that is left of an earlier round is free by it: nobody asked in
/// that round for what was forfeit.
pub fn commit(touch: &mut Touch, id: u64, digest: Binary) -> Result<(), ContractError> {
    if digest.len() != DIGEST_LENGTH {
        return Err(RuleError::range("bytes of the commitment", digest.len(), "32").into());
    }
    let provider = touch.sender.clone();
    let mut order = state::open_order(touch.deps.storage, id)?;
    touch.roll(id, &mut order, Some(provider.clone()))?;
    let kept = COMMITMENTS.may_load(touch.deps.storage, (id, &provider))?;
    let former = kept.as_ref().filter(|kept| kept.round == order.round);
    let place = order
        .auction
        .commit(&touch.params.auction, former, touch.now, touch.height)?;
    let bond = match former {
        Some(former) => former.bond,
        None => money::bond(order.auction.max_rate, touch.params.bond_seconds)?,
    };
    let bound = kept.as_ref().map(|kept| kept.bond);
    let (tenant, locked) = (touch.tenant(id)?, bound.unwrap_or_default());
    let lock = touch.require_eligible(id, &order, &tenant, &provider, bond, locked)?;
    let (storage, denom) = (&mut *touch.deps.storage, &order.denom);
    match bound {
        None => state::lock(storage, &provider, denom, lock, bond)?,
        Some(former) if former == bond => {}
        Some(former) => state::relock(storage, &provider, denom, former, bond)?,
    }
    let commitment = Commitment {
        digest,
        bond,
        round: order.round,
        place,
    };
    COMMITMENTS.save(touch.deps.storage, (id, &provider), &commitment)?;
    ORDERS.save(touch.deps.storage, id, &order)?;
    touch.emit(BidCommitted {
        order_id: id,
        provider,
        closes_at: order.auction.closes_at,
    });
    Ok(())
}

/// Opens the sender's commitment. The commitment's bond gives way to the leader's, or is free.
pub fn reveal(
    touch: &mut Touch,
    id: u64,
    rate: Uint128,
    salt: &Binary,
) -> Result<(), ContractError> {
    let provider = touch.sender.clone();
    let mut order = state::open_order(touch.deps.storage, id)?;
    touch.roll(id, &mut order, Some(provider.clone()))?;
    let commitment = COMMITMENTS
        .may_load(touch.deps.storage, (id, &provider))?
        .ok_or_else(|| unauthorized(&provider, "a provider that has committed"))?;
    commitment.verify(&Opening {
        chain_id: &touch.chain_id,
        market: touch.contract().as_str(),
        order_id: id,
        round: order.round,
        bidder: provider.as_str(),
        rate,
        salt,
    })?;
    let bid = Quote {
        provider: provider.clone(),
        rate,
    };
    let placed = order.auction.reveal(
        touch.params.bond_seconds,
        &commitment,
        bid,
        touch.now,
        touch.height,
    )?;
    COMMITMENTS.remove(touch.deps.storage, (id, &provider));
    let (storage, denom) = (&mut *touch.deps.storage, &order.denom);
    if let Some(outbid) = placed.released {
        state::release(storage, &outbid.provider, denom, outbid.bond)?;
    }
    match placed.leader {
        true => state::relock(storage, &provider, denom, commitment.bond, placed.bond)?,
        false => state::release(storage, &provider, denom, commitment.bond)?,
    }
    ORDERS.save(storage, id, &order)?;
    touch.emit(BidRevealed {
        order_id: id,
        provider,
        rate,
        leader: placed.leader,
        closes_at: order.auction.hard_close_at,
    });
    Ok(())
}

/// Ends a commitment that can no longer be revealed: part of its bond is forfeit, unless there was no time for a reveal. The order, rolled
/// while it is open, is the caller's to save.
pub fn end_commitment(
    touch: &mut Touch,
    id: u64,
    order: &mut Order,
    provider: &Addr,
    caller: Option<Addr>,
) -> Result<(), ContractError> {
    let commitment = COMMITMENTS
        .may_load(touch.deps.storage, (id, provider))?
        .ok_or_else(|| ContractError::NoCommitment {
            order: id,
            provider: provider.clone(),
        })?;
    let is_current = commitment.round == order.round;
    let forfeit = is_current && order.auction.forfeits(touch.now, touch.height)?;
    COMMITMENTS.remove(touch.deps.storage, (id, provider));
    touch.emit(CommitmentEnded {
        order_id: id,
        provider: provider.clone(),
        forfeit,
    });
    let Commitment { bond, .. } = commitment;
    if !forfeit {
        return Ok(state::release(
            touch.deps.storage,
            provider,
            &order.denom,
            bond,
        )?);
    }
    let fault = Fault {
        bps: touch.params.no_reveal_slash_bps,
        reason: PenaltyReason::NoReveal,
        at: touch.now,
        caller,
    };
    let freed = Freed {
        provider: provider.clone(),
        bond,
        served: None,
    };
    touch.penalize(id, order, freed, fault)
}
