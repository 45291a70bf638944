//! Standing offers: what a provider sells at posted prices, what a group would take of it, and how much of it is taken.
//!
//! Sizes count in whole MiB, each replica's memory and volume rounded up by itself, so that a price is an exact sum of products.

use std::iter::repeat;

use cosmwasm_schema::{cw_serde, schemars};
use cosmwasm_std::Uint128;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::auction::within;
use crate::error::{overflow, RuleError};
use crate::matching::suits;
use crate::resources::{
    at_most, text, Endpoint, GpuInventory, GpuRequirement, ResourceUnit, MAX_GPU_KINDS, MAX_RATE,
};

/// Most storage classes of one offer, ephemeral disk among them.
pub const MAX_STORAGE_CLASSES: usize = 8;

/// How much there is of one resource, and what one of it costs.
#[cw_serde]
#[derive(Copy, Default, Eq, PartialOrd, Ord)]
pub struct Stock {
    /// Milli-cores, MiB or addresses.
    #[serde(rename = "n")]
    pub amount: u64,
    /// Scaled per second for each of them. 0 to 10²⁸.
    #[serde(rename = "p")]
    pub price: Uint128,
}

#[cw_serde]
#[derive(Eq, PartialOrd, Ord)]
pub struct StorageStock {
    /// Absent: ephemeral disk.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// MiB.
    #[serde(rename = "s")]
    pub stock: Stock,
}

#[cw_serde]
#[derive(Eq, PartialOrd, Ord)]
pub struct GpuStock {
    /// The kind of card; its count is how many there are, 0 to 100 000.
    #[serde(rename = "g")]
    pub gpu: GpuInventory,
    /// Scaled per second for each card. 0 to 10²⁸.
    #[serde(rename = "p")]
    pub price: Uint128,
}

/// What an offer sells. Its storage classes and kinds of card, in their order, stay what they are for the offer's life.
#[cw_serde]
#[derive(Eq, PartialOrd, Ord)]
pub struct Goods {
    /// Milli-cores. Its price or memory's is above zero, so that nothing is free.
    #[serde(rename = "c")]
    pub cpu: Stock,
    /// MiB.
    #[serde(rename = "m")]
    pub memory: Stock,
    /// At most 8, each class once.
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<StorageStock>,
    /// At most 8, each kind once. A unit gets the cheapest kind that suits it, the first of these when several cost the same.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<GpuStock>,
    /// Leased addresses.
    #[serde(rename = "i", default, skip_serializing_if = "Stock::is_none")]
    pub ips: Stock,
    /// Scaled per second for each HTTP or port endpoint, which are not counted. 0 to 10²⁸.
    #[serde(rename = "e", default, skip_serializing_if = "Uint128::is_zero")]
    pub endpoint: Uint128,
}

/// Amounts of an offer's goods: cpu, memory, addresses, then its storage classes and its kinds of card, in their order. Empty for nothing.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[schemars(crate = "cosmwasm_schema::schemars")]
pub struct Usage(pub Vec<u64>);

/// What a group takes of an offer, and what that costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    pub usage: Usage,
    /// Scaled per second for the whole group, at least 1.
    pub rate: Uint128,
}

impl Stock {
    fn is_none(&self) -> bool {
        *self == Stock::default()
    }
}

