//! Jobs, and changes of what runs.

use anyhow::Context as _;
use cosmwasm_std::Addr;
use leasehold_api::deployment::{group_of, ExecuteMsg as DeploymentMsg};
use leasehold_api::market::{order_of, LeaseResponse};
use rand::Rng;

use super::Life;
use crate::verbs::small_group;

impl Life {
    pub(super) fn create_job(&mut self) -> anyhow::Result<()> {
        let (who, provider) = (self.tenant(), self.provider());
        let deposit = self.dice.gen_range(1..=4_000);
        let account = self.world.open_account(&who, deposit)?;
        let (units, seconds) = (self.dice.gen_range(1..=30), self.dice.gen_range(1..=60));
        let id = self.world.create_job(&who, account, units, seconds)?;
        if self.dice.gen_ratio(2, 3) {
            self.world.claim(&provider, id * 8)?;
        }
        Ok(())
    }

    /// A tenant proposes, its provider (or another) accepts what stands (or stood).
    pub(super) fn change_action(&mut self) -> (&'static str, anyhow::Result<()>) {
        let running: Vec<u64> = self.running().iter().map(|lease| lease.id).collect();
        let lease = match running.is_empty() {
            true => self.lease(),
            false => *self.pick(&running),
        };
        let (deployment, group) = group_of(order_of(lease));
        let owner = self.owner(order_of(lease));
        match self.dice.gen_range(0..10) {
            8 | 9 => ("finish", self.finish()),
            0 | 6 => {
                let withdraw = DeploymentMsg::WithdrawChange {
                    deployment_id: deployment,
                    group,
                };
                let withdrawn = self.world.deployment_call(&owner, &withdraw, 0);
                ("withdraw_change", withdrawn.map(|_| ()))
            }
            1 | 2 => ("propose_change", self.propose(deployment, group)),
            3..=5 => {
                let holder = self.holder(lease);
                ("accept_change", self.agree(&holder, deployment, group))
            }
            _ => {
                let who = match self.dice.gen_ratio(1, 6) {
                    true => self.provider(),
                    false => self.holder(lease),
                };
                ("accept_change", self.accept_change(&who, deployment, group))
            }
        }
    }

    fn propose(&mut self, deployment: u64, group: u32) -> anyhow::Result<()> {
        let owner = self.owner(deployment * 8);
        let units = self.dice.gen_range(0..=50);
        let groups = self.world.deployment(deployment)?.groups;
        let name = groups.get(group as usize).map(|g| g.spec.name.clone());
        let most = self.dice.gen_range(1..=60);
        let other = self.dice.gen_ratio(1, 2);
        let spec = name.filter(|_| other).map(|name| small_group(&name, most));
        self.world.propose(&owner, deployment, group, units, spec)?;
        Ok(())
    }

    fn accept_change(&mut self, who: &Addr, deployment: u64, group: u32) -> anyhow::Result<()> {
        let read = self.world.proposed(deployment, group)?;
        if self.dice.gen_ratio(1, 8) {
            self.propose(deployment, group)?;
        }
        self.world.accept_change(who, deployment, group, read)?;
        Ok(())
    }

    fn agree(&mut self, who: &Addr, deployment: u64, group: u32) -> anyhow::Result<()> {
        self.propose(deployment, group)?;
        let read = self.world.proposed(deployment, group)?;
        self.world.accept_change(who, deployment, group, read)?;
        Ok(())
    }

    /// A passer-by ends a job that is over.
    fn finish(&mut self) -> anyhow::Result<()> {
        let (who, now) = (self.world.stranger.clone(), self.world.now());
        let running = self.running();
        let over = running.iter().find(|l| l.until.is_some_and(|at| at <= now));
        let lease = over.context("no job is over")?;
        self.world.end_lease(&who, lease.id)?;
        Ok(())
    }

    fn running(&self) -> Vec<LeaseResponse> {
        let providers = self.world.providers.iter();
        providers.flat_map(|who| self.active(who)).collect()
    }
}
