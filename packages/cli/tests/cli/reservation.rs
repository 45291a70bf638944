//! Renting ahead.

use leasehold_client::ChainClient;
use serde_json::Value;

use crate::town::{text, variant, Town, HELLO};

/// A town with a provider that is on the chain already, so that the bidding is over well before a start.
fn served() -> Town {
    let mut town = Town::new();
    town.provider("provider0");
    let status = ["provider", "status", "provider0"];
    let registered = (0..1_000).any(|_| town.run(&status).status.success());
    assert!(registered, "the agent registers");
    town
}

fn reserve(town: &Town, ahead: &str) -> Value {
    let deploy = ["deploy", HELLO, "--from", "tenant", "--yes"];
    town.json(&[&deploy[..], &["--starts-in", ahead]].concat())
}

fn address(town: &Town, name: &str) -> String {
    let key = town.json(&["keys", "show", name]);
    key["address"].as_str().expect("an address").to_owned()
}

fn units(amount: &Value) -> u128 {
    let digits = amount.as_str().expect("an amount");
    digits.parse().expect("a number")
}

fn balance(town: &Town, address: &str) -> u128 {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let asked = runtime.block_on(async {
        let client = ChainClient::connect(&town.node).await?;
        client.balance(address, "uakt").await
    });
    asked.expect("a balance").u128()
}

#[test]
fn a_reserved_app_starts_in_time_while_its_tenant_is_away() {
    let town = served();
    let reserved = reserve(&town, "25s");
    let starts_at = reserved["starts_at"].as_u64().expect("a time");
    let order = &reserved["orders"][0];
    let provider = address(&town, "provider0");
    assert_eq!(order["phase"], "reserved");
    assert_eq!(order["best"]["p"], provider);
    assert_eq!(order["starts_at"], starts_at);
    assert_eq!(reserved["manifest_with"], serde_json::json!([provider]));

    let status = || town.json(&["status", "1", "--from", "tenant"]);
    let group = &status()["groups"][0];
    assert_eq!(group["order"]["starts_at"], starts_at);
    assert_eq!(group["set_aside"], reserved["set_aside"][0]);
    let shown = text(&town.run(&["status", "1", "--from", "tenant"]).stdout);
    assert!(
        shown.contains(&format!("reserved with {provider}")),
        "{shown}"
    );
    let listed = text(&town.run(&["ls", "--from", "tenant"]).stdout);
    assert!(listed.contains("reserved, starts in"), "{listed}");

    // Each look takes the binary a moment; blocks come by the second.
    let is_up = |status: &Value| status["groups"][0]["services"]["services"][0]["ready"] == 1;
    let up = (0..1_000).map(|_| status()).find(is_up);
    let up = up.expect("it starts by itself");
    let group = &up["groups"][0];
    let started_at = group["lease"]["started_at"].as_u64().expect("a time");
    assert!(started_at >= starts_at, "{group}");
    assert!(group["set_aside"].is_null(), "{group}");
    assert_eq!(up["account"]["prepaid"], "0", "all of it is back");
}

#[test]
fn who_closes_a_reserved_deployment_pays_its_provider() {
    let town = served();
    let provider = address(&town, "provider0");
    let reserved = reserve(&town, "1h");
    let set_aside = &reserved["set_aside"][0];
    let due = units(&set_aside["due"]);
    assert!((1..=units(&set_aside["amount"])).contains(&due));
    let status = town.json(&["status", "1", "--from", "tenant"]);
    let free = units(&status["account"]["withdrawable"]);

    let asked = town.refused(&["close", "1", "--from", "tenant"]);
    assert!(asked.contains(&format!("with {due} uakt")), "{asked}");
    let before = balance(&town, &provider);
    let closed = town.json(&["close", "1", "--from", "tenant", "--yes"]);
    let paid = &closed["let_down"][0];
    assert_eq!(paid["provider"], provider);
    assert_eq!(units(&paid["amount"]), due);
    assert_eq!(balance(&town, &provider), before + due);
    let rest = units(&set_aside["amount"]) - due;
    assert_eq!(units(&closed["refunded"]), free + rest);
}

#[test]
fn only_an_auction_that_binds_its_winner_can_be_reserved() {
    let town = Town::new();
    let refused = |file: &str, more: &[&str]| {
        let deploy = ["deploy", file, "--from", "tenant", "--yes", "--starts-in"];
        town.refused(&[&deploy[..], more].concat())
    };
    let dutch = variant(&town, &[("auction: descending", "auction: dutch")]);
    let said = refused(&dutch, &["2h"]);
    assert!(said.contains("the file holds dutch"), "{said}");
    let said = refused(HELLO, &["2h", "--offer", "best"]);
    assert!(said.contains("cannot be used with"), "{said}");
    for wrong in ["721h", "1500ms"] {
        let said = refused(HELLO, &[wrong]);
        assert!(said.contains("whole seconds, 1s to 720h"), "{said}");
    }
}
