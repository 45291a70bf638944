//! Removing what ended long ago, and trying to with everything else.

use leasehold_api::deployment::NEXT_DEPLOYMENT;
use rand::Rng;

use super::Life;

/// Deployments that are tried in a row.
const TRIES: u64 = 8;

impl Life {
    /// All that may go of the first of some deployments of which anything may.
    pub(super) fn prune(&mut self) -> (&'static str, anyhow::Result<()>) {
        let next = self.next(&self.world.suite.deployment.clone(), NEXT_DEPLOYMENT);
        let first = self.dice.gen_range(1..=next);
        for id in first..first + TRIES {
            if let Some(pruned) = self.prune_all_of(id) {
                return (pruned, Ok(()));
            }
        }
        ("prune", Err(anyhow::anyhow!("nothing may go")))
    }

    fn prune_all_of(&mut self, id: u64) -> Option<&'static str> {
        let who = self.anyone();
        let mut pruned = None;
        for group in 0..3 {
            if self.world.prune(&who, id * 8 + group).is_ok() {
                pruned = Some("prune");
            }
        }
        match self.world.prune_deployment(&who, id) {
            Ok(_) => Some("prune_deployment"),
            Err(_) => pruned,
        }
    }
}
