//! What a group takes of a standing offer, its price, and counters that never oversell.

use cosmwasm_std::{from_json, to_json_string, Uint128};
use leasehold_rules::offer::*;
use leasehold_rules::resources::{
    Endpoint, GpuInventory, GpuModel, GpuRequirement, ResourceUnit, Volume, MAX_RATE,
};
use leasehold_rules::RuleError;

mod property;

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
