//! The devchain as CosmJS sees it: the second client, independent of ours.

mod common;

use std::path::Path;
use std::process::Command;

use common::*;
use leasehold_devchain::native_codes;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Node and CosmJS: make test-all installs them"]
async fn cosmjs_connects_executes_queries_and_waits() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cosmjs");
    let installed = scripts.join("node_modules").is_dir();
    assert!(installed, "run `npm ci` in tests/cosmjs");
    let chain = start();
    let cw20 = native_codes()
        .iter()
        .position(|code| code.name == "cw20-base")
        .expect("known")
        + 1;
    let mut node = Command::new("node");
    node.current_dir(scripts).arg("chain.mjs").args([
        &chain.rpc_url(),
        mnemonic("alice"),
        &address("bob"),
        &cw20.to_string(),
    ]);
    let output = tokio::task::spawn_blocking(move || node.output())
        .await
        .expect("task")
        .expect("node 20 or later is installed");
    let shown = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    assert!(output.status.success(), "{shown}");
    for step in [
        "connect",
        "blocks",
        "instantiate",
        "execute and query",
        "index",
        "send",
        "sequence error",
        "failing execute",
    ] {
        assert!(
            shown.lines().any(|line| line == format!("ok {step}")),
            "no `{step}` in {shown}"
        );
    }
}
