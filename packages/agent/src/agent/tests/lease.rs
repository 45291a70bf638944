//! What a lease may have run after its tenant made it smaller.

use leasehold_api::deployment;

use super::*;
use crate::plan::Former;
use crate::runtime::{Replica, ReplicaState, Workload};
use crate::workload::seal;

/// What the plan does with a workload of this manifest that runs.
fn runs(mut seen: Observed, lease: u64, sdl: &Sdl) -> Vec<Run> {
    let replica = Replica {
        service: "web".into(),
        index: 0,
        revision: hex::encode(sdl.manifest().hash()),
        state: ReplicaState::Running,
        ports: vec![],
    };
    seen.workloads = vec![Workload {
        lease,
        replicas: vec![replica],
    }];
    plan(&seen).runs
}

impl Stage {
    /// The tenant asks for half of each, for less, with another manifest or the same; the agent agrees.
    async fn shrink(&mut self, deployment_id: u64, manifest: Option<&[u8]>) {
        let mut spec = sdl().groups().unwrap()[0].clone();
        spec.resources[0].cpu /= 2;
        spec.resources[0].memory /= 2;
        let propose = deployment::ExecuteMsg::ProposeChange {
            deployment_id,
            group: 0,
            rate: Uint128::new(40 * SCALE),
            spec: Some(spec),
            manifest_hash: manifest.map(|hash| hash.into()),
            expires_at: self.status().await.time.seconds() + 100_000,
        };
        let contract = &self.suite.deployment;
        self.tenant.execute(contract, &propose, &[]).await.unwrap();
        let seen = self.observe().await;
        let accepts = plan(&seen).txs.into_iter();
        let accepts = accepts.filter(|tx| matches!(tx, Tx::AcceptChange { .. }));
        let accepts: Vec<Tx> = accepts.collect();
        assert_eq!(accepts.len(), 1);
        self.agent.send(accepts, seen.height).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_changed_to_less_does_not_go_on_with_more() {
    for manifest in [None, Some([7; 32])] {
        let mut stage = stage(500).await;
        stage.open(1).await;
        let lease = stage.win(1).await[0];
        let sdl = sdl();
        let id = stage.agent.reader.leases(&stage.agent.me).await.unwrap()[0].deployment_id;
        let sealed = seal(sdl.manifest(), &stage.agent.identity.age_recipient()).unwrap();
        stage.agent.store.put_manifest(id, &sealed).unwrap();
        let seen = stage.observe().await;
        assert_eq!(runs(seen, lease, &sdl), [], "as paid for");

        let manifest = manifest.as_ref().map(|hash: &[u8; 32]| hash.as_slice());
        stage.shrink(id, manifest).await;
        let suspend = [Run::Suspend { lease }];
        let seen = stage.observe().await;
        assert_eq!(runs(seen, lease, &sdl), suspend);
        // A new run of the agent knows it from the store.
        stage.agent.specs.clear();
        let seen = stage.observe().await;
        assert_eq!(seen.leases[0].wanted, Err(Former::Unpaid));
        assert_eq!(runs(seen, lease, &sdl), suspend);

        stage.agent.store.put_manifest(id, b"rubbish").unwrap();
        let seen = stage.observe().await;
        assert_eq!(runs(seen, lease, &sdl), [], "an operator that lost its key");
    }
}