impl Goods {
    /// Checks every cap and bound.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), RuleError> {
        at_most("storage classes", self.storage.len(), MAX_STORAGE_CLASSES)?;
        at_most("gpu kinds", self.gpus.len(), MAX_GPU_KINDS)?;
        // At most MAX_STORAGE_CLASSES classes.
        for StorageStock { class, .. } in &self.storage {
            text("storage class", class.as_deref().unwrap_or("ephemeral"))?;
        }
        // At most MAX_GPU_KINDS kinds.
        for GpuStock { gpu, .. } in &self.gpus {
            text("gpu vendor", &gpu.vendor)?;
            text("gpu model", &gpu.model)?;
            text("gpu interface", &gpu.interface)?;
            within("gpu count", gpu.count, 0..=100_000)?;
        }
        let names: Vec<String> = self.names().collect();
        if let Some((_, twice)) = (0..)
            .zip(&names)
            .find(|(i, n)| names.iter().take(*i).any(|m| m == *n))
        {
            return Err(RuleError::range("offered resource", twice, "each once"));
        }
        let prices = self.stocks().map(|stock| stock.price);
        for price in prices.chain([self.endpoint]) {
            within("price", price.u128(), 0..=MAX_RATE)?;
        }
        if self.cpu.price.is_zero() && self.memory.price.is_zero() {
            let allowed = "above zero for one of them";
            return Err(RuleError::range("price of cpu and memory", 0, allowed));
        }
        Ok(())
    }

    /// What replicas of these units take, and its price: Σ price · amount, exact. Depends on prices alone, not on what is left.
    ///
    /// # Errors
    /// [`RuleError::NotOffered`] naming what is not among these goods; [`RuleError::Overflow`].
    pub fn portion(&self, resources: &[ResourceUnit]) -> Result<Portion, RuleError> {
        let usage = self.usage(resources)?;
        let shared = sum(resources, |unit| endpoints(unit, false))?;
        let rate = self
            .stocks()
            .map(|stock| stock.price)
            .zip(usage.padded())
            .chain([(self.endpoint, shared)])
            .try_fold(0_u128, |sum, (price, amount)| {
                sum.checked_add(price.u128().checked_mul(amount.into())?)
            })
            .ok_or(overflow("price of a standing offer"))?;
        Ok(Portion {
            usage,
            rate: Uint128::new(rate),
        })
    }

    /// At most MAX_UNITS units of MAX_VOLUMES volumes, against 8 classes and 8 kinds.
    fn usage(&self, resources: &[ResourceUnit]) -> Result<Usage, RuleError> {
        let sold = |class: &Option<String>| self.storage.iter().any(|s| s.class == *class);
        let mut volumes = resources.iter().flat_map(|unit| &unit.storage);
        if let Some(volume) = volumes.find(|volume| !sold(&volume.class)) {
            return Err(not_offered(storage_name(&volume.class)));
        }
        let kinds = resources
            .iter()
            .map(|unit| unit.gpu.as_ref().map(|gpu| self.kind(gpu)).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let storage = self.storage.iter().map(|sold| {
            sum(resources, |unit| {
                let volumes = unit.storage.iter().filter(|v| v.class == sold.class);
                // At most 4 volumes of at most 2²⁵ MiB.
                volumes.map(|volume| mib(volume.bytes)).sum()
            })
        });
        let cards = (0..self.gpus.len()).map(|kind| {
            let units = resources.iter().zip(&kinds);
            let of_kind = units.filter(|(_, given)| **given == Some(kind));
            sum(of_kind.map(|(unit, _)| unit), |unit| {
                unit.gpu.as_ref().map_or(0, |gpu| gpu.count.into())
            })
        });
        [
            sum(resources, |unit| unit.cpu.into()),
            sum(resources, |unit| mib(unit.memory)),
            sum(resources, |unit| endpoints(unit, true)),
        ]
        .into_iter()
        .chain(storage)
        .chain(cards)
        .collect::<Result<_, _>>()
        .map(Usage)
    }

    /// What is taken once `usage` is, too.
    ///
    /// # Errors
    /// [`RuleError::SoldOut`] naming the first of which not enough is left; [`RuleError::Overflow`].
    pub fn take(&self, taken: &Usage, usage: &Usage) -> Result<Usage, RuleError> {
        self.stocks()
            .zip(taken.padded())
            .zip(usage.padded())
            .enumerate()
            .map(|(place, ((stock, taken), asked))| {
                let sum = taken
                    .checked_add(asked)
                    .ok_or(overflow("what is taken of a standing offer"))?;
                if sum > stock.amount {
                    return Err(RuleError::SoldOut {
                        what: self.name(place),
                        asked,
                        left: stock.amount.saturating_sub(taken),
                    });
                }
                Ok(sum)
            })
            .collect::<Result<_, _>>()
            .map(Usage)
    }

    /// What is left when `taken` is.
    pub fn left(&self, taken: &Usage) -> Usage {
        let left = self.stocks().zip(taken.padded());
        Usage(left.map(|(s, t)| s.amount.saturating_sub(t)).collect())
    }

    /// Whether these may take the place of `former` goods of which `taken` is: the same kinds, and no less of any than is taken.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the good.
    pub fn replaces(&self, former: &Goods, taken: &Usage) -> Result<(), RuleError> {
        if !self.names().eq(former.names()) {
            let allowed = format!(
                "as posted: {}",
                former.names().collect::<Vec<_>>().join(", ")
            );
            let now = self.names().collect::<Vec<_>>().join(", ");
            return Err(RuleError::range("offered resources", now, allowed));
        }
        let counted = self.stocks().zip(taken.padded()).enumerate();
        for (place, (stock, taken)) in counted {
            if stock.amount < taken {
                let allowed = format!("at least {taken}, which is taken");
                return Err(RuleError::range(self.name(place), stock.amount, allowed));
            }
        }
        Ok(())
    }

    /// In the order of [`Usage`].
    fn stocks(&self) -> impl Iterator<Item = Stock> + '_ {
        let gpus = self.gpus.iter().map(|gpu| Stock {
            amount: gpu.gpu.count.into(),
            price: gpu.price,
        });
        [self.cpu, self.memory, self.ips]
            .into_iter()
            .chain(self.storage.iter().map(|storage| storage.stock))
            .chain(gpus)
    }

    /// In the order of [`Usage`].
    fn names(&self) -> impl Iterator<Item = String> + '_ {
        let storage = self.storage.iter().map(|s| storage_name(&s.class));
        let gpus = self.gpus.iter().map(|GpuStock { gpu, .. }| {
            let GpuInventory {
                vendor,
                model,
                vram_mib,
                interface,
                ..
            } = gpu;
            format!("gpu {vendor}/{model}/{vram_mib}MiB/{interface}")
        });
        ["cpu (milli-cores)", "memory (MiB)", "leased addresses"]
            .into_iter()
            .map(String::from)
            .chain(storage)
            .chain(gpus)
    }

    fn name(&self, place: usize) -> String {
        let unnamed = || format!("resource {place}");
        self.names().nth(place).unwrap_or_else(unnamed)
    }

    /// The cheapest kind that suits, by its place among the kinds.
    fn kind(&self, wanted: &GpuRequirement) -> Result<usize, RuleError> {
        self.gpus
            .iter()
            .enumerate()
            .filter(|(_, kind)| suits(wanted, &kind.gpu))
            .min_by_key(|(_, kind)| kind.price)
            .map(|(place, _)| place)
            .ok_or_else(|| not_offered(format!("gpu {}", wanted.names())))
    }
}

