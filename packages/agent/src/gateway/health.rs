//! What watchers ask: does this provider know the lease, and does what runs its workloads answer?

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::Json;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{Gateway, Refusal};
use crate::runtime::Runtime;

/// How long an answer of the runtime is good: anyone may ask for the health, the runtime is asked this seldom.
const FRESH: Duration = Duration::from_secs(2);
/// A runtime that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Public. The tenant's own faults are not told apart here: a workload whose image cannot start, whose manifest never came or whose account
/// ran dry is no failure of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseHealth {
    pub lease: u64,
    pub provider: String,
}

/// Whether the runtime answers, asked once for many.
#[derive(Default)]
pub struct Pulse(Mutex<Option<(Instant, bool)>>);

impl Pulse {
    pub async fn beats(&self, runtime: &dyn Runtime) -> bool {
        // Those that come meanwhile wait for the same answer.
        let mut last = self.0.lock().await;
        if let Some((at, beats)) = *last {
            if at.elapsed() < FRESH {
                return beats;
            }
        }
        let beats = match tokio::time::timeout(PATIENCE, runtime.list()).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the runtime does not answer for the health of leases");
                false
            }
            Err(_) => {
                tracing::warn!("the runtime is too slow to answer for the health of leases");
                false
            }
        };
        *last = Some((Instant::now(), beats));
        beats
    }
}

/// # Errors
/// [`Refusal::NotFound`] for what is no active lease of this provider as of the last block; [`Refusal::Unwell`].
pub async fn lease_health(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<u64>,
) -> Result<Json<LeaseHealth>, Refusal> {
    if !gateway.view.borrow().leases.contains(&id) {
        return Err(Refusal::NotFound { what: "lease", id });
    }
    if !gateway.pulse.beats(gateway.runtime.as_ref()).await {
        return Err(Refusal::Unwell);
    }
    Ok(Json(LeaseHealth {
        lease: id,
        provider: gateway.me.to_string(),
    }))
}
