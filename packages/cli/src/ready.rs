//! Waiting for something on the chain or at a provider, with progress shown.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{bail, Result};
use indicatif::ProgressBar;
use leasehold_client::ClientError;

const POLL: Duration = Duration::from_millis(300);

/// Asks `check` until it has an answer. `spinner` shows what is being waited for.
///
/// # Errors
/// The check's own error at once, unless the chain may answer later; after `limit`, what was being waited for.
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
        match check().await {
            Ok(Some(answer)) => return Ok(answer),
            Err(error) if !is_transient(&error) => return Err(error),
            Ok(None) | Err(_) => {}
        }
        if Instant::now() >= deadline {
            bail!("gave up {what} after {} s", limit.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}

fn is_transient(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(ClientError::is_transient)
}

pub fn spinner(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}
