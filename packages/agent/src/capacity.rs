//! What there is to sell and what is sold.

use leasehold_api::{GpuInventory, GpuModel, GpuRequirement, GroupSpec, ResourceUnit};
use serde::{Deserialize, Serialize};

/// Sums over replicas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Thousandths of a core.
    pub cpu: u128,
    /// Bytes.
    pub memory: u128,
    /// Bytes.
    pub storage: u128,
    /// Cards.
    #[serde(default)]
    pub gpus: u128,
}

impl Resources {
    pub fn of_unit(unit: &ResourceUnit) -> Self {
        let storage: u128 = unit
            .storage
            .iter()
            .map(|volume| u128::from(volume.bytes))
            .sum();
        Self {
            cpu: unit.cpu.into(),
            memory: unit.memory.into(),
            storage,
            gpus: unit.gpu.as_ref().map_or(0, |gpu| gpu.count.into()),
        }
        .times(unit.count)
    }

    pub fn of_group(group: &GroupSpec) -> Self {
        group
            .resources
            .iter()
            .map(Self::of_unit)
            .fold(Self::default(), Self::plus)
    }

    /// Saturates, which 16 units of 50 replicas with 64-bit fields never reach.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_add(other.cpu),
            memory: self.memory.saturating_add(other.memory),
            storage: self.storage.saturating_add(other.storage),
            gpus: self.gpus.saturating_add(other.gpus),
        }
    }

    #[must_use]
    pub fn times(self, count: u32) -> Self {
        let count = u128::from(count);
        Self {
            cpu: self.cpu.saturating_mul(count),
            memory: self.memory.saturating_mul(count),
            storage: self.storage.saturating_mul(count),
            gpus: self.gpus.saturating_mul(count),
        }
    }

    /// The first resource of which this is more than `limit`: its name, this, the limit.
    pub fn first_above(&self, limit: &Self) -> Option<(&'static str, u128, u128)> {
        [
            ("cpu (milli-cores)", self.cpu, limit.cpu),
            ("memory (bytes)", self.memory, limit.memory),
            ("storage (bytes)", self.storage, limit.storage),
            ("gpu (cards)", self.gpus, limit.gpus),
        ]
        .into_iter()
        .find(|(_, asked, limit)| asked > limit)
    }
}

/// The hardware with what is promised of it.
#[derive(Debug, Clone)]
pub struct Ledger<'a> {
    total: Resources,
    inventory: &'a [GpuInventory],
    used: Resources,
    cards: Vec<&'a GpuRequirement>,
}

impl<'a> Ledger<'a> {
    /// GPUs come from the inventory, the other sums from `total`.
    pub fn new(total: Resources, inventory: &'a [GpuInventory]) -> Self {
        let gpus = inventory.iter().map(|kind| u128::from(kind.count)).sum();
        Self {
            total: Resources { gpus, ..total },
            inventory,
            used: Resources::default(),
            cards: Vec::new(),
        }
    }

    /// Promises a group, whether or not it fits.
    pub fn take(&mut self, group: &'a GroupSpec) {
        self.used = self.used.plus(Resources::of_group(group));
        self.cards.extend(cards(group));
    }

    /// What is missing to promise this group too.
    pub fn lacks(&self, group: &GroupSpec) -> Option<String> {
        let wanted = self.used.plus(Resources::of_group(group));
        if let Some((what, wanted, total)) = wanted.first_above(&self.total) {
            return Some(format!(
                "{what}: {wanted} with this order, capacity {total}"
            ));
        }
        let all = self.cards.iter().copied().chain(cards(group));
        (!assignable(all.collect(), self.inventory)).then(|| "gpu models".to_owned())
    }
}

/// One requirement per replica: cards of one replica are of one kind.
fn cards(group: &GroupSpec) -> impl Iterator<Item = &GpuRequirement> {
    group.resources.iter().flat_map(|unit| {
        unit.gpu
            .iter()
            .flat_map(|gpu| (0..unit.count).map(move |_| gpu))
    })
}

