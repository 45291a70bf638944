//! Jobs, and changes of what runs.

use anyhow::{Context as _, Result};
use cosmwasm_std::{from_json, Addr, Binary, Checksum};
use cw_multi_test::AppResponse;
use leasehold_api::deployment::{self, GroupRequest};
use leasehold_api::{AuctionMode, GroupSpec};

use super::{rate, small_group};
use crate::world::World;

impl World {
    /// A deployment of one job of `seconds` at `units` per second, for the first provider that claims it, on `account`; answers its id.
    pub fn create_job(
        &mut self,
        who: &Addr,
        account: u64,
        units: u128,
        seconds: u64,
    ) -> Result<u64> {
        let msg = deployment::ExecuteMsg::Create {
            groups: vec![GroupRequest {
                auction: Some(AuctionMode::Dutch {
                    min_rate: Some(rate(units)),
                }),
                max_duration: Some(seconds),
                ..small_group("job", units).into()
            }],
            manifest_hash: Binary::from(vec![1; 32]),
            denom: self.rent_denom(),
            account: Some(account),
        };
        let response = self.deployment_call(who, &msg, 0)?;
        Ok(from_json(
            response.data.context("create answers with the id")?,
        )?)
    }

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
