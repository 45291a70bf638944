//! What the parties do to change a running lease.

use anyhow::{Context as _, Result};
use cosmwasm_std::{Addr, Checksum};
use cw_multi_test::AppResponse;
use leasehold_api::deployment;
use leasehold_api::GroupSpec;

use super::rate;
use crate::world::World;

impl World {
    /// Proposes `units` per second for a leased group, and other resources if given; good for 100 seconds.
    pub fn propose(
        &mut self,
        who: &Addr,
        deployment_id: u64,
        group: u32,
        units: u128,
        spec: Option<GroupSpec>,
    ) -> Result<AppResponse> {
        let propose = deployment::ExecuteMsg::ProposeChange {
            deployment_id,
            group,
            rate: rate(units),
            spec,
            manifest_hash: None,
            expires_at: self.now() + 100,
        };
        self.deployment_call(who, &propose, 0)
    }

    /// What the provider of a group's lease would accept now.
    pub fn proposed(&self, deployment: u64, group: u32) -> Result<Checksum> {
        let groups = self.deployment(deployment)?.groups;
        let found = groups.into_iter().find(|g| g.group == group);
        let change = found.and_then(|group| group.change);
        Ok(change.context("a proposal")?.hash)
    }

    pub fn accept_change(
        &mut self,
        who: &Addr,
        deployment_id: u64,
        group: u32,
        change: Checksum,
    ) -> Result<AppResponse> {
        let accept = deployment::ExecuteMsg::AcceptChange {
            deployment_id,
            group,
            change,
        };
        self.deployment_call(who, &accept, 0)
    }
}
