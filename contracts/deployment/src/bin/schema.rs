use cosmwasm_schema::write_api;
use cosmwasm_std::Empty;
use leasehold_api::deployment::{ExecuteMsg, InstantiateMsg, QueryMsg};

fn main() {
    write_api! {
        name: "deployment",
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: Empty,
    }
}
