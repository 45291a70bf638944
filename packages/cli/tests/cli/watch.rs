//! Watchers that nobody chose probe a lease, and a majority of them says what the chain believes.

use cosmwasm_std::{Addr, Binary};
use leasehold_api::provider::{sign_bytes, Vote, VERDICT};
use leasehold_client::{ChainClient, Key};
use leasehold_devchain::DEV_ACCOUNTS;
use serde_json::{json, Value};

use crate::town::{text, Town, HELLO};

const WATCHERS: [&str; 3] = ["alice", "bob", "provider4"];

/// The latest verdict on the only watched lease, once it is this one.
fn await_verdict(town: &Town, down: bool) -> Value {
    let looked = (0..2_000)
        .map(|_| town.json(&["watch", "ls"])[0]["verdict"].clone())
        .find(|verdict| verdict["d"] == down);
    looked.unwrap_or_else(|| {
        let log = |name| std::fs::read_to_string(town.home.path().join(format!("{name}.log")));
        panic!(
            "no such verdict: {:?} {:?}",
            log("aggregator"),
            log("watch-alice")
        )
    })
}

/// What no honest watcher sends, in the round that runs. An aggregator that has not opened it yet takes neither.
fn vote_both_ways(town: &Town, aggregator: &str, watcher: &str) {
    let watch = town.json(&["watch", "ls"])[0].clone();
    let dev = town.json(&["suite", "show"]);
    let registry = dev["provider"].as_str().expect("an address");
    let words = DEV_ACCOUNTS.iter().find(|(name, _)| *name == watcher);
    let key = Key::from_words(words.expect("a test account").1, "wasm").expect("a key");
    let number = |field: &str| watch[field].as_u64().expect("a number");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let chain = runtime.block_on(ChainClient::connect(&town.node));
    let votes = [true, false].map(|down| {
        let (lease_id, round) = (number("lease_id"), number("round"));
        let vote = Vote {
            lease_id,
            round,
            down,
        };
        let chain_id = chain.as_ref().expect("a chain").chain_id();
        let bytes = sign_bytes(VERDICT, chain_id, &Addr::unchecked(registry), &vote);
        json!({
            "watcher": key.address(), "lease_id": lease_id, "round": round, "down": down,
            "signature": Binary::from(key.sign(&bytes.expect("encodes"))),
        })
    });
    let posted = runtime.block_on(async {
        let answer = reqwest::Client::new().post(aggregator).json(&votes).send();
        answer.await?.json::<Value>().await
    });
    let answers = posted.expect("an answer");
    let taken = |vote: usize| answers[vote]["taken"] == true;
    assert!(!(taken(0) && taken(1)), "{answers}");
}

#[test]
fn a_lease_is_watched_from_up_to_down() {
    let mut town = Town::new();
    // Bob signs with a key of its own.
    let file = town.home.path().join("signing.pem");
    let file = file.to_string_lossy();
    town.json(&["keys", "ed25519", &file]);
    let own = ["--key", &*file];
    let key_of = |watcher| match watcher {
        "bob" => &own[..],
        _ => &[],
    };
    for watcher in WATCHERS {
        let register = ["watch", "register", "--from", watcher];
        let enrolled = town.json(&[&register[..], key_of(watcher)].concat());
        assert_eq!(enrolled["member"]["in_good_standing"], true);
    }
    let stranger = [
        "watch",
        "run",
        "--aggregator",
        "http://127.0.0.1:1",
        "--from",
        "provider3",
    ];
    let refused = town.refused(&stranger);
    assert!(refused.contains("is no watcher"), "{refused}");

    let aggregator = [
        "watch",
        "aggregate",
        "--listen",
        "127.0.0.1:0",
        "--from",
        "deployer",
    ];
    let listen = town.announced("aggregator", &aggregator)["listen"].clone();
    let listen = listen.as_str().expect("an address").to_owned();
    for watcher in WATCHERS {
        let run = ["watch", "run", "--aggregator", &listen, "--from", watcher];
        town.service(
            &format!("watch-{watcher}"),
            &[&run[..], key_of(watcher)].concat(),
        );
    }
    // Which of two comes first is decided once the one says so.
    let is_watching = (0..1_000).any(|_| {
        town.json(&["watch", "ls"]);
        let log = std::fs::read_to_string(town.home.path().join("watch-alice.log"));
        log.expect("a log").contains("watching")
    });
    assert!(is_watching);
    let twice = town.refused(&["watch", "run", "--aggregator", &listen, "--from", "alice"]);
    assert!(twice.contains("contrary votes"), "{twice}");

    // Started last, to be ended first.
    town.provider("provider0");
    let deploy = [
        "deploy",
        HELLO,
        "--from",
        "tenant",
        "--yes",
        "--deposit",
        "9000000",
    ];
    let deployed = town.json(&deploy);
    let lease = deployed["orders"][0]["lease_id"].to_string();
    let others = town.refused(&["watch", "add", &lease, "600000", "--from", "provider3"]);
    assert!(others.contains("tenant"), "{others}");
    let watched = town.json(&["watch", "add", &lease, "600000", "--from", "tenant"]);
    assert_eq!(watched["watch"]["funds"], "600000");

    let up = await_verdict(&town, false);
    let shown = text(&town.run(&["watch", "ls"]).stdout);
    assert!(
        shown.contains("3 of 3") && shown.contains("up, "),
        "{shown}"
    );
    let claimed = town.json(&["watch", "claim", "--from", "alice"]);
    let paid = claimed["paid"].as_str().expect("an amount");
    assert!(
        paid.parse::<u128>().expect("a number") >= 1_000,
        "{claimed}"
    );

    town.end_last();
    let down = await_verdict(&town, true);
    assert!(down["r"].as_u64() > up["r"].as_u64(), "{up} {down}");

    let jailed = (0..100).any(|_| {
        vote_both_ways(&town, &listen, "provider4");
        let watchers = town.json(&["watch", "ls", "--watchers"]);
        let mut jailed = watchers.as_array().expect("a list").iter();
        jailed.any(|one| one["jailed"] == true && one["bond"] == "0")
    });
    assert!(jailed, "who votes both ways loses its bond");

    let ended = town.json(&["watch", "end", &lease, "--from", "tenant"]);
    let refunded = ended["refunded"].as_str().expect("an amount");
    assert!(
        refunded.parse::<u128>().expect("a number") < 600_000,
        "{ended}"
    );
    let retired = town.json(&["watch", "retire", "--from", "bob"]);
    assert_eq!(retired["member"]["in_good_standing"], false);
    let watchers = text(&town.run(&["watch", "ls", "--watchers"]).stdout);
    assert!(watchers.contains("retired"), "{watchers}");
}
