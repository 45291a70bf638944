//! What should run, stop or go.

use std::collections::BTreeSet;

use super::{MyLease, Observed, Run};
use crate::runtime::{Replica, ReplicaState, Workload};

/// What is known of a workload whose present manifest is not at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Former {
    /// Nothing: no manifest is kept here, or the key to it is lost.
    Unknown,
    /// Of this revision it takes no more than is paid for now.
    Paid(String),
    /// It takes more, since a change of the lease.
    Unpaid,
}

impl Former {
    fn goes_on(&self, workload: &Workload) -> bool {
        let up = |r: &&Replica| r.state == ReplicaState::Running;
        match self {
            Self::Unknown => true,
            Self::Paid(revision) => {
                let mut running = workload.replicas.iter().filter(up);
                running.all(|replica| replica.revision == *revision)
            }
            Self::Unpaid => !workload.any_running(),
        }
    }
}

pub fn runs(seen: &Observed) -> Vec<Run> {
    let workload = |lease: u64| seen.workloads.iter().find(|w| w.lease == lease);
    let leases = || seen.leases.iter().filter(|my| !my.is_over(seen.now));
    let active: BTreeSet<u64> = leases().map(|my| my.lease.id).collect();
    let orphans = seen.workloads.iter().filter(|w| !active.contains(&w.lease));
    let orphans = orphans.map(|w| Run::Remove { lease: w.lease });
    let own = leases().filter_map(|my| run(my, workload(my.lease.id), seen.now));
    orphans.chain(own).collect()
}

/// After an update the old workload goes on until the new manifest comes, but not with more than is paid for: a tenant could have its lease
/// changed to less and never send what fits it.
fn run(my: &MyLease, workload: Option<&Workload>, now: u64) -> Option<Run> {
    let lease = my.lease.id;
    if my.dry_at(now).is_some() {
        return workload
            .filter(|w| w.any_running())
            .map(|_| Run::Suspend { lease });
    }
    let wanted = match &my.wanted {
        Ok(wanted) => wanted,
        Err(former) => {
            let unpaid = workload.filter(|w| !former.goes_on(w));
            return unpaid.map(|_| Run::Suspend { lease });
        }
    };
    let complete = |w: &Workload| {
        w.running(&wanted.revision) == wanted.replicas && w.replicas.len() == wanted.replicas
    };
    (!workload.is_some_and(complete)).then_some(Run::Start { lease })
}
