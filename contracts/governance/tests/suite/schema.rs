//! Frozen files. `UPDATE=1 cargo test -p leasehold-governance` rewrites them.

use std::path::Path;

use cosmwasm_schema::generate_api;
use cosmwasm_std::Empty;
use leasehold_api::governance::{ExecuteMsg, InstantiateMsg, QueryMsg};

/// Compares with a committed file, given by its path from the workspace root.
pub fn golden(path: &str, fresh: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, fresh).unwrap();
    }
    let committed =
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(
        committed == fresh,
        "{path} is stale. If the change is meant: UPDATE=1 cargo test -p leasehold-governance\n{fresh}"
    );
}

#[test]
fn the_schema_does_not_change_unseen() {
    let api = generate_api! {
        name: "governance",
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: Empty,
    };
    let fresh = api.render().to_string().unwrap();
    golden("schema/governance.json", &format!("{fresh}\n"));
}
