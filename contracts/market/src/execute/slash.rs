use leasehold_api::event::PenaltySettled;
use leasehold_api::market::{Mark, Penalty, PenaltyReason, PENALTIES};
use leasehold_api::provider::Share;
use leasehold_api::rules::money;

use crate::messages::ToRegistry;
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

/// Frees the bond and has the registry take what is forfeit of it.
pub fn carry_out(touch: &mut Touch, id: u64, number: u32) -> Result<(), ContractError> {
    let penalty = PENALTIES
        .may_load(touch.deps.storage, (id, number))?
        .ok_or(ContractError::NoPenalty { id, number })?;
    let due_at = penalty.due_at(touch.params.penalty_delay);
    if touch.now < due_at {
        return Err(ContractError::NotDue { id, number, due_at });
    }
    let denom = state::order(touch.deps.storage, id)?.denom;
    PENALTIES.remove(touch.deps.storage, (id, number));
    let marks = [(Mark::Slashed, 1)];
    let (provider, freed) = (&penalty.provider, Some(penalty.bond));
    state::remember(touch.deps.storage, provider, &denom, freed, &marks)?;
    let slash = ToRegistry::Slash {
        provider,
        denom: &denom,
        amount: money::share(penalty.bond, penalty.bps)?,
        bond: penalty.bond,
        at: penalty.at,
        recipients: &recipients(touch, id, &penalty)?,
        reason: penalty.reason.as_str(),
    };
    touch.send(touch.suite.provider.clone(), &slash)?;
    touch.emit(PenaltySettled {
        order_id: id,
        number,
        provider: penalty.provider,
    });
    Ok(())
}

/// The deployment's present owner and whoever brought the fault up; insurance takes the rest. A tenant gets nothing for commitments that
/// were kept back: its accomplices' would cost it little otherwise. Nor for a verdict, by which nobody but insurance may gain.
fn recipients(touch: &Touch, id: u64, penalty: &Penalty) -> Result<Vec<Share>, ContractError> {
    let shares = &touch.params.slash_shares;
    let tenant = match penalty.reason {
        PenaltyReason::NoReveal | PenaltyReason::Condemned => None,
        PenaltyReason::Down | PenaltyReason::NoShow | PenaltyReason::Quit => {
            Some((touch.tenant(id)?, shares.tenant_bps))
        }
    };
    let caller = penalty
        .caller
        .clone()
        .map(|caller| (caller, shares.caller_bps));
    Ok([tenant, caller]
        .into_iter()
        .flatten()
        .map(|(to, bps)| Share { to: to.into(), bps })
        .collect())
}
