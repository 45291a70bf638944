//! Providers that failed an order wait before they may serve it again.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Addr;

/// A provider that failed an order, and until when it may not serve it: at `until` it may.
#[cw_serde]
#[serde(from = "(Addr, u64)", into = "(Addr, u64)")]
pub struct Exclusion {
    pub provider: Addr,
    /// Block time, seconds.
    pub until: u64,
}

impl From<(Addr, u64)> for Exclusion {
    fn from((provider, until): (Addr, u64)) -> Self {
        Exclusion { provider, until }
    }
}

impl From<Exclusion> for (Addr, u64) {
    fn from(exclusion: Exclusion) -> Self {
        (exclusion.provider, exclusion.until)
    }
}

/// Adds a provider that failed now and drops those whose time is over: one entry for each attempt at most.
pub fn exclude(excluded: &mut Vec<Exclusion>, provider: Addr, now: u64, seconds: u64) {
    excluded.retain(|earlier| earlier.until > now && earlier.provider != provider);
    let until = now.saturating_add(seconds);
    excluded.push(Exclusion { provider, until });
}

pub fn is_excluded(excluded: &[Exclusion], provider: &Addr, now: u64) -> bool {
    excluded
        .iter()
        .any(|entry| entry.provider == *provider && now < entry.until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exclusion_ends_and_a_new_failure_begins_another() {
        let (a, b) = (Addr::unchecked("a"), Addr::unchecked("b"));
        let mut list = vec![];
        exclude(&mut list, a.clone(), 100, 50);
        assert!(is_excluded(&list, &a, 100) && is_excluded(&list, &a, 149));
        assert!(!is_excluded(&list, &a, 150) && !is_excluded(&list, &b, 100));
        exclude(&mut list, a.clone(), 120, 50);
        exclude(&mut list, b.clone(), 130, 50);
        assert_eq!(list.len(), 2, "one entry for each provider");
        assert!(is_excluded(&list, &a, 169) && !is_excluded(&list, &a, 170));
        exclude(&mut list, a, 175, 0);
        assert_eq!(list.len(), 2, "the one that is over is gone");
        assert!(is_excluded(&list, &b, 179));
        exclude(&mut list, b, u64::MAX, 9);
    }
}
