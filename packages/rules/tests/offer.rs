//! What a group takes of a standing offer, its price, and counters that never oversell.

use std::collections::BTreeMap;

use cosmwasm_std::{from_json, to_json_string, Uint128};
use leasehold_rules::offer::*;
use leasehold_rules::resources::{
    Endpoint, GpuInventory, GpuModel, GpuRequirement, ResourceUnit, Volume, MAX_RATE,
};
use leasehold_rules::RuleError;
use proptest::prelude::*;

const MIB: u64 = 1 << 20;

fn stock(amount: u64, price: u128) -> Stock {
    Stock {
        amount,
        price: Uint128::new(price),
    }
}

fn storage(class: Option<&str>, amount: u64, price: u128) -> StorageStock {
    StorageStock {
        class: class.map(Into::into),
        stock: stock(amount, price),
    }
}

fn cards(model: &str, count: u32, price: u128) -> GpuStock {
    GpuStock {
        gpu: GpuInventory {
            vendor: "nvidia".into(),
            model: model.into(),
            vram_mib: 40_960,
            interface: "pcie".into(),
            count,
        },
        price: Uint128::new(price),
    }
}

fn goods() -> Goods {
    Goods {
        cpu: stock(8_000, 3),
        memory: stock(16_384, 5),
        storage: vec![
            storage(None, 100_000, 7),
            storage(Some("beta3"), 50_000, 11),
        ],
        gpus: vec![
            cards("h100", 4, 10_000),
            cards("t4", 8, 100),
            cards("l4", 8, 100),
        ],
        ips: stock(1, 13),
        endpoint: Uint128::new(17),
    }
}

fn unit(cpu: u32, memory_mib: u64, count: u32) -> ResourceUnit {
    ResourceUnit {
        cpu,
        memory: memory_mib * MIB,
        storage: vec![],
        gpu: None,
        endpoints: vec![],
        count,
        rate: Uint128::one(),
    }
}

fn volume(class: Option<&str>, bytes: u64) -> Volume {
    Volume {
        name: "data".into(),
        bytes,
        class: class.map(Into::into),
        persistent: class.is_some(),
    }
}

fn gpus(count: u32, models: &[&str]) -> Option<GpuRequirement> {
    let model = |model: &&str| GpuModel {
        vendor: "nvidia".into(),
        model: Some((*model).into()),
        vram_mib: None,
        interface: None,
    };
    Some(GpuRequirement {
        count,
        models: models.iter().map(model).collect(),
    })
}

#[test]
fn a_portion_counts_every_resource_of_every_replica() {
    let web = ResourceUnit {
        storage: vec![
            volume(None, 5 * MIB),
            volume(Some("beta3"), 6 * MIB),
            volume(Some("beta3"), 7 * MIB),
        ],
        gpu: gpus(2, &["h100"]),
        endpoints: vec![
            Endpoint::SharedHttp,
            Endpoint::RandomPort,
            Endpoint::LeasedIp,
        ],
        ..unit(500, 256, 2)
    };
    let portion = goods().portion(&[web, unit(100, 64, 1)]).unwrap();
    assert_eq!(
        portion.usage,
        Usage(vec![1_100, 576, 2, 10, 26, 4, 0, 0]),
        "cpu, memory, addresses, two classes, three kinds"
    );
    let rate = 1_100 * 3 + 576 * 5 + 2 * 13 + 10 * 7 + 26 * 11 + 4 * 10_000 + 4 * 17;
    assert_eq!(portion.rate.u128(), rate);
}

#[test]
fn sizes_round_up_to_whole_mib_by_replica_and_volume() {
    let odd = ResourceUnit {
        memory: MIB + 1,
        storage: vec![volume(None, 5 * MIB + 1), volume(None, 5 * MIB)],
        ..unit(10, 1, 3)
    };
    let usage = goods().portion(&[odd]).unwrap().usage.0;
    assert_eq!((usage[1], usage[3]), (6, 33));
}

#[test]
fn a_unit_gets_the_cheapest_kind_of_card_that_suits_whatever_is_left() {
    let given = |models: &[&str]| {
        let wanted = ResourceUnit {
            gpu: gpus(1, models),
            ..unit(10, 1, 1)
        };
        goods().portion(&[wanted]).unwrap().usage.0[5..].to_vec()
    };
    assert_eq!(given(&["h100"]), [1, 0, 0]);
    assert_eq!(given(&["h100", "l4"]), [0, 0, 1]);
    assert_eq!(given(&[]), [0, 1, 0], "the first of the cheapest");
}

#[test]
fn what_is_not_sold_is_named() {
    let refused = |unit: ResourceUnit| match goods().portion(&[unit]) {
        Err(RuleError::NotOffered { what }) => what,
        other => panic!("{other:?}"),
    };
    let fast = ResourceUnit {
        storage: vec![volume(Some("ram"), 5 * MIB)],
        ..unit(10, 1, 1)
    };
    assert_eq!(refused(fast), "ram storage (MiB)");
    let huge = ResourceUnit {
        gpu: gpus(1, &["b200"]),
        ..unit(10, 1, 1)
    };
    assert_eq!(refused(huge), "gpu nvidia/b200");
}

