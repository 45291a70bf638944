//! A pause: for a while nothing begins. What runs goes on, and all that frees money or a bond.

use leasehold_api::event::Paused;
use leasehold_api::market::{ExecuteMsg, MAX_PAUSE};

use super::params;
use crate::touch::Touch;
use crate::ContractError;

/// Refuses what would begin something while the market pauses.
pub fn ensure(touch: &Touch, msg: &ExecuteMsg) -> Result<(), ContractError> {
    let begins = matches!(
        msg,
        ExecuteMsg::OpenOrder { .. }
            | ExecuteMsg::Bid { .. }
            | ExecuteMsg::Commit { .. }
            | ExecuteMsg::Claim { .. }
            | ExecuteMsg::Accept { .. }
            | ExecuteMsg::PostOffer { .. }
    );
    let until = touch.paused_until;
    match begins && touch.now < until {
        true => Err(ContractError::Paused { until }),
        false => Ok(()),
    }
}

/// A pause that is lifted ends now and not in the past: the windows that it took time from stay known.
pub fn pause(touch: &mut Touch, until: u64) -> Result<(), ContractError> {
    let until = until.clamp(touch.now, touch.now.saturating_add(MAX_PAUSE));
    touch.paused_until = until;
    params::save(touch)?;
    touch.emit(Paused { until });
    Ok(())
}
