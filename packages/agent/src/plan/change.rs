//! Whether to agree to what the tenants of this provider's leases propose.

use cosmwasm_std::Uint128;
use leasehold_api::provider::Standing;
use leasehold_api::rules::matching::eligible;
use leasehold_api::rules::money;
use leasehold_api::{Denom, GpuRequirement, GroupSpec};

use super::{shelf, MyLease, Observed, Proposed, Skip, Tx};
use crate::capacity::{Ledger, Resources};
use crate::plan::desk::promised;

/// A change that this provider agrees to: the lease's room and bond are no longer what they were.
#[derive(Debug, Clone, Copy)]
pub struct Agreed<'a> {
    pub lease: u64,
    pub group: &'a GroupSpec,
    pub denom: &'a Denom,
    /// Before and after.
    pub bond: (Uint128, Uint128),
}

/// A lease, the hash of what its tenant proposes, and why not.
pub type Declined = (u64, String, Skip);

/// The first proposal that is worth it, one a plan, so that two never share the same room; and those that are not, with the reason.
pub fn consider(seen: &Observed) -> (Option<(Tx, Agreed<'_>)>, Vec<Declined>) {
    let mut agreed = None;
    let mut declined = Vec::new();
    for my in &seen.leases {
        let Some(proposed) = &my.proposed else {
            continue;
        };
        match check(seen, my, proposed) {
            Ok(agreement) if agreed.is_none() => {
                let accept = Tx::AcceptChange {
                    lease: my.lease.id,
                    change: proposed.hash.to_hex(),
                };
                agreed = Some((accept, agreement));
            }
            Ok(_) => {}
            Err(skip) => declined.push((my.lease.id, proposed.hash.to_hex(), skip)),
        }
    }
    (agreed, declined)
}

fn check<'a>(
    seen: &'a Observed,
    my: &'a MyLease,
    proposed: &'a Proposed,
) -> Result<Agreed<'a>, Skip> {
    let change = &proposed.change;
    let group = change.spec.as_ref().unwrap_or(&my.group);
    if seen.hot.standing == Standing::Draining {
        return Err(Skip::Draining);
    }
    let GroupSpec {
        requirements,
        resources,
        ..
    } = group;
    let (capability, audits) = (&seen.capability, &seen.audits);
    eligible(requirements, resources, capability, audits, seen.now)?;
    let floor = proposed.ask.clone().map_err(Skip::Price)?.floor;
    if change.rate < floor {
        let limit = change.rate;
        return Err(Skip::TooDear { floor, limit });
    }
    if let Some(missing) = lacks(seen, my, group) {
        return Err(Skip::Capacity(missing));
    }
    let bond = money::bond(change.rate, seen.market.bond_seconds)?;
    let denom = &my.lease.denom;
    let locked = seen.locked.get(&denom.key()).copied().unwrap_or_default();
    let others = locked.saturating_sub(my.lease.bond);
    let free = seen.hot.collateral_in(denom).saturating_sub(others);
    if bond > free {
        return Err(Skip::Collateral {
            denom: denom.clone(),
            needed: bond,
            free,
        });
    }
    Ok(Agreed {
        lease: my.lease.id,
        group,
        denom,
        bond: (my.lease.bond, bond),
    })
}

/// What is missing for a lease to ask for this. On the standing offer it has the room that it took, and no other.
fn lacks(seen: &Observed, my: &MyLease, group: &GroupSpec) -> Option<String> {
    if !shelf::holds(seen, my) {
        return room_without(seen, my.lease.id).lacks(group);
    }
    if cards(group).ne(cards(&my.group)) {
        return Some("other cards than the lease took of the standing offer".into());
    }
    let held = Resources::of_group(&my.group);
    let (what, asked, held) = Resources::of_group(group).first_above(&held)?;
    Some(format!(
        "{what}: {asked}, the lease took {held} of the standing offer"
    ))
}

fn cards(group: &GroupSpec) -> impl Iterator<Item = (&GpuRequirement, u32)> {
    let units = group.resources.iter();
    units.filter_map(|unit| Some((unit.gpu.as_ref()?, unit.count)))
}

/// What all but one lease take of the room that is not offered.
fn room_without(seen: &Observed, lease: u64) -> Ledger<'_> {
    let mut ledger = Ledger::new(seen.capacity, &seen.cards);
    let others = shelf::others(seen).filter(|my| my.lease.id != lease);
    for group in others.map(|my| &my.group).chain(promised(seen)) {
        ledger.take(group);
    }
    ledger
}
