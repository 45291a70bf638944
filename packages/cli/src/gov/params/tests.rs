use leasehold_api::genesis::Genesis;

use super::*;

fn market() -> Value {
    serde_json::to_value(Genesis::production("ustake").market).expect("JSON")
}

fn governance() -> Value {
    serde_json::to_value(Genesis::production("ustake").governance).expect("JSON")
}

fn change(contract: Governed, present: &Value, path: &str, text: &str) -> Result<Vec<Change>> {
    let changes = [(path.to_owned(), text.to_owned())];
    Ok(changed(contract, present, &changes)?.1)
}

#[test]
fn a_dotted_path_changes_one_value() {
    let path = "auction.min_decrement_bps";
    let changes = change(Governed::Market, &market(), path, "250").expect("a change");
    let expected = Change {
        path: "market.auction.min_decrement_bps".into(),
        from: 200.into(),
        to: 250.into(),
    };
    assert_eq!(changes, [expected]);
}

#[test]
fn none_and_text_are_told_apart() {
    let set = |text| change(Governed::Governance, &governance(), "guardian", text);
    let guardian = r#"{"address": "wasm1x", "until": 5}"#;
    let changes = set(guardian).expect("a change");
    assert_eq!(changes[0].path, "governance.guardian.address");
    assert_eq!(changes[0].to, "wasm1x");
    let said = set("none").expect_err("there is none").to_string();
    assert!(said.contains("present value already"), "{said}");
}

#[test]
fn an_unknown_field_is_refused_with_the_known_ones() {
    let refused = |path, text| {
        let error = change(Governed::Market, &market(), path, text).expect_err("no such field");
        format!("{error:#}")
    };
    let said = refused("auction.decrement", "1");
    assert!(said.contains("market.auction has no decrement"), "{said}");
    assert!(said.contains("min_decrement_bps"), "{said}");
    assert!(refused("notice.days", "1").contains("is a value"));
    assert!(refused("notice", "1h").contains("whole number"));
    assert!(refused("auction", "90").contains("holds several values"));
    let said = refused("max_attempts", "9");
    assert!(said.contains("would refuse this"), "{said}");
    assert!(said.contains("1 to 8"), "{said}");
    let said = split("deployment.x").expect_err("none").to_string();
    assert!(
        said.contains("market, escrow, provider, governance"),
        "{said}"
    );
}

#[test]
fn the_kind_of_threshold_can_change_as_a_whole() {
    let other = r#"{"absolute_percentage": {"percentage": "0.6"}}"#;
    let changes =
        change(Governed::Governance, &governance(), "threshold", other).expect("a change");
    assert_eq!(changes.len(), 3, "{changes:?}");
    let share = changes.iter().find(|change| !change.to.is_null());
    assert_eq!(share.expect("the new one").to, "0.6");
}

#[test]
fn a_list_changes_as_a_whole() {
    let set = |text| change(Governed::Governance, &governance(), "reward_denoms", text);
    let changes = set(r#"[{"native": "uakt"}]"#).expect("a change");
    assert_eq!(changes[0].to, json!([{"native": "uakt"}]));
    let said = set("uakt").expect_err("no list").to_string();
    assert!(said.contains("give all of it as JSON"), "{said}");
}

#[test]
fn every_parameter_says_what_it_is() {
    let genesis = Genesis::production("ustake");
    let escrow = serde_json::to_value(genesis.escrow).expect("JSON");
    let provider = serde_json::to_value(genesis.provider).expect("JSON");
    let all = [market(), escrow, provider, governance()];
    for (contract, params) in Governed::ALL.into_iter().zip(all) {
        for parameter in contract.list(&params).expect("a schema") {
            assert!(!parameter.about.is_empty(), "{}", parameter.path);
        }
    }
}
