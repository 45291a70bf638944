//! Removing what ended long ago, and trying to with everything else.

use leasehold_api::deployment::NEXT_DEPLOYMENT;
use rand::Rng;

use super::Life;

impl Life {
    /// All that may go of some deployment.
    pub(super) fn prune(&mut self) -> (&'static str, anyhow::Result<()>) {
        let next = self.next(&self.world.suite.deployment.clone(), NEXT_DEPLOYMENT);
        let (who, id) = (self.anyone(), self.dice.gen_range(1..=next));
        let mut pruned = 0;
        for group in 0..3 {
            if self.world.prune(&who, id * 8 + group).is_ok() {
                pruned += 1;
            }
        }
        let gone = self.world.prune_deployment(&who, id);
        match gone {
            Err(_) if pruned > 0 => ("prune", Ok(())),
            gone => ("prune_deployment", gone.map(|_| ())),
        }
    }
}
