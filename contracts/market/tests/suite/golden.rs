//! Files that freeze an interface. `UPDATE=1 cargo test -p leasehold-market` rewrites them.

use std::{env, fs, path::Path};

use cosmwasm_schema::generate_api;
use cosmwasm_std::Empty;
use leasehold_api::market::{ExecuteMsg, InstantiateMsg, QueryMsg};

/// Compares `generated` with the committed file, named from the crate's root.
pub fn golden(path: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let generated = format!("{}\n", generated.trim_end());
    if env::var_os("UPDATE").is_some() {
        fs::write(path, generated).unwrap();
        return;
    }
    let committed = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; UPDATE=1 writes it", path.display()));
    assert!(
        committed == generated,
        "{} is not what the code says: review the change, then run with UPDATE=1",
        path.display()
    );
}

#[test]
fn the_committed_schema_is_current() {
    let api = generate_api! {
        name: "market",
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: Empty,
    };
    golden(
        "../../schema/market.json",
        &api.render().to_string().unwrap(),
    );
}