impl Usage {
    /// Whether nothing is taken.
    pub fn is_nothing(&self) -> bool {
        self.0.iter().all(|amount| *amount == 0)
    }

    /// What stays taken once `usage` is given back.
    ///
    /// # Errors
    /// [`RuleError::Overflow`] for more than is taken.
    pub fn give_back(&self, usage: &Usage) -> Result<Usage, RuleError> {
        let places = self.0.len().max(usage.0.len());
        self.padded()
            .zip(usage.padded())
            .take(places)
            .map(|(taken, back)| taken.checked_sub(back))
            .collect::<Option<_>>()
            .map(Usage)
            .ok_or(overflow("what is given back to a standing offer"))
    }

    fn padded(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().copied().chain(repeat(0))
    }
}

/// Σ amount per replica · replicas.
fn sum<'a>(
    units: impl IntoIterator<Item = &'a ResourceUnit>,
    per_replica: impl Fn(&ResourceUnit) -> u64,
) -> Result<u64, RuleError> {
    units
        .into_iter()
        .try_fold(0_u64, |sum, unit| {
            sum.checked_add(per_replica(unit).checked_mul(unit.count.into())?)
        })
        .ok_or(overflow("what a group takes of a standing offer"))
}

/// Endpoints of a replica: the leased addresses, or all the others. At most MAX_ENDPOINTS.
fn endpoints(unit: &ResourceUnit, leased: bool) -> u64 {
    let of = |endpoint: &&Endpoint| (**endpoint == Endpoint::LeasedIp) == leased;
    unit.endpoints.iter().filter(of).map(|_| 1).sum()
}

fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

fn storage_name(class: &Option<String>) -> String {
    format!("{} storage (MiB)", class.as_deref().unwrap_or("ephemeral"))
}

fn not_offered(what: String) -> RuleError {
    RuleError::NotOffered { what }
}
