//! What the parties of the story are: a provider, and a group that fits it.

use cosmwasm_std::{Binary, Uint128};
use leasehold_api::deployment::GroupRequest;
use leasehold_api::provider::Contact;
use leasehold_api::{
    Attribute, AuctionMode, Capability, Endpoint, Goods, GroupSpec, Requirements, ResourceUnit,
    Stock, StorageStock, Volume,
};

/// One dollar a day, scaled per second; the most that a tenant pays is twice that.
pub const RATE: u128 = 11_574_074_074_074;
pub const MAX_RATE: u128 = 2 * RATE;

pub fn contact() -> Contact {
    Contact {
        gateway: "https://provider.example:8443".into(),
        tls_pin: Binary::from(vec![7; 32]),
        age_recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudc3ahzsc0f5du".into(),
    }
}

/// Four attributes, as in the measurements on Akash.
pub fn capability() -> Capability {
    let attribute = |(key, value): (&str, &str)| Attribute {
        key: key.into(),
        value: value.into(),
    };
    let attributes = [
        ("region", "eu-west"),
        ("host", "example"),
        ("tier", "community"),
        ("capabilities/storage/1/class", "beta2"),
    ];
    Capability {
        attributes: attributes.map(attribute).into(),
        gpus: vec![],
    }
}

/// Of a large machine. The group below costs less than [`RATE`]: 500 milli-cores, 512 MiB of memory and 512 of disk.
pub fn goods() -> Goods {
    let stock = |amount, price| Stock {
        amount,
        price: Uint128::new(price),
    };
    let disk = StorageStock {
        class: None,
        stock: stock(4_000_000, RATE / 5_120),
    };
    Goods {
        cpu: stock(64_000, RATE / 1_000),
        memory: stock(256_000, RATE / 2_048),
        storage: vec![disk],
        gpus: vec![],
        ips: Stock::default(),
        endpoint: Uint128::zero(),
    }
}

pub fn group() -> GroupSpec {
    GroupSpec {
        name: "web".into(),
        requirements: Requirements::default(),
        resources: vec![ResourceUnit {
            cpu: 500,
            memory: 512 << 20,
            storage: vec![Volume {
                name: "default".into(),
                bytes: 512 << 20,
                class: None,
                persistent: false,
            }],
            gpu: None,
            endpoints: vec![Endpoint::SharedHttp],
            count: 1,
            rate: Uint128::new(MAX_RATE),
        }],
    }
}

/// The group at `rate` for the first who claims it.
pub fn posted(rate: u128) -> GroupRequest {
    let rate = Uint128::new(rate);
    let mut spec = group();
    for unit in &mut spec.resources {
        unit.rate = rate;
    }
    GroupRequest {
        auction: Some(AuctionMode::Dutch {
            min_rate: Some(rate),
        }),
        ..spec.into()
    }
}

/// So much that each staker has a part of its fee, on a chain whose hour is seconds, too.
pub fn dear() -> GroupRequest {
    posted(1_000 * RATE)
}
