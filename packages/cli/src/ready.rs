//! Waiting for something on the chain or at a provider, with progress shown.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{bail, Result};
use indicatif::ProgressBar;

const POLL: Duration = Duration::from_millis(300);

/// Asks `check` until it has an answer. `spinner` shows what is being waited for.
///
/// # Errors
/// The check's own error at once; after `limit`, what was being waited for.
pub async fn wait<T, F>(
    spinner: &ProgressBar,
    what: &str,
    limit: Duration,
    mut check: impl FnMut() -> F,
) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    spinner.set_message(what.to_owned());
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = check().await? {
            return Ok(answer);
        }
        if Instant::now() >= deadline {
            bail!("gave up {what} after {} s", limit.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}

pub fn spinner(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}
