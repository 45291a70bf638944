//! What is remembered of providers, and who is chosen by it.

use crate::town::{text, variant, Town, HELLO};

/// The score of a provider that has just begun is 0.
#[test]
fn only_a_reliable_provider_is_accepted() {
    let mut town = Town::new();
    town.provider("provider0");
    let deploy = |file, more: &[&'static str]| {
        let start = ["deploy", file, "--from", "tenant", "--yes"];
        [&start[..], more].concat()
    };

    // The chain awards it to whoever is cheapest.
    let binding = town.refused(&deploy(HELLO, &["--min-reliability", "500"]));
    assert!(binding.contains("ranks nobody"), "{binding}");
    let open = variant(&town, &[("auction: descending", "auction: open")]);
    let early = town.refused(&deploy(&open, &["--min-reliability", "0", "--no-wait"]));
    assert!(early.contains("leave out --no-wait"), "{early}");
    let beyond = town.refused(&deploy(&open, &["--min-reliability", "1001"]));
    assert!(beyond.contains("1001"), "{beyond}");

    // Nobody has served for an hour yet.
    let strict = ["--min-reliability", "1", "--timeout", "8"];
    let nobody = town.refused(&deploy(&open, &strict));
    assert!(nobody.contains("a score of 1 or more"), "{nobody}");
    town.json(&["close", "1", "--from", "tenant", "--yes"]);

    let up = town.json(&deploy(&open, &["--min-reliability", "0"]));
    assert!(up["urls"][0].is_string(), "{up}");
    town.json(&["close", "2", "--from", "tenant", "--yes"]);

    let listed = town.json(&["provider", "ls"]);
    assert_eq!(listed[0]["counters"]["ended"], 1, "{listed}");
    assert_eq!(listed[0]["score"], 0, "it served for seconds");
    let status = town.json(&["provider", "status", "provider0"]);
    assert_eq!(status["reputation"][0]["counters"], listed[0]["counters"]);
    let shown = text(&town.run(&["provider", "status", "provider0"]).stdout);
    assert!(shown.contains("1 of 1 leases ended well"), "{shown}");
}
