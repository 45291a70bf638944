//! Golden files. `UPDATE=1 cargo test` rewrites them; review the difference.

use std::path::Path;

use cosmwasm_schema::generate_api;
use cosmwasm_std::Empty;
use leasehold_api::provider::{ExecuteMsg, InstantiateMsg, QueryMsg};

/// Compares `text` with a committed file, by its path from the workspace's root.
pub fn assert_golden(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    assert!(
        committed == text,
        "{path} is out of date; `UPDATE=1 cargo test -p leasehold-provider` rewrites it"
    );
}

#[test]
fn the_schema_is_frozen() {
    let api = generate_api! {
        name: "provider",
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: Empty,
    };
    let text = api.render().to_string().unwrap() + "\n";
    assert_golden("schema/provider.json", &text);
}
