//! `leasehold audit`.

mod measure;

use anyhow::Result;

use crate::args::AuditCommand;
use crate::context::Context;

pub async fn run(context: &Context, command: AuditCommand) -> Result<()> {
    match command {
        AuditCommand::Measure(args) => measure::measure(context, args).await,
        AuditCommand::Peer(args) => measure::peer(context, &args).await,
    }
}
