//! Random goods and groups against a naive count.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const CLASSES: [Option<&str>; 3] = [None, Some("beta2"), Some("beta3")];
const MODELS: [&str; 3] = ["h100", "t4", "l4"];

prop_compose! {
    fn any_goods()(
        amounts in prop::collection::vec(0..5_000_u64, 9),
        prices in prop::collection::vec(1..1_000_u128, 10),
    ) -> Goods {
        let stock = |i: usize| stock(amounts[i], prices[i]);
        Goods {
            cpu: stock(0),
            memory: stock(1),
            ips: stock(2),
            storage: (0..3).map(|i| storage(CLASSES[i], amounts[3 + i], prices[3 + i])).collect(),
            gpus: (0..3).map(|i| cards(MODELS[i], amounts[6 + i] as u32, prices[6 + i])).collect(),
            endpoint: Uint128::new(prices[9]),
        }
    }
}

prop_compose! {
    fn any_unit()(
        cpu in 10..2_000_u32,
        memory in MIB..2_000 * MIB,
        volumes in prop::collection::vec((0..3_usize, 5 * MIB..900 * MIB), 0..4),
        gpu in prop::option::of((1..9_u32, prop::sample::subsequence(&MODELS, 0..=3))),
        endpoints in prop::collection::vec(0..3_usize, 0..4),
        count in 1..5_u32,
    ) -> ResourceUnit {
        let kinds = [Endpoint::SharedHttp, Endpoint::RandomPort, Endpoint::LeasedIp];
        ResourceUnit {
            cpu,
            memory,
            storage: volumes.into_iter().map(|(class, bytes)| volume(CLASSES[class], bytes)).collect(),
            gpu: gpu.and_then(|(count, models)| gpus(count, &models)),
            endpoints: endpoints.into_iter().map(|kind| kinds[kind]).collect(),
            count,
            rate: Uint128::one(),
        }
    }
}

fn any_group() -> impl Strategy<Value = Vec<ResourceUnit>> {
    prop::collection::vec(any_unit(), 1..4)
}

/// One replica after the other, resource by name.
fn naive(goods: &Goods, resources: &[ResourceUnit]) -> (BTreeMap<String, u64>, u128) {
    let mut amounts = BTreeMap::<String, u64>::new();
    let mut price = 0;
    for unit in resources {
        for _ in 0..unit.count {
            let mut buy = |name: String, amount: u64, each: Uint128| {
                *amounts.entry(name).or_default() += amount;
                price += each.u128() * u128::from(amount);
            };
            let mib = |bytes: u64| bytes.div_ceil(MIB);
            buy("cpu".into(), unit.cpu.into(), goods.cpu.price);
            buy("memory".into(), mib(unit.memory), goods.memory.price);
            for volume in &unit.storage {
                let sold = goods.storage.iter().find(|s| s.class == volume.class);
                buy(
                    format!("storage {:?}", volume.class),
                    mib(volume.bytes),
                    sold.unwrap().stock.price,
                );
            }
            for endpoint in &unit.endpoints {
                match endpoint {
                    Endpoint::LeasedIp => buy("ips".into(), 1, goods.ips.price),
                    _ => buy("shared".into(), 1, goods.endpoint),
                }
            }
            if let Some(gpu) = &unit.gpu {
                let suits = |kind: &&GpuStock| {
                    let model = Some(&kind.gpu.model);
                    gpu.models.is_empty() || gpu.models.iter().any(|m| m.model.as_ref() == model)
                };
                let least = goods.gpus.iter().filter(suits).map(|k| k.price).min();
                let mut kinds = goods.gpus.iter().filter(suits);
                let kind = kinds.find(|k| Some(k.price) == least).unwrap();
                buy(
                    format!("gpu {}", kind.gpu.model),
                    gpu.count.into(),
                    kind.price,
                );
            }
        }
    }
    amounts.remove("shared");
    (amounts, price)
}

