//! What anyone may ask about a lease.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::client::Prober;
use super::super::health::Pulse;
use super::*;
use crate::runtime::{LogOptions, LogStream, Workload};

#[tokio::test]
async fn the_health_of_active_leases_is_public() {
    let tenant = key();
    let stage = stage(chain(&tenant, sdl("hello").manifest())).await;
    let prober = Prober::new(stage.contact.clone()).unwrap();
    assert_eq!(refused(prober.lease(LEASE).await).0, 404);
    let leases = BTreeSet::from([LEASE]);
    let view = View::new("localhost", HashMap::new(), vec![]).with_leases(leases);
    stage.view.send_replace(Arc::new(view));
    let health = prober.lease(LEASE).await.unwrap();
    assert_eq!((health.lease, health.provider.as_str()), (LEASE, PROVIDER));
    assert_eq!(refused(prober.lease(LEASE + 1).await).0, 404);
}

#[tokio::test]
async fn a_gateway_with_another_key_is_not_healthy() {
    let stage = stage(chain(&key(), sdl("hello").manifest())).await;
    let contact = Contact {
        tls_pin: vec![7; 32].into(),
        ..stage.contact.clone()
    };
    let answer = Prober::new(contact).unwrap().lease(LEASE).await;
    assert!(
        matches!(answer, Err(GatewayClientError::Unreachable { .. })),
        "{answer:?}"
    );
}

/// Counts how often it is asked.
struct Sick(AtomicU32);

#[async_trait]
impl Runtime for Sick {
    fn name(&self) -> &'static str {
        "sick"
    }
    async fn list(&self) -> Result<Vec<Workload>, RuntimeError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let looked_at = "nowhere".to_owned();
        Err(RuntimeError::NoEngine { looked_at })
    }
    async fn start(&self, _: &WorkloadSpec) -> Result<(), RuntimeError> {
        Ok(())
    }
    async fn suspend(&self, _: u64) -> Result<(), RuntimeError> {
        Ok(())
    }
    async fn remove(&self, _: u64) -> Result<(), RuntimeError> {
        Ok(())
    }
    async fn logs(&self, _: u64, _: LogOptions) -> Result<LogStream, RuntimeError> {
        Ok(futures::stream::empty().boxed())
    }
}

#[tokio::test]
async fn a_runtime_that_fails_is_asked_once_for_many() {
    let (sick, pulse) = (Sick(AtomicU32::new(0)), Pulse::default());
    for _ in 0..100 {
        assert!(!pulse.beats(&sick).await);
    }
    assert_eq!(sick.0.into_inner(), 1);
}
