//! Who watches what: a draw that nobody chooses anything in.

use sha2::{Digest, Sha256};

/// Fewest signatures under a verdict, however small the panel.
const MIN_SIGNERS: u32 = 3;

/// Draws `size` different places out of `0..of` (all, if there are fewer), for a lease and a round: a sparse Fisher-Yates shuffle (Durstenfeld
/// 1964) on SHA-256. A lease's number is the chain's choice and a round's is time's, so neither a provider nor a tenant can try again. Work
/// grows with `size²`, which the caller bounds, not with `of`.
pub fn draw(lease_id: u64, round: u64, of: u32, size: u32) -> Vec<u32> {
    let mut moved: Vec<(u32, u32)> = vec![];
    let mut drawn = vec![];
    for i in 0..size.min(of) {
        let place = i.saturating_add(below(lease_id, round, i, of.saturating_sub(i)));
        drawn.push(now_at(&moved, place));
        let last = now_at(&moved, i);
        moved.retain(|(at, _)| *at != place);
        moved.push((place, last));
    }
    drawn
}

/// What lies at a place after the exchanges so far.
fn now_at(moved: &[(u32, u32)], place: u32) -> u32 {
    let found = moved.iter().find(|(at, _)| *at == place);
    found.map_or(place, |(_, value)| *value)
}

/// A number in `0..bound`, its bias below 2⁻³².
fn below(lease_id: u64, round: u64, i: u32, bound: u32) -> u32 {
    let mut hash = Sha256::new();
    hash.update(b"leasehold/panel/1");
    hash.update(lease_id.to_be_bytes());
    hash.update(round.to_be_bytes());
    hash.update(i.to_be_bytes());
    let number = hash
        .finalize()
        .iter()
        .take(8)
        .fold(0_u64, |n, byte| n.wrapping_shl(8) | u64::from(*byte));
    let rest = number.checked_rem(u64::from(bound)).unwrap_or(0);
    u32::try_from(rest).unwrap_or(0)
}

/// Signatures that make a verdict on a panel of this size: more than half, never fewer than 3.
pub fn quorum(panel: u32) -> u32 {
    panel.div_euclid(2).saturating_add(1).max(MIN_SIGNERS)
}
