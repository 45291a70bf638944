//! What a group costs here: a formula over its resources, or the operator's own script.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use cosmwasm_std::{Decimal, Uint128};
use leasehold_api::rules::resources::MAX_RATE;
use leasehold_api::{Denom, GroupSpec, ResourceUnit, BPS, SCALE};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// As Akash gives its scripts.
const SCRIPT_LIMIT: Duration = Duration::from_secs(10);
/// Akash's price unit: decimals of the denom per block of 6.5 s.
const BLOCK_MS: u128 = 6_500;

/// Prices in one denom, scaled units (10⁻¹² of the smallest) per second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    pub denom: Denom,
    /// Per core.
    pub cpu: Uint128,
    /// Per GiB.
    pub memory: Uint128,
    /// Per GiB, all classes.
    #[serde(default)]
    pub storage: Uint128,
    /// Per card.
    #[serde(default)]
    pub gpu: Uint128,
    /// The first bid is this much above the lowest, basis points.
    #[serde(default)]
    pub markup_bps: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// At most one tariff per denom; orders in another denom are not served.
    Tariffs(Vec<Tariff>),
    /// A program with the contract of Akash's price scripts: JSON `{resources, price: {denom, amount}, price_precision}` on stdin, the
    /// price on stdout, both in units per 6.5 s for the whole group. `AKASH_OWNER` and `AKASH_DENOM` are set. At most 10 s.
    Script(PathBuf),
}

/// Scaled per second for the whole group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Below this it is not worth it.
    pub floor: Uint128,
    /// What is asked first.
    pub first: Uint128,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    #[error("no tariff in {0}")]
    Denom(Denom),
    #[error("the price is out of range: above 0, at most 10^28 scaled units per second")]
    Range,
    #[error("there was no time to ask for it yet")]
    Later,
    #[error("price script {script}: {reason}")]
    Script { script: PathBuf, reason: String },
}

impl Pricing {
    /// # Errors
    /// [`PriceError`]; the order is then not served.
    pub async fn ask(
        &self,
        denom: &Denom,
        tenant: &str,
        max_rate: Uint128,
        group: &GroupSpec,
    ) -> Result<Ask, PriceError> {
        match self {
            Self::Tariffs(tariffs) => {
                let tariff = tariffs.iter().find(|tariff| tariff.denom == *denom);
                tariff
                    .ok_or_else(|| PriceError::Denom(denom.clone()))?
                    .ask(group)
            }
            Self::Script(path) => {
                let rate = run_script(path, denom, tenant, max_rate, group).await?;
                Ok(Ask {
                    floor: rate,
                    first: rate,
                })
            }
        }
    }
}

impl Tariff {
    /// Floor: Σ over units of count · (cores · cpu + GiB · memory + GiB · storage + cards · gpu), rounded up. First: with the markup.
    ///
    /// # Errors
    /// [`PriceError::Range`].
    pub fn ask(&self, group: &GroupSpec) -> Result<Ask, PriceError> {
        let units = group.resources.iter().map(|unit| self.unit(unit));
        let floor = units
            .sum::<Option<u128>>()
            .filter(|rate| (1..=MAX_RATE).contains(rate))
            .ok_or(PriceError::Range)?;
        let first = floor
            .checked_mul(BPS + u128::from(self.markup_bps))
            .map(|marked| marked.div_ceil(BPS))
            .ok_or(PriceError::Range)?;
        Ok(Ask {
            floor: Uint128::new(floor),
            first: Uint128::new(first),
        })
    }

