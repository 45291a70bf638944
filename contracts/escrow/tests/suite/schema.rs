//! The committed schema is the generated one. Refresh it with `UPDATE=1 cargo test -p leasehold-escrow schema`.

use std::path::PathBuf;

use cosmwasm_schema::generate_api;
use cosmwasm_std::Empty;
use leasehold_api::escrow::{ExecuteMsg, InstantiateMsg, QueryMsg};

use crate::golden::check;

#[test]
fn the_committed_schema_is_current() {
    let api = generate_api! {
        name: "escrow",
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: Empty,
    };
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    check(
        &root.join("schema/escrow.json"),
        &api.render().to_string().unwrap(),
    );
}
