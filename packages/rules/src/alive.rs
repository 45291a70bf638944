//! Liveness of a provider: cumulative live seconds, one heartbeat for any number of leases.

use cosmwasm_schema::cw_serde;

use crate::error::{overflow, RuleError};

/// Part of a provider's hot record. A heartbeat is good for a grace period that is fixed when it is sent, so a later change of
/// the parameter never rewrites the past.
#[cw_serde]
#[derive(Copy, Default, Eq)]
#[serde(from = "Stored", into = "Stored")]
pub struct Liveness {
    /// Block time of the last heartbeat, seconds.
    pub last: u64,
    /// `last` + grace, seconds: silent from then on.
    pub until: u64,
    /// Height of the last heartbeat.
    pub height: u64,
    /// Live seconds up to `last`.
    pub alive: u64,
}

/// Last, grace, height, alive: written with every heartbeat, so without names.
type Stored = (u64, u64, u64, u64);

impl From<Stored> for Liveness {
    fn from((last, grace, height, alive): Stored) -> Self {
        Liveness {
            last,
            until: last.saturating_add(grace),
            height,
            alive,
        }
    }
}

impl From<Liveness> for Stored {
    fn from(live: Liveness) -> Self {
        let grace = live.until.saturating_sub(live.last);
        (live.last, grace, live.height, live.alive)
    }
}

impl Liveness {
    /// Cumulative live seconds at `now` (design, section 4): `alive + min(now, until) − last`.
    ///
    /// # Errors
    /// [`RuleError::TimeWentBack`] when `now` lies before the last heartbeat.
    pub fn alive_at(&self, now: u64) -> Result<u64, RuleError> {
        let since = now
            .min(self.until)
            .checked_sub(self.last)
            .ok_or(RuleError::TimeWentBack {
                now,
                last: self.last,
            })?;
        self.alive
            .checked_add(since)
            .ok_or(overflow("live seconds"))
    }

    /// The record after a heartbeat at `now`, good for `grace` seconds.
    ///
    /// # Errors
    /// [`RuleError::TimeWentBack`]; [`RuleError::Overflow`].
    pub fn beat(&self, now: u64, height: u64, grace: u64) -> Result<Self, RuleError> {
        Ok(Liveness {
            last: now,
            until: now.checked_add(grace).ok_or(overflow("grace"))?,
            height,
            alive: self.alive_at(now)?,
        })
    }

    /// Whether the provider fell silent: past grace in time *and* more than `min_blocks` blocks since its last heartbeat, so that
    /// a halted chain that jumps ahead in one block makes nobody look dead.
    pub fn lapsed(&self, now: u64, height: u64, min_blocks: u64) -> bool {
        now >= self.until && height > self.height.saturating_add(min_blocks)
    }
}

/// A pause that a provider announced in time: its silence is not a fault while it lasts.
#[cw_serde]
#[derive(Copy, Eq)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct Maintenance {
    /// First second.
    pub from: u64,
    /// First second after it.
    pub until: u64,
}

impl From<(u64, u64)> for Maintenance {
    fn from((from, until): (u64, u64)) -> Self {
        Maintenance { from, until }
    }
}

impl From<Maintenance> for (u64, u64) {
    fn from(pause: Maintenance) -> Self {
        (pause.from, pause.until)
    }
}

impl Maintenance {
    /// Whether a provider that fell silent at `lapse` is excused at `now`: it stopped in the pause, and the pause is not over.
    pub fn excuses(&self, lapse: u64, now: u64) -> bool {
        self.from <= lapse && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_excuses_only_its_own_silence() {
        let pause = Maintenance {
            from: 100,
            until: 200,
        };
        assert!(pause.excuses(100, 199));
        assert!(!pause.excuses(99, 150), "silent before it");
        assert!(!pause.excuses(150, 200), "not back in time");
    }

    #[test]
    fn silence_past_grace_earns_nothing() {
        let live = Liveness::default().beat(100, 1, 20).unwrap();
        assert_eq!(live.alive_at(110), Ok(10));
        assert_eq!(live.alive_at(120), Ok(20));
        assert_eq!(live.alive_at(500), Ok(20));
        let back = live.beat(500, 9, 20).unwrap();
        assert_eq!(back.alive_at(505), Ok(25));
    }

    #[test]
    fn a_new_grace_does_not_rewrite_the_past() {
        let live = Liveness::default().beat(0, 1, 10).unwrap();
        let back = live.beat(50, 2, 100).unwrap();
        assert_eq!(back.alive, 10);
    }

    #[test]
    fn lapse_needs_time_and_blocks() {
        let live = Liveness::default().beat(100, 10, 20).unwrap();
        assert!(!live.lapsed(119, 100, 5));
        assert!(!live.lapsed(120, 15, 5));
        assert!(live.lapsed(120, 16, 5));
    }

    #[test]
    fn the_stored_form_is_four_numbers() {
        let live = Liveness::default().beat(100, 7, 20).unwrap();
        let stored = cosmwasm_std::to_json_string(&live).unwrap();
        assert_eq!(stored, "[100,20,7,0]");
        assert_eq!(cosmwasm_std::from_json::<Liveness>(stored), Ok(live));
    }

    #[test]
    fn time_before_the_last_heartbeat_is_an_error() {
        let live = Liveness::default().beat(100, 1, 20).unwrap();
        assert_eq!(
            live.alive_at(99),
            Err(RuleError::TimeWentBack { now: 99, last: 100 })
        );
    }
}
