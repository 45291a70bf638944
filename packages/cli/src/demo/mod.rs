//! `leasehold demo`: the main job told once, on real code in every part. Chain and providers are separate processes; one of them is killed.

mod books;
mod failover;
mod ground;
mod http;
mod image;
mod narrator;
mod stage;
mod story;

use anyhow::{ensure, Context as _, Result};

use crate::args::DemoArgs;
use crate::context::Context;
use crate::output;

/// # Errors
/// Any step that did not hold; the summary is written only when all did.
pub async fn run(context: &Context, args: DemoArgs) -> Result<()> {
    let narrator = narrator::Narrator::new(context.global.json);
    let mut stage = stage::Stage::set(context, &args, &narrator).await?;
    let told = story::tell(&mut stage, &narrator).await;
    let cleared = stage.clear().await;
    let summary =
        told.with_context(|| format!("the demo failed; logs are in {}", stage.keep_logs()))?;
    cleared.context("cannot clear up after the demo")?;
    if let Some(dir) = args.summary.parent() {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    std::fs::write(&args.summary, serde_json::to_vec_pretty(&summary)?)
        .with_context(|| format!("cannot write {}", args.summary.display()))?;
    narrator.say(&format!("summary in {}", args.summary.display()));
    output::json(&summary)?;
    ensure!(summary.conserved, "money was lost or made: {summary:?}");
    Ok(())
}
