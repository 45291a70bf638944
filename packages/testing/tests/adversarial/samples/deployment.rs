use leasehold_api::deployment::{ExecuteMsg as DeploymentMsg, GroupRequest};
use leasehold_api::market::Exit;
use leasehold_api::AuctionMode;
use leasehold_testing::verbs::{rate, small_group, taking};
use leasehold_testing::world::RENT;

use super::Samples;
use crate::stage::Stage;
use crate::RATE;

pub fn fill(stage: &Stage, samples: &mut Samples) {
    let tenant = &stage.tenant;
    let min_rate = Some(rate(1));
    let group = |name: &str, auction| GroupRequest {
        auction: Some(auction),
        exit: Some(Exit {
            notice: 60,
            compensation_bps: 100,
        }),
        max_duration: Some(100),
        ..small_group(name, RATE).into()
    };
    let create = DeploymentMsg::Create {
        groups: vec![
            group("a", AuctionMode::Dutch { min_rate }),
            group("b", AuctionMode::Open { auto_after: None }),
            GroupRequest {
                offer: Some(taking(stage.offer, RATE)),
                ..small_group("c", RATE).into()
            },
            GroupRequest {
                starts_at: Some(stage.world.now() + 100),
                ..small_group("d", RATE).into()
            },
        ],
        manifest_hash: vec![1; 32].into(),
        denom: stage.world.rent_denom(),
        account: Some(stage.account),
    };
    samples.paid(tenant, create, (1_000, RENT));
    let deployment_id = stage.leased;
    let update = DeploymentMsg::Update {
        deployment_id,
        manifest_hash: vec![2; 32].into(),
    };
    samples.add(tenant, update);
    samples.add(tenant, DeploymentMsg::Close { deployment_id });
    let prune = DeploymentMsg::Prune {
        deployment_id: stage.bare,
    };
    samples.add(&stage.mallory, prune);
    let group = 0;
    let pause = DeploymentMsg::PauseGroup {
        deployment_id,
        group,
    };
    samples.add(tenant, pause);
    let propose = DeploymentMsg::ProposeChange {
        deployment_id,
        group,
        rate: rate(RATE / 2),
        spec: Some(small_group("group0", 2 * RATE)),
        manifest_hash: Some(vec![3; 32].into()),
        expires_at: stage.world.now() + 10,
    };
    samples.add(tenant, propose);
    let withdraw = DeploymentMsg::WithdrawChange {
        deployment_id,
        group,
    };
    samples.add(tenant, withdraw);
    let accept = DeploymentMsg::AcceptChange {
        deployment_id,
        group,
        change: stage
            .world
            .proposed(deployment_id, group)
            .expect("proposed"),
    };
    let [one, ..] = &stage.providers;
    samples.add(one, accept);
    let deployment_id = stage.paused;
    let start = DeploymentMsg::StartGroup {
        deployment_id,
        group,
    };
    samples.add(tenant, start);
    let transfer = DeploymentMsg::Transfer {
        deployment_id: stage.apart,
        new_owner: stage.heir.to_string(),
    };
    samples.add(tenant, transfer);
}
