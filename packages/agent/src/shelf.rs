//! The part of the machine that is sold by standing offer. Bids get the rest, so that neither sells what is the other's.

use cosmwasm_std::Uint128;
use leasehold_api::{Denom, Goods, GpuInventory, GpuStock, Stock, StorageStock};

use crate::capacity::Resources;
use crate::pricing::Tariff;

const MIB: u128 = 1 << 20;

/// What an operator puts on it.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// Its markup is not used: the price is posted, not bargained for.
    pub tariff: Tariff,
    /// Part of all resources, percent, 1 to 100.
    pub percent: u32,
}

/// A machine in two parts.
#[derive(Debug, Clone)]
pub struct Split {
    /// By standing offer, in this denom.
    pub offered: Option<(Denom, Goods)>,
    /// By bidding.
    pub rest: Resources,
    pub rest_cards: Vec<GpuInventory>,
}

/// Divides a machine; all of it is for bidding without a shelf.
pub fn split(shelf: Option<&Shelf>, machine: Resources, cards: &[GpuInventory]) -> Split {
    let Some(shelf) = shelf else {
        return Split {
            offered: None,
            rest: machine,
            rest_cards: cards.to_vec(),
        };
    };
    let goods = shelf.goods(machine, cards);
    let left = |all: u128, stock: &Stock, size: u128| {
        all.saturating_sub(u128::from(stock.amount).saturating_mul(size))
    };
    let disk = goods.storage.iter().map(|storage| &storage.stock);
    let rest = Resources {
        cpu: left(machine.cpu, &goods.cpu, 1),
        memory: left(machine.memory, &goods.memory, MIB),
        storage: disk.fold(machine.storage, |all, stock| left(all, stock, MIB)),
        gpus: machine.gpus,
    };
    let rest_cards = cards.iter().zip(&goods.gpus).map(|(all, sold)| {
        let count = all.count.saturating_sub(sold.gpu.count);
        GpuInventory {
            count,
            ..all.clone()
        }
    });
    Split {
        rest,
        rest_cards: rest_cards.collect(),
        offered: Some((shelf.tariff.denom.clone(), goods)),
    }
}

impl Shelf {
    /// Whole milli-cores, MiB and cards, rounded down; their prices rounded up. All storage is ephemeral disk.
    fn goods(&self, machine: Resources, cards: &[GpuInventory]) -> Goods {
        let Tariff {
            cpu,
            memory,
            storage,
            gpu,
            ..
        } = &self.tariff;
        let percent = u128::from(self.percent.min(100));
        let share = |all: u128| all.saturating_mul(percent) / 100;
        let stock = |all: u128, price: &Uint128, per: u128| Stock {
            amount: u64::try_from(all).unwrap_or(u64::MAX),
            price: Uint128::new(price.u128().div_ceil(per)),
        };
        let gpus = cards.iter().map(|all| GpuStock {
            gpu: GpuInventory {
                // At most what there is.
                count: u32::try_from(share(all.count.into())).unwrap_or(all.count),
                ..all.clone()
            },
            price: *gpu,
        });
        Goods {
            cpu: stock(share(machine.cpu), cpu, 1_000),
            memory: stock(share(machine.memory) / MIB, memory, 1_024),
            storage: vec![StorageStock {
                class: None,
                stock: stock(share(machine.storage) / MIB, storage, 1_024),
            }],
            gpus: gpus.collect(),
            ips: Stock::default(),
            endpoint: Uint128::zero(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u128 = 1 << 30;

    fn machine() -> Resources {
        Resources {
            cpu: 3_001,
            memory: 4 * GIB + 5,
            storage: 100 * GIB,
            gpus: 0,
        }
    }

    fn cards(count: u32) -> Vec<GpuInventory> {
        vec![GpuInventory {
            vendor: "nvidia".into(),
            model: "h100".into(),
            vram_mib: 81_920,
            interface: "sxm".into(),
            count,
        }]
    }

    fn shelf(percent: u32) -> Shelf {
        Shelf {
            tariff: Tariff {
                denom: Denom::Native("uakt".into()),
                cpu: Uint128::new(1_001),
                memory: Uint128::new(2_048),
                storage: Uint128::new(1),
                gpu: Uint128::new(77),
                markup_bps: 5_000,
            },
            percent,
        }
    }

    #[test]
    fn what_is_offered_and_what_is_left_make_the_machine() {
        for percent in [1, 33, 50, 100] {
            let split = split(Some(&shelf(percent)), machine(), &cards(3));
            let (_, goods) = split.offered.unwrap();
            goods.validate().unwrap();
            let sold = |stock: Stock| u128::from(stock.amount);
            assert_eq!(split.rest.cpu + sold(goods.cpu), machine().cpu);
            assert_eq!(
                split.rest.memory + sold(goods.memory) * MIB,
                machine().memory
            );
            let disk = sold(goods.storage[0].stock) * MIB;
            assert_eq!(split.rest.storage + disk, machine().storage);
            assert_eq!(split.rest_cards[0].count + goods.gpus[0].gpu.count, 3);
        }
    }

    #[test]
    fn amounts_round_down_and_prices_up() {
        let (denom, goods) = split(Some(&shelf(50)), machine(), &cards(3))
            .offered
            .unwrap();
        assert_eq!(denom, Denom::Native("uakt".into()));
        assert_eq!((goods.cpu.amount, goods.cpu.price.u128()), (1_500, 2));
        assert_eq!((goods.memory.amount, goods.memory.price.u128()), (2_048, 2));
        assert_eq!(goods.storage[0].stock.price.u128(), 1);
        assert_eq!(
            (goods.gpus[0].gpu.count, goods.gpus[0].price.u128()),
            (1, 77)
        );
    }

    #[test]
    fn without_a_shelf_all_is_for_bidding() {
        let split = split(None, machine(), &cards(3));
        assert_eq!(split.offered, None);
        assert_eq!((split.rest, split.rest_cards), (machine(), cards(3)));
    }
}
