//! Proposals on their way to the chain: voted, executed, overtaken, vetoed.

use serde_json::json;

use super::{
    address, await_phase, balance, code_of, enact, gov, param, pass, propose, refused, show,
    staked, MARKET_CODE,
};
use crate::town::text;

#[test]
fn two_stakers_change_the_market_and_one_guardian_stops_them() {
    let town = staked();
    let decrement = "market.auction.min_decrement_bps";
    assert_eq!(param(&town, decrement), 200);
    let first = propose(&town, "alice", &["param", decrement, "250"]);
    let effect = &show(&town, &first)["effects"][1];
    assert_eq!(effect["contract"], "market");
    let change = json!([{"path": decrement, "from": 200, "to": 250}]);
    assert_eq!(effect["changes"], change);
    let shown = text(&town.run(&["gov", "show", &first]).stdout);
    assert!(
        shown.contains("replace the parameters of market"),
        "{shown}"
    );
    let early = refused(&town, "alice", &["execute", &first]);
    assert!(early.contains("is open"), "{early}");
    enact(&town, &first);
    assert_eq!(param(&town, decrement), 250);
    assert_eq!(param(&town, "market.auction.bidding"), 8);
    let again = refused(&town, "tenant", &["execute", &first]);
    assert!(again.contains("is executed"), "{again}");

    // A guardian, and time for it.
    let none = propose(
        &town,
        "bob",
        &[
            "param",
            "governance.timelock",
            "5",
            "--also",
            "governance.guardian=tenant:3600",
        ],
    );
    let changes = &show(&town, &none)["effects"][1]["changes"];
    let guardian = address(&town, "tenant");
    assert_eq!(
        changes[0],
        json!({"path": "governance.guardian.address", "from": null, "to": guardian})
    );
    gov(&town, "alice", &["vote", &none, "no"]);
    await_phase(&town, &none, "rejected");
    let closed = gov(&town, "tenant", &["close", &none]);
    assert_eq!(closed["proposal"]["standing"]["phase"], "closed");

    let guard = [
        "param",
        "governance.guardian",
        "tenant:3600",
        "--also",
        "governance.timelock=3600",
    ];
    let guard = propose(&town, "bob", &guard);
    enact(&town, &guard);
    let bad = propose(&town, "alice", &["param", decrement, "0"]);
    pass(&town, &bad);
    let stranger = refused(&town, "alice", &["veto", &bad]);
    assert!(stranger.contains("only the guardian"), "{stranger}");
    let vetoed = gov(&town, "tenant", &["veto", &bad]);
    assert_eq!(vetoed["proposal"]["standing"]["phase"], "vetoed");
    assert_eq!(param(&town, decrement), 250);
    assert_eq!(town.json(&["gov", "ls"]), json!([]));
    let all = town.json(&["gov", "ls", "--all"]);
    assert_eq!(all.as_array().map(Vec::len), Some(4));
}

/// Both were made from the same parameters: the later one would undo the earlier one.
#[test]
fn the_second_of_two_stale_proposals_fails_and_says_why() {
    let town = staked();
    let decrement = propose(
        &town,
        "alice",
        &["param", "market.auction.min_decrement_bps", "250"],
    );
    let bidding = ["param", "market.auction.bidding", "9"];
    let bidding = gov(&town, "bob", &[&["propose"][..], &bidding].concat());
    assert_eq!(bidding["rivals"], json!([1]));
    let bidding = bidding["proposal"].to_string();
    let guard = &show(&town, &bidding)["effects"][0];
    assert_eq!(guard["warnings"], json!([]));
    let what = guard["what"].to_string();
    assert!(what.contains("only if market still answers"), "{what}");

    pass(&town, &bidding);
    enact(&town, &decrement);
    await_phase(&town, &bidding, "executable");
    let failed = refused(&town, "tenant", &["execute", &bidding]);
    assert!(failed.contains("its messages failed"), "{failed}");
    let shown = show(&town, &bidding);
    let why = shown["effects"][0]["warnings"].to_string();
    assert!(why.contains("the answer has changed since"), "{why}");
    assert!(!shown["standing"]["failure"].is_null(), "{shown}");
    assert_eq!(param(&town, "market.auction.min_decrement_bps"), 250);
    assert_eq!(param(&town, "market.auction.bidding"), 8);
}

/// One DAO from its first parameter to its first veto: fee, treasury, code, guardian.
#[test]
fn a_dao_governs_itself_from_the_command_line() {
    let town = staked();
    let fee = propose(&town, "alice", &["param", "escrow.fee_bps", "250"]);
    enact(&town, &fee);
    assert_eq!(param(&town, "escrow.fee_bps"), 250);

    // The deposit of what is rejected is the treasury's.
    let greed = ["spend", "ustake", "500000", "alice"];
    let greed = propose(&town, "alice", &greed);
    gov(&town, "bob", &["vote", &greed, "no"]);
    gov(&town, "alice", &["vote", &greed, "no"]);
    await_phase(&town, &greed, "rejected");
    gov(&town, "tenant", &["close", &greed]);
    let to = address(&town, "provider0");
    let before = balance(&town, &to);
    let spend = ["spend", "ustake", "400000", "provider0"];
    let spend = propose(&town, "bob", &spend);
    enact(&town, &spend);
    assert_eq!(balance(&town, &to), before + 400_000);

    let code = MARKET_CODE.to_string();
    let migrate = propose(&town, "alice", &["migrate", "market", &code]);
    enact(&town, &migrate);
    assert_eq!(code_of(&town, "market"), MARKET_CODE);

    let guard = [
        "param",
        "governance.guardian",
        "tenant:3600",
        "--also",
        "governance.timelock=600",
    ];
    let guard = propose(&town, "bob", &guard);
    enact(&town, &guard);
    let bad = ["spend", "ustake", "600000", "alice"];
    let bad = propose(&town, "alice", &bad);
    pass(&town, &bad);
    let alice = balance(&town, &address(&town, "alice"));
    let vetoed = gov(&town, "tenant", &["veto", &bad]);
    assert_eq!(vetoed["proposal"]["standing"]["phase"], "vetoed");
    assert_eq!(balance(&town, &address(&town, "alice")), alice);
    let late = refused(&town, "alice", &["execute", &bad]);
    assert!(late.contains("is vetoed"), "{late}");
    assert_eq!(param(&town, "escrow.fee_bps"), 250);
}
