//! Any offer and any groups that come and go: what is taken is the sum of what they took and never more than is sold, a price is above zero
//! and what one group pays does not hang on the others.

#![no_main]

use cosmwasm_std::Uint128;
use leasehold_api::{
    GpuInventory, GpuModel, GpuRequirement, GroupSpec, Requirements, ResourceUnit, Volume,
};
use leasehold_rules::offer::{Goods, GpuStock, Stock, StorageStock, Usage};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    /// Amount and price of cpu, memory, addresses, two storage classes.
    stocks: [(u16, u128); 5],
    /// Number and price of two kinds.
    cards: [(u8, u128); 2],
    endpoint: u128,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Take {
        cpu: u16,
        memory: u32,
        disk: u32,
        beta3: bool,
        cards: u8,
        h100: bool,
        replicas: u8,
    },
    GiveBack(u8),
}

fuzz_target!(|input: Input| {
    let goods = goods(&input);
    if goods.validate().is_err() {
        return;
    }
    let (mut taken, mut running) = (Usage::default(), Vec::<Usage>::new());
    for step in &input.steps {
        match step {
            Step::GiveBack(which) if !running.is_empty() => {
                let usage = running.remove(usize::from(*which) % running.len());
                taken = taken.give_back(&usage).expect("it was taken");
            }
            Step::GiveBack(_) => {}
            step => {
                let group = group(step);
                let (Ok(()), Ok(portion)) = (group.validate(), goods.portion(&group.resources))
                else {
                    continue;
                };
                assert!(!portion.rate.is_zero());
                if let Ok(more) = goods.take(&taken, &portion.usage) {
                    taken = more;
                    running.push(portion.usage);
                }
            }
        }
        check(&goods, &taken, &running);
    }
});

fn check(goods: &Goods, taken: &Usage, running: &[Usage]) {
    let at = |usage: &Usage, place: usize| usage.0.get(place).copied().unwrap_or(0);
    let amounts = [goods.cpu, goods.memory, goods.ips]
        .into_iter()
        .chain(goods.storage.iter().map(|storage| storage.stock))
        .map(|stock| stock.amount)
        .chain(goods.gpus.iter().map(|kind| kind.gpu.count.into()));
    for (place, amount) in amounts.enumerate() {
        let sum: u64 = running.iter().map(|usage| at(usage, place)).sum();
        assert_eq!(at(taken, place), sum);
        assert!(sum <= amount, "oversold");
        assert_eq!(at(&goods.left(taken), place), amount - sum);
    }
    assert!(goods.replaces(goods, taken).is_ok());
}

fn goods(input: &Input) -> Goods {
    let [cpu, memory, ips, disk, beta3] = input.stocks.map(|(amount, price)| Stock {
        amount: amount.into(),
        price: Uint128::new(price),
    });
    let storage = |class: Option<&str>, stock| StorageStock {
        class: class.map(Into::into),
        stock,
    };
    let kind = |model: &str, (count, price): (u8, u128)| GpuStock {
        gpu: GpuInventory {
            vendor: "nvidia".into(),
            model: model.into(),
            vram_mib: 40_960,
            interface: "pcie".into(),
            count: count.into(),
        },
        price: Uint128::new(price),
    };
    Goods {
        cpu,
        memory,
        storage: vec![storage(None, disk), storage(Some("beta3"), beta3)],
        gpus: vec![kind("h100", input.cards[0]), kind("t4", input.cards[1])],
        ips,
        endpoint: Uint128::new(input.endpoint),
    }
}

fn group(step: &Step) -> GroupSpec {
    let Step::Take {
        cpu,
        memory,
        disk,
        beta3,
        cards,
        h100,
        replicas,
    } = step
    else {
        unreachable!("only what is taken has a size");
    };
    let volume = Volume {
        name: "data".into(),
        bytes: (*disk).into(),
        class: beta3.then(|| "beta3".into()),
        persistent: *beta3,
    };
    let card = GpuModel {
        vendor: "nvidia".into(),
        model: h100.then(|| "h100".into()),
        vram_mib: None,
        interface: None,
    };
    let unit = ResourceUnit {
        cpu: (*cpu).into(),
        memory: (*memory).into(),
        storage: vec![volume],
        gpu: (*cards > 0).then(|| GpuRequirement {
            count: (*cards).into(),
            models: vec![card],
        }),
        endpoints: vec![],
        count: (*replicas).into(),
        rate: Uint128::one(),
    };
    GroupSpec {
        name: "group".into(),
        requirements: Requirements::default(),
        resources: vec![unit],
    }
}