#[test]
fn a_price_beyond_128_bits_is_an_error() {
    let dear = Goods {
        memory: stock(u64::MAX, MAX_RATE),
        ..goods()
    };
    dear.validate().unwrap();
    let vast = ResourceUnit {
        memory: u64::MAX,
        count: 50,
        ..unit(10, 1, 1)
    };
    let overflow = |what| RuleError::Overflow { what };
    assert_eq!(
        dear.portion(&vec![vast; 16]).unwrap_err(),
        overflow("price of a standing offer")
    );
    let taken = Usage(vec![u64::MAX]);
    let usage = Usage(vec![1]);
    assert_eq!(
        dear.take(&taken, &usage).unwrap_err(),
        overflow("what is taken of a standing offer")
    );
}

#[test]
fn what_is_sold_out_is_named() {
    let taken = Usage(vec![7_500, 0, 0, 0, 0, 3, 0, 0]);
    let refused = |usage| goods().take(&taken, &Usage(usage)).unwrap_err();
    assert_eq!(
        refused(vec![501, 1, 0, 0, 0, 0, 0, 0]),
        RuleError::SoldOut {
            what: "cpu (milli-cores)".into(),
            asked: 501,
            left: 500,
        }
    );
    assert_eq!(
        refused(vec![500, 1, 0, 0, 0, 2, 0, 0]),
        RuleError::SoldOut {
            what: "gpu nvidia/h100/40960MiB/pcie".into(),
            asked: 2,
            left: 1,
        }
    );
    let all = Usage(vec![500, 16_384, 1, 100_000, 50_000, 1, 8, 8]);
    let full = goods().take(&taken, &all).unwrap();
    assert!(goods().left(&full).is_nothing());
    assert_eq!(full.give_back(&all).unwrap(), taken);
}

#[test]
fn more_than_was_taken_is_not_given_back() {
    let taken = Usage(vec![5, 5]);
    for too_much in [vec![6, 0], vec![0, 0, 1]] {
        let refused = taken.give_back(&Usage(too_much));
        assert!(
            matches!(refused, Err(RuleError::Overflow { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn goods_keep_their_kinds_and_what_is_taken() {
    let taken = Usage(vec![1_000, 0, 0, 0, 0, 0, 0, 2]);
    let former = goods();
    let says = |changed: Goods, part: &str| {
        let error = changed.replaces(&former, &taken).unwrap_err().to_string();
        assert!(error.contains(part), "{error:?} does not say {part:?}");
    };
    let dearer = Goods {
        cpu: stock(1_000, 9),
        ..goods()
    };
    assert_eq!(dearer.replaces(&former, &taken), Ok(()));
    let less = Goods {
        cpu: stock(999, 3),
        ..goods()
    };
    says(less, "at least 1000, which is taken");
    let mut fewer_cards = goods();
    fewer_cards.gpus[2].gpu.count = 1;
    says(fewer_cards, "at least 2, which is taken");
    let mut swapped = goods();
    swapped.gpus.swap(0, 1);
    says(swapped, "as posted");
    let mut larger = goods();
    larger.gpus[0].gpu.vram_mib = 81_920;
    says(larger, "as posted");
    let mut shorter = goods();
    shorter.storage.pop();
    says(shorter, "as posted");
}

#[test]
fn every_bound_of_goods_holds() {
    goods().validate().unwrap();
    let says = |change: &dyn Fn(&mut Goods), part: &str| {
        let mut changed = goods();
        change(&mut changed);
        let error = changed.validate().unwrap_err().to_string();
        assert!(error.contains(part), "{error:?} does not say {part:?}");
    };
    let long = "x".repeat(129);
    says(
        &|g| {
            g.cpu.price = Uint128::zero();
            g.memory.price = Uint128::zero();
        },
        "above zero for one",
    );
    for dear in [
        |g: &mut Goods| g.cpu.price = Uint128::new(MAX_RATE + 1),
        |g: &mut Goods| g.memory.price = Uint128::new(MAX_RATE + 1),
        |g: &mut Goods| g.ips.price = Uint128::new(MAX_RATE + 1),
        |g: &mut Goods| g.endpoint = Uint128::new(MAX_RATE + 1),
        |g: &mut Goods| g.storage[1].stock.price = Uint128::new(MAX_RATE + 1),
        |g: &mut Goods| g.gpus[0].price = Uint128::new(MAX_RATE + 1),
    ] {
        says(&dear, "price is");
    }
    says(&|g| g.storage[0].class = Some("beta3".into()), "each once");
    says(&|g| g.gpus[1] = g.gpus[0].clone(), "each once");
    says(&|g| g.storage[0].class = Some(long.clone()), "128 bytes");
    says(&|g| g.gpus[0].gpu.vendor = String::new(), "128 bytes");
    says(&|g| g.gpus[0].gpu.model = long.clone(), "128 bytes");
    says(&|g| g.gpus[0].gpu.interface = String::new(), "128 bytes");
    says(&|g| g.gpus[0].gpu.count = 100_001, "0 to 100000");
    says(
        &|g| {
            g.storage = (0..9)
                .map(|i| storage(Some(&i.to_string()), 1, 1))
                .collect()
        },
        "storage classes is 9",
    );
    says(
        &|g| g.gpus = (0..9).map(|i| cards(&i.to_string(), 1, 1)).collect(),
        "gpu kinds is 9",
    );
    let mut least = goods();
    least.cpu.price = Uint128::zero();
    least.gpus[0].gpu.count = 0;
    least.validate().unwrap();
}

/// Stored with every lease of an offer and written at each take.
#[test]
fn usage_is_a_bare_list() {
    let usage = Usage(vec![500, 512, 0, 512]);
    assert_eq!(to_json_string(&usage).unwrap(), "[500,512,0,512]");
    assert_eq!(from_json::<Usage>(b"[500,512,0,512]").unwrap(), usage);
}

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
