//! Governing the suite with the command line alone.

use serde_json::{json, Value};

use crate::town::{text, Town, HELLO};

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

    let claimed = (0..2_000).find_map(|_| {
        let claim = ["--json", "gov", "claim", "--yes", "--from", "bob"];
        let output = town.run(&claim);
        output.status.success().then(|| text(&output.stdout))
    });
    let claimed: Value = serde_json::from_str(&claimed.expect("it matures")).expect("JSON");
    assert_eq!(
        claimed["stake"],
        json!({"amount": "300000", "delegate": null, "unstaking": []})
    );
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
