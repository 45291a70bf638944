//! What a deployment would cost, before anyone pays.

use comfy_table::Table;
use leasehold_api::{Denom, GroupSpec, ResourceUnit};
use serde::Serialize;

use crate::output::{self, HOUR, MONTH};

/// The most that a file can cost, and what is paid in to start.
#[derive(Serialize)]
pub struct Plan {
    pub groups: Vec<GroupSpec>,
    pub denom: Denom,
    /// Scaled units per second at the maximum prices.
    pub max_rate: u128,
    pub deposit: u128,
    /// Of a reservation: whole units that are kept back until it starts.
    pub set_aside: u128,
    /// Of jobs: seconds that are paid ahead.
    pub duration: Option<u64>,
}

impl Plan {
    pub fn table(&self) -> Table {
        let rows = self.groups.iter().flat_map(|group| {
            group.resources.iter().map(|unit| {
                let rate = unit.rate.u128() * u128::from(unit.count);
                [
                    group.name.clone(),
                    unit.count.to_string(),
                    format!("{:.2}", f64::from(unit.cpu) / 1_000.0),
                    output::bytes(unit.memory),
                    output::bytes(unit.storage.iter().map(|volume| volume.bytes).sum()),
                    gpu(unit),
                    output::rent(rate, HOUR),
                    output::rent(rate, MONTH),
                ]
            })
        });
        let hour = format!("{} per hour, at most", self.denom);
        let month = format!("{} per month, at most", self.denom);
        output::table(
            [
                "group", "replicas", "cpu", "memory", "storage", "gpu", &hour, &month,
            ],
            rows,
        )
    }

    /// Seconds that the deposit lasts at the maximum price, without what is set aside.
    pub fn lasts(&self) -> u64 {
        let spent = self.deposit.saturating_sub(self.set_aside);
        let seconds = spent.saturating_mul(leasehold_api::SCALE) / self.max_rate.max(1);
        u64::try_from(seconds).unwrap_or(u64::MAX)
    }
}

fn gpu(unit: &ResourceUnit) -> String {
    let Some(gpu) = &unit.gpu else {
        return "-".into();
    };
    let models: Vec<&str> = gpu
        .models
        .iter()
        .map(|model| model.model.as_deref().unwrap_or(&model.vendor))
        .collect();
    match models.as_slice() {
        [] => gpu.count.to_string(),
        models => format!("{} × {}", gpu.count, models.join(" or ")),
    }
}
