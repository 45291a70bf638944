//! The validators' processes, by scripts/localnet.sh.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{ensure, Context as _, Result};
use tokio::process::Command;

use crate::setting;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/localnet.sh");

/// SIGKILL; returns when they are gone.
pub async fn kill(numbers: &[usize]) -> Result<()> {
    control("kill", numbers).await
}

/// Returns when all of them answer.
pub async fn revive(numbers: &[usize]) -> Result<()> {
    control("revive", numbers).await
}

/// How many validators the chain has.
pub fn count() -> Result<usize> {
    let home = PathBuf::from(setting("CHAIN_HOME")?);
    let all = home.parent().context("a folder for all validators")?;
    Ok((0..)
        .take_while(|number| all.join(format!("node{number}")).exists())
        .count())
}

/// The RPC address of a validator.
pub fn url(number: usize) -> Result<String> {
    let first = setting("LEASEHOLD_NODE")?;
    let (host, port) = first.rsplit_once(':').context("HOST:PORT")?;
    Ok(format!("{host}:{}", port.parse::<usize>()? + 10 * number))
}

async fn control(verb: &str, numbers: &[usize]) -> Result<()> {
    let done = Command::new(SCRIPT)
        .arg(verb)
        .args(numbers.iter().map(ToString::to_string))
        .stdin(Stdio::null())
        .output()
        .await?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{verb} {numbers:?}: {said}");
    Ok(())
}
