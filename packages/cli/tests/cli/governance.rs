//! Governing the suite with the command line alone.

mod enacting;
mod staking;
mod token;
mod treasury;

use serde_json::Value;

use crate::town::{text, Town};

const DEPOSIT: u128 = 1_000_000;
/// Of the devchain's genesis; the suite runs on a copy stored later.
const MARKET_CODE: u64 = 2;

/// A town in which two stake.
fn staked() -> Town {
    let town = Town::new();
    for (staker, amount) in [("alice", "600000"), ("bob", "400000")] {
        let stake = gov(&town, staker, &["stake", amount]);
        assert_eq!(stake["stake"]["amount"], amount);
    }
    town
}

fn gov(town: &Town, from: &str, args: &[&str]) -> Value {
    town.json(&[&["gov", "--yes", "--from", from], args].concat())
}

fn refused(town: &Town, from: &str, args: &[&str]) -> String {
    town.refused(&[&["gov", "--yes", "--from", from], args].concat())
}

fn propose(town: &Town, from: &str, args: &[&str]) -> String {
    let proposed = gov(town, from, &[&["propose"], args].concat());
    proposed["proposal"].to_string()
}

fn show(town: &Town, id: &str) -> Value {
    town.json(&["gov", "show", id])
}

/// Both vote yes, which decides it.
fn pass(town: &Town, id: &str) {
    gov(town, "alice", &["vote", id, "yes"]);
    let voted = gov(town, "bob", &["vote", id, "yes"]);
    assert_eq!(voted["proposal"]["standing"]["tally"]["yes"], "1000000");
}

/// Waits for a phase that comes by time.
fn await_phase(town: &Town, id: &str, phase: &str) {
    // Each look takes the binary a moment; blocks come by the second.
    let is_there = |_| show(town, id)["standing"]["phase"] == phase;
    assert!((0..2_000).any(is_there), "{}", show(town, id));
}

/// Claims what matures by time, once it has.
fn await_claim(town: &Town, staker: &str) -> Value {
    let claimed = (0..2_000).find_map(|_| {
        let output = town.run(&["--json", "gov", "claim", "--yes", "--from", staker]);
        output.status.success().then(|| text(&output.stdout))
    });
    serde_json::from_str(&claimed.expect("it matures")).expect("JSON")
}

fn enact(town: &Town, id: &str) {
    pass(town, id);
    await_phase(town, id, "executable");
    // Anyone may.
    let executed = gov(town, "tenant", &["execute", id]);
    assert_eq!(executed["proposal"]["standing"]["phase"], "executed");
}

fn param(town: &Town, path: &str) -> Value {
    let (contract, _) = path.split_once('.').expect("a contract");
    let all = town.json(&["gov", "params", contract]);
    let all = all.as_array().expect("a list");
    let found = all.iter().find(|parameter| parameter["path"] == path);
    found.expect("a parameter")["value"].clone()
}

fn address(town: &Town, name: &str) -> String {
    let key = town.json(&["keys", "show", name]);
    key["address"].as_str().expect("an address").to_owned()
}

fn balance(town: &Town, address: &str) -> u128 {
    ask(town, |client| async move {
        client.balance(address, "ustake").await
    })
    .u128()
}

fn code_of(town: &Town, contract: &str) -> u64 {
    let suite = town.json(&["suite", "show"]);
    let address = suite[contract].as_str().expect("an address");
    ask(
        town,
        |client| async move { client.contract_info(address).await },
    )
    .code_id
}

fn ask<T, F>(town: &Town, question: impl FnOnce(leasehold_client::ChainClient) -> F) -> T
where
    F: std::future::Future<Output = Result<T, leasehold_client::ClientError>>,
{
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let asked = runtime.block_on(async {
        let client = leasehold_client::ChainClient::connect(&town.node).await?;
        question(client).await
    });
    asked.expect("an answer")
}
