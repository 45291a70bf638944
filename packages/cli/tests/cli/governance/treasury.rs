//! What the treasury gets and pays, at once and by and by.

use serde_json::json;

use super::{
    address, await_phase, balance, code_of, enact, gov, param, propose, refused, show, staked,
    DEPOSIT, MARKET_CODE,
};
use crate::town::HELLO;

/// A rejected proposal's deposit is the treasury's, which is then spent; the market moves to another code.
#[test]
fn stakers_spend_the_treasury_and_migrate_a_contract() {
    let town = staked();
    let rejected = propose(&town, "alice", &["spend", "uakt", "5", "bob"]);
    let short = show(&town, &rejected)["effects"][0]["warnings"].to_string();
    assert!(short.contains("the treasury holds 0 uakt now"), "{short}");
    gov(&town, "alice", &["vote", &rejected, "no"]);
    await_phase(&town, &rejected, "rejected");
    gov(&town, "tenant", &["close", &rejected]);

    let to = address(&town, "provider0");
    let amount = (DEPOSIT / 4).to_string();
    let spend = propose(&town, "bob", &["spend", "ustake", &amount, "provider0"]);
    let before = balance(&town, &to);
    enact(&town, &spend);
    assert_eq!(balance(&town, &to), before + DEPOSIT / 4);

    let unknown = refused(&town, "bob", &["propose", "migrate", "market", "999"]);
    assert!(unknown.contains("store the new code first"), "{unknown}");
    let code = MARKET_CODE.to_string();
    let migrate = propose(&town, "bob", &["migrate", "market", &code]);
    let what = show(&town, &migrate)["effects"][0]["what"].to_string();
    assert!(
        what.contains("migrate market from code 8 to code 2"),
        "{what}"
    );
    enact(&town, &migrate);
    assert_eq!(code_of(&town, "market"), MARKET_CODE);
    assert_eq!(param(&town, "market.auction.bidding"), 8);
}

/// One staker votes for both, in a hurry; the guardian pauses the market, the stakers lift it; the treasury pays by and by.
#[test]
fn delegates_hurry_a_guardian_pauses_and_the_treasury_streams() {
    let town = staked();
    let delegated = gov(&town, "alice", &["delegate", "bob"]);
    let bob = address(&town, "bob");
    assert_eq!(delegated["stake"]["delegate"], bob);
    let guard = ["--expedited", "param", "governance.guardian", "tenant:3600"];
    let guard = propose(&town, "bob", &guard);
    let voted = gov(&town, "bob", &["vote", &guard, "yes"]);
    assert_eq!(voted["proposal"]["standing"]["tally"]["yes"], "1000000");
    let none = refused(&town, "alice", &["vote", &guard, "no"]);
    assert!(none.contains("had no power before block"), "{none}");
    await_phase(&town, &guard, "executable");
    gov(&town, "alice", &["execute", &guard]);

    let paused = gov(&town, "tenant", &["pause"]);
    assert!(paused["until"].as_u64() > Some(0), "{paused}");
    let again = refused(&town, "tenant", &["pause"]);
    assert!(again.contains("again in"), "{again}");
    let rent = [
        "deploy",
        HELLO,
        "--from",
        "alice",
        "--deposit",
        "500000",
        "--yes",
    ];
    let kept = town.refused(&rent);
    assert!(kept.contains("paused until"), "{kept}");
    let lift = propose(&town, "bob", &["--expedited", "lift"]);
    gov(&town, "bob", &["vote", &lift, "no"]);
    await_phase(&town, &lift, "rejected");
    gov(&town, "tenant", &["close", &lift]);

    // Its deposit is treasury now.
    let to = address(&town, "provider0");
    let before = balance(&town, &to);
    let stream = [
        "--expedited",
        "stream",
        "ustake",
        "900000",
        "provider0",
        "2",
    ];
    let stream = propose(&town, "bob", &stream);
    gov(&town, "bob", &["vote", &stream, "yes"]);
    await_phase(&town, &stream, "executable");
    gov(&town, "alice", &["execute", &stream]);
    assert_eq!(
        town.json(&["gov", "streams"])[0]["asset"]["amount"],
        "900000"
    );
    let is_paid = |_| {
        town.run(&["gov", "claim-stream", "1", "--yes", "--from", "alice"]);
        town.json(&["gov", "streams"]) == json!([])
    };
    assert!((0..500).any(is_paid));
    assert_eq!(balance(&town, &to), before + 900_000);

    gov(&town, "alice", &["delegate", "none"]);
    let nothing = refused(&town, "alice", &["claim-rewards"]);
    assert!(nothing.contains("has earned nothing"), "{nothing}");
    assert_eq!(town.json(&["gov", "rewards", "alice"]), json!([]));
}