fn named(usage: &Usage) -> BTreeMap<String, u64> {
    let names = ["cpu".into(), "memory".into(), "ips".into()]
        .into_iter()
        .chain(CLASSES.map(|class| format!("storage {:?}", class.map(str::to_string))))
        .chain(MODELS.map(|model| format!("gpu {model}")));
    let amounts = names.zip(usage.0.iter().copied());
    amounts.filter(|(_, amount)| *amount > 0).collect()
}

fn nonzero(amounts: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    amounts.into_iter().filter(|(_, n)| *n > 0).collect()
}

proptest! {
    #[test]
    fn a_portion_is_what_a_naive_count_says(goods in any_goods(), group in any_group()) {
        let portion = goods.portion(&group).unwrap();
        let (amounts, price) = naive(&goods, &group);
        prop_assert_eq!(named(&portion.usage), nonzero(amounts));
        prop_assert_eq!(portion.rate.u128(), price);
    }

    #[test]
    fn more_of_anything_or_a_higher_price_never_costs_less(
        goods in any_goods(),
        group in any_group(),
        more in any_unit(),
        what in 0..8_usize,
        dearer in 0..10_usize,
        by in 1..500_u128,
    ) {
        let before = goods.portion(&group).unwrap().rate;
        let mut larger = group.clone();
        let unit = &mut larger[0];
        match what {
            0 => unit.cpu += more.cpu,
            1 => unit.memory += more.memory,
            2 => unit.count += more.count,
            3 => unit.storage.extend(more.storage),
            4 => unit.endpoints.extend(more.endpoints),
            5 => unit.gpu = unit.gpu.take().or(more.gpu),
            6 => unit.gpu.iter_mut().for_each(|gpu| gpu.count += 1),
            _ => larger.push(more),
        }
        prop_assert!(goods.portion(&larger).unwrap().rate >= before);

        let mut raised = goods.clone();
        let price = match dearer {
            0 => &mut raised.cpu.price,
            1 => &mut raised.memory.price,
            2 => &mut raised.ips.price,
            3..=5 => &mut raised.storage[dearer - 3].stock.price,
            6..=8 => &mut raised.gpus[dearer - 6].price,
            _ => &mut raised.endpoint,
        };
        *price += Uint128::new(by);
        prop_assert!(raised.portion(&group).unwrap().rate >= before);
    }

    /// Whoever takes and gives back, in whatever order: the counters are the sum of what is held, and never above what there is.
    #[test]
    fn nothing_is_oversold(
        goods in any_goods(),
        groups in prop::collection::vec(any_group(), 1..6),
        steps in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 1..60),
    ) {
        let portions: Vec<Usage> = groups.iter().map(|g| goods.portion(g).unwrap().usage).collect();
        let mut held: Vec<Usage> = vec![];
        let mut taken = Usage::default();
        let all = goods.left(&Usage::default());
        for (take, which) in steps {
            if take {
                let usage = &portions[which.index(portions.len())];
                let fits = usage.0.iter().zip(&goods.left(&taken).0).all(|(a, left)| a <= left);
                let outcome = goods.take(&taken, usage);
                prop_assert_eq!(outcome.is_ok(), fits);
                if let Ok(after) = outcome {
                    taken = after;
                    held.push(usage.clone());
                }
            } else if !held.is_empty() {
                let usage = held.swap_remove(which.index(held.len()));
                taken = taken.give_back(&usage).unwrap();
            }
            let sum = |place: usize| held.iter().map(|usage| usage.0[place]).sum::<u64>();
            let sums: Vec<u64> = (0..all.0.len()).map(sum).collect();
            prop_assert!(sums.iter().zip(&all.0).all(|(sum, amount)| sum <= amount));
            prop_assert_eq!(taken.is_nothing(), held.is_empty());
            prop_assert!(taken.0.is_empty() || taken.0 == sums);
        }
        for usage in held {
            taken = taken.give_back(&usage).unwrap();
        }
        prop_assert!(taken.is_nothing());
        prop_assert_eq!(goods.left(&taken), all);
    }
}
