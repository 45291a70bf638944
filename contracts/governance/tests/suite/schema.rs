//! The schema is wire format: `make schema` rewrites the committed one.

use cosmwasm_schema::generate_api;
use cosmwasm_std::Empty;
use expect_test::expect_file;
use leasehold_api::governance::{ExecuteMsg, InstantiateMsg, QueryMsg};

#[test]
fn the_committed_schema_is_current() {
    let api = generate_api! {
        name: "governance",
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: Empty,
    };
    let text = api.render().to_string().unwrap();
    expect_file!["../../../../schema/governance.json"].assert_eq(&format!("{text}\n"));
}
