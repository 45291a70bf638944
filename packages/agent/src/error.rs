use std::path::PathBuf;

use leasehold_client::ClientError;

use crate::gateway::GatewayError;
use crate::identity::IdentityError;
use crate::runtime::RuntimeError;
use crate::store::StoreError;

/// Why the agent cannot go on, or one round of it failed.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error(transparent)]
    Chain(#[from] ClientError),
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error("the home folder {path} cannot be used: {source}")]
    Home {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// Two reads of the chain that do not fit each other, because a block came in between: the next round reads again.
    #[error("{what} {id} is not on chain (any more)")]
    Missing { what: &'static str, id: String },
}

impl AgentError {
    pub(crate) fn missing(what: &'static str, id: impl ToString) -> Self {
        Self::Missing {
            what,
            id: id.to_string(),
        }
    }
}
