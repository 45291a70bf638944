//! Stake, what it earns, and how it comes back.

use serde_json::{json, Value};

use super::{await_claim, await_phase, gov, propose, refused, show, staked};
use crate::town::HELLO;

/// A tenant's rent pays a fee, of which stakers have half.
#[test]
fn stakers_earn_of_a_tenants_rent() {
    let mut town = staked();
    town.provider_with("provider0", &["--price-cpu", "200000000"]);
    let deploy = ["deploy", HELLO, "--from", "tenant", "--deposit", "500000"];
    let deployed = town.json(&[&deploy[..], &["--yes"]].concat());
    let id = deployed["deployment"].to_string();
    town.json(&["close", &id, "--from", "tenant", "--yes"]);
    let swept = gov(&town, "provider1", &["sweep", "uakt"]);
    let of = |value: &Value| -> u128 {
        let text = value.as_str().expect("an amount");
        text.parse().expect("a number")
    };
    let stakers = of(&swept["stakers"]);
    assert!(stakers > 10, "{swept}");
    assert_eq!(stakers, of(&swept["amount"]) / 2);
    let mut paid = 0;
    for (staker, tenths) in [("alice", 6), ("bob", 4)] {
        let claimed = gov(&town, staker, &["claim-rewards"]);
        let due = of(&claimed["claimed"][0]["amount"]);
        assert_eq!(due, stakers * tenths / 10);
        paid += due;
    }
    assert!(stakers - paid <= 1, "{paid} of {stakers}");
    let again = refused(&town, "provider1", &["sweep", "uakt"]);
    assert!(again.contains("no fees"), "{again}");
}

#[test]
fn stake_comes_back_after_its_time_and_mistakes_are_explained() {
    let town = staked();
    let unstaked = gov(&town, "bob", &["unstake", "100000"]);
    assert_eq!(unstaked["stake"]["amount"], "300000");
    let early = refused(&town, "bob", &["claim"]);
    assert!(early.contains("the next in"), "{early}");
    let much = refused(&town, "bob", &["unstake", "300001"]);
    assert!(much.contains("has 300 000 ustake staked"), "{much}");
    let stranger = refused(&town, "tenant", &["propose", "spend", "uakt", "1", "bob"]);
    assert!(stranger.contains("leasehold gov stake"), "{stranger}");
    let unknown = ["propose", "param", "market.auction.decrement", "1"];
    let said = refused(&town, "alice", &unknown);
    assert!(said.contains("min_decrement_bps"), "{said}");
    let said = refused(&town, "alice", &["vote", "7", "yes"]);
    assert!(said.contains("leasehold gov ls --all"), "{said}");

    let file = town.home.path().join("msgs.json");
    let sweep = r#"[{"wasm": {"execute": {"contract_addr": "escrow", "msg": {"nothing": {}}, "funds": []}}}]"#;
    std::fs::write(&file, sweep).expect("a file");
    let file = file.to_string_lossy();
    let untitled = refused(&town, "alice", &["propose", "file", &file]);
    assert!(untitled.contains("--title"), "{untitled}");
    let titled = [
        "file",
        &*file,
        "--title",
        "Nothing",
        "--description",
        "None",
    ];
    let id = propose(&town, "alice", &titled);
    let warnings = show(&town, &id)["effects"][0]["warnings"].to_string();
    assert!(
        warnings.contains("does not know this message"),
        "{warnings}"
    );
    gov(&town, "bob", &["vote", &id, "abstain"]);
    let twice = refused(&town, "bob", &["vote", &id, "yes"]);
    assert!(twice.contains("has voted abstain"), "{twice}");
    gov(&town, "alice", &["vote", &id, "yes"]);
    await_phase(&town, &id, "executable");
    let failed = refused(&town, "tenant", &["execute", &id]);
    assert!(failed.contains("its messages failed"), "{failed}");
    let asked = town.refused(&["gov", "vote", &id, "veto", "--from", "provider0"]);
    assert!(asked.contains("had no power before block"), "{asked}");

    let claimed = await_claim(&town, "bob");
    assert_eq!(
        claimed["stake"],
        json!({"amount": "300000", "delegate": null, "unstaking": []})
    );
}