    fn unit(&self, unit: &ResourceUnit) -> Option<u128> {
        const GIB: u128 = 1 << 30;
        let part = |rate: Uint128, amount: u128, per: u128| {
            Some(rate.u128().checked_mul(amount)?.div_ceil(per))
        };
        let storage: u128 = unit
            .storage
            .iter()
            .map(|volume| u128::from(volume.bytes))
            .sum();
        let cards = unit.gpu.as_ref().map_or(0, |gpu| u128::from(gpu.count));
        [
            part(self.cpu, unit.cpu.into(), 1000)?,
            part(self.memory, unit.memory.into(), GIB)?,
            part(self.storage, storage, GIB)?,
            part(self.gpu, cards, 1)?,
        ]
        .into_iter()
        .try_fold(0_u128, u128::checked_add)?
        .checked_mul(unit.count.into())
    }
}

async fn run_script(
    script: &Path,
    denom: &Denom,
    tenant: &str,
    max_rate: Uint128,
    group: &GroupSpec,
) -> Result<Uint128, PriceError> {
    let failed = |reason: String| PriceError::Script {
        script: script.to_owned(),
        reason,
    };
    let request = script_request(denom, max_rate, group).to_string();
    let run = async {
        let mut child = Command::new(script)
            .env("AKASH_OWNER", tenant)
            .env("AKASH_DENOM", denom.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            match stdin.write_all(request.as_bytes()).await {
                // A script need not read what it is told.
                Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => return Err(e),
                _ => {}
            }
        }
        child.wait_with_output().await
    };
    let output = tokio::time::timeout(SCRIPT_LIMIT, run)
        .await
        .map_err(|_| failed(format!("no answer within {} s", SCRIPT_LIMIT.as_secs())))?
        .map_err(|e| failed(e.to_string()))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(failed(format!("{}: {}", output.status, stderr.trim())));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let price: Decimal = text.trim().parse().map_err(|_| {
        failed(format!(
            "`{}` is not a price, allowed: a decimal number",
            text.trim()
        ))
    })?;
    per_second(price).ok_or(PriceError::Range)
}

/// Units per 6.5 s to scaled units per second, rounded up.
fn per_second(price: Decimal) -> Option<Uint128> {
    // Decimal counts in 10⁻¹⁸.
    let scaled = price.atomics().u128() / 10_u128.pow(6);
    let rate = scaled.checked_mul(1000)?.div_ceil(BLOCK_MS);
    (1..=MAX_RATE).contains(&rate).then(|| Uint128::new(rate))
}

fn script_request(denom: &Denom, max_rate: Uint128, group: &GroupSpec) -> Value {
    let resources: Vec<_> = group.resources.iter().map(script_resource).collect();
    // Below 10^28 · 6500: far from 128 bits.
    let per_block = max_rate.u128().saturating_mul(BLOCK_MS) / 1000;
    let amount = format!("{}.{:012}", per_block / SCALE, per_block % SCALE);
    json!({
        "resources": resources,
        "price": { "denom": denom.to_string(), "amount": amount },
        "price_precision": 12,
    })
}