/// Greedy: the choosiest first, each takes the kind of card that would do with the fewest left. May refuse what a cleverer assignment
/// could place, never the other way round.
fn assignable(mut wanted: Vec<&GpuRequirement>, inventory: &[GpuInventory]) -> bool {
    let mut left: Vec<(u32, &GpuInventory)> =
        inventory.iter().map(|kind| (kind.count, kind)).collect();
    let choices =
        |gpu: &GpuRequirement| inventory.iter().filter(|kind| would_do(gpu, kind)).count();
    wanted.sort_by_key(|gpu| (choices(gpu), std::cmp::Reverse(gpu.count)));
    wanted.into_iter().all(|gpu| {
        let fits = left
            .iter_mut()
            .filter(|(count, kind)| *count >= gpu.count && would_do(gpu, kind));
        match fits.min_by_key(|(count, _)| *count) {
            Some((count, _)) => {
                *count -= gpu.count;
                true
            }
            None => false,
        }
    })
}

fn would_do(gpu: &GpuRequirement, kind: &GpuInventory) -> bool {
    gpu.models.is_empty() || gpu.models.iter().any(|model| is_model(model, kind))
}

fn is_model(model: &GpuModel, kind: &GpuInventory) -> bool {
    model.vendor == kind.vendor
        && model.model.as_ref().is_none_or(|name| *name == kind.model)
        && model.vram_mib.is_none_or(|vram| kind.vram_mib >= vram)
        && model
            .interface
            .as_ref()
            .is_none_or(|name| *name == kind.interface)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Uint128;
    use leasehold_api::Requirements;

    fn card(model: &str, count: u32) -> GpuInventory {
        GpuInventory {
            vendor: "nvidia".into(),
            model: model.into(),
            vram_mib: 81_920,
            interface: "sxm".into(),
            count,
        }
    }

    /// `replicas` of one core and 1 GiB, each with `cards` of these models.
    fn group(replicas: u32, cards: u32, models: &[&str]) -> GroupSpec {
        let model = |name: &&str| GpuModel {
            vendor: "nvidia".into(),
            model: Some((*name).into()),
            ..Default::default()
        };
        let gpu = GpuRequirement {
            count: cards,
            models: models.iter().map(model).collect(),
        };
        GroupSpec {
            name: "g".into(),
            requirements: Requirements::default(),
            resources: vec![ResourceUnit {
                cpu: 1_000,
                memory: 1 << 30,
                storage: vec![],
                gpu: (cards > 0).then_some(gpu),
                endpoints: vec![],
                count: replicas,
                rate: Uint128::one(),
            }],
        }
    }

    fn total(cores: u128) -> Resources {
        Resources {
            cpu: cores * 1_000,
            memory: 1 << 40,
            ..Default::default()
        }
    }

    #[test]
    fn replicas_count_and_what_is_taken_is_gone() {
        let (one, three) = (group(1, 0, &[]), group(3, 0, &[]));
        let mut ledger = Ledger::new(total(4), &[]);
        assert_eq!(ledger.lacks(&three), None);
        ledger.take(&three);
        assert_eq!(ledger.lacks(&one), None);
        assert!(ledger.lacks(&three).unwrap().starts_with("cpu"));
    }

    #[test]
    fn cards_of_one_replica_are_of_one_kind() {
        let inventory = [card("h100", 3), card("a100", 3)];
        let ledger = Ledger::new(total(100), &inventory);
        assert_eq!(ledger.lacks(&group(2, 3, &[])), None);
        assert!(ledger.lacks(&group(1, 4, &[])).is_some());
        assert!(
            ledger.lacks(&group(3, 2, &[])).is_some(),
            "six cards, but two threes"
        );
    }

    #[test]
    fn choosy_requirements_get_their_cards_first() {
        let inventory = [card("h100", 1), card("a100", 1)];
        let (any, h100) = (group(1, 1, &[]), group(1, 1, &["h100"]));
        let mut ledger = Ledger::new(total(100), &inventory);
        ledger.take(&any);
        assert_eq!(ledger.lacks(&h100), None, "the first takes the a100");
        ledger.take(&h100);
        assert_eq!(
            ledger.lacks(&any).unwrap(),
            "gpu (cards): 3 with this order, capacity 2"
        );
        let mut ledger = Ledger::new(total(100), &inventory);
        ledger.take(&h100);
        assert_eq!(ledger.lacks(&h100).unwrap(), "gpu models");
    }
}
