//! What has ended long ago goes from the chain.

use serde_json::json;

use crate::town::{Town, HELLO};

const MONTH: u64 = 2_592_000;

#[test]
fn anybody_removes_what_has_ended() {
    let mut town = Town::new();
    town.provider("provider0");
    let deploy = ["deploy", HELLO, "--from", "tenant", "--yes"];
    town.json(&deploy);
    town.json(&["close", "1", "--from", "tenant", "--yes"]);
    let placed = [&deploy[..], &["--no-wait", "--deposit", "3000000"]].concat();
    town.json(&placed);
    let prune = ["prune", "--from", "alice"];
    let early = town.json(&prune);
    assert_eq!(early["stale"], json!({"orders": [], "deployments": []}));
    assert_eq!(early["txs"], json!([]));

    town.advance(MONTH);
    let dry = [&prune[..], &["--dry-run"]].concat();
    // With the next block.
    let found = (0..1_000)
        .map(|_| town.json(&dry))
        .find(|seen| seen["stale"]["orders"] == json!([8]))
        .expect("a month passes");
    assert_eq!(
        found["stale"]["deployments"],
        json!([]),
        "its order is first"
    );
    let removed = town.json(&prune);
    assert_eq!(
        removed["txs"].as_array().map(Vec::len),
        Some(2),
        "{removed}"
    );
    let gone = town.refused(&["status", "1", "--from", "tenant"]);
    assert!(gone.contains("deployment 1"), "{gone}");
    let all = town.json(&["ls", "--all", "--from", "tenant"]);
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    assert_eq!(all[0]["id"], 2, "what is live stays");
    let listed = town.json(&["provider", "ls"]);
    assert_eq!(listed[0]["counters"]["ended"], 1, "and memory");
}