/// Akash's field names: cpu in milli-cores, memory and storage in bytes.
fn script_resource(unit: &ResourceUnit) -> Value {
    let storage: Vec<_> = unit
        .storage
        .iter()
        .map(|v| json!({ "class": v.class.as_deref().unwrap_or("ephemeral"), "size": v.bytes }))
        .collect();
    let gpu = unit.gpu.as_ref().map(|gpu| {
        let models: Vec<_> = gpu
            .models
            .iter()
            .map(|m| json!({ "vendor": m.vendor, "model": m.model, "ram_mib": m.vram_mib, "interface": m.interface }))
            .collect();
        json!({ "units": gpu.count, "models": models })
    });
    json!({
        "cpu": unit.cpu,
        "memory": unit.memory,
        "storage": storage,
        "gpu": gpu,
        "count": unit.count,
        "endpoint_quantity": unit.endpoints.len(),
        "ip_lease_quantity": unit.endpoints.iter().filter(|e| **e == leasehold_api::Endpoint::LeasedIp).count(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use leasehold_api::{GpuRequirement, Requirements, Volume};
    use std::os::unix::fs::PermissionsExt;

    fn units(whole: u128) -> Uint128 {
        Uint128::new(whole * SCALE)
    }

    fn group() -> GroupSpec {
        let disk = Volume {
            name: "default".into(),
            bytes: 4 << 30,
            class: None,
            persistent: false,
        };
        GroupSpec {
            name: "g".into(),
            requirements: Requirements::default(),
            resources: vec![ResourceUnit {
                cpu: 1_500,
                memory: 2 << 30,
                storage: vec![disk],
                gpu: Some(GpuRequirement {
                    count: 1,
                    models: vec![],
                }),
                endpoints: vec![],
                count: 2,
                rate: units(1_000),
            }],
        }
    }

    fn denom() -> Denom {
        Denom::Native("uakt".into())
    }

    fn tariff() -> Tariff {
        Tariff {
            denom: denom(),
            cpu: units(10),
            memory: units(3),
            storage: units(1),
            gpu: units(100),
            markup_bps: 500,
        }
    }

    #[test]
    fn the_formula_counts_every_resource_of_every_replica() {
        let ask = tariff().ask(&group()).unwrap();
        assert_eq!(ask.floor, units(2 * (15 + 6 + 4 + 100)));
        assert_eq!(ask.first.u128(), ask.floor.u128() * 105 / 100);
    }

    #[test]
    fn fractions_round_up_and_nothing_is_free() {
        let cheap = Tariff {
            cpu: Uint128::one(),
            memory: Uint128::zero(),
            storage: Uint128::zero(),
            gpu: Uint128::zero(),
            ..tariff()
        };
        assert_eq!(cheap.ask(&group()).unwrap().floor, Uint128::new(4));
        let free = Tariff {
            cpu: Uint128::zero(),
            ..cheap.clone()
        };
        assert_eq!(free.ask(&group()), Err(PriceError::Range));
        let vast = Tariff {
            cpu: Uint128::MAX,
            ..cheap
        };
        assert_eq!(vast.ask(&group()), Err(PriceError::Range));
    }

    #[tokio::test]
    async fn an_order_in_a_denom_without_tariff_has_no_price() {
        let other = Denom::Native("uother".into());
        let pricing = Pricing::Tariffs(vec![tariff()]);
        let ask = pricing.ask(&other, "t", units(1), &group()).await;
        assert_eq!(ask, Err(PriceError::Denom(other)));
    }

    async fn scripted(body: &str) -> Result<Ask, PriceError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("price.sh");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        let pricing = Pricing::Script(path);
        loop {
            match pricing
                .ask(&denom(), "wasm1tenant", units(1_000), &group())
                .await
            {
                // Another test's fork may still hold the new file open for writing.
                Err(PriceError::Script { reason, .. }) if reason.contains("Text file busy") => {}
                other => return other,
            }
        }
    }

    #[tokio::test]
    async fn a_script_sees_the_order_and_names_the_price_per_block() {
        let check = r#"in=$(cat); case "$in" in *'"cpu":1500'*'"count":2'*|*'"count":2'*'"cpu":1500'*) ;; *) exit 1;; esac
case "$in" in *'"amount":"6500.000000000000"'*) ;; *) exit 2;; esac
[ "$AKASH_OWNER$AKASH_DENOM" = wasm1tenantuakt ] && echo 65.5"#;
        let ask = scripted(check).await.unwrap();
        assert_eq!(ask.floor.u128(), (65_500 * SCALE).div_ceil(6_500));
        assert_eq!(ask.floor, ask.first);
    }

    #[tokio::test]
    async fn a_script_that_fails_or_rambles_sets_no_price() {
        for (body, expected) in [
            ("echo no >&2; exit 3", "no"),
            ("echo cheap", "not a price"),
            ("echo -5", "not a price"),
        ] {
            let Err(PriceError::Script { reason, .. }) = scripted(body).await else {
                panic!("{body}");
            };
            assert!(reason.contains(expected), "{reason}");
        }
        assert_eq!(scripted("echo 0").await, Err(PriceError::Range));
    }
}
