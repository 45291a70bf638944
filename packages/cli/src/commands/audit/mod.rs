//! `leasehold audit`.

mod attest;
mod look;
mod measure;
mod word;

use anyhow::Result;
use leasehold_api::provider::Role;

use crate::args::AuditCommand;
use crate::context::Context;
use crate::registry;

pub use look::print_audits;

pub async fn run(context: &Context, command: AuditCommand) -> Result<()> {
    match command {
        AuditCommand::Measure(args) => measure::measure(context, args).await,
        AuditCommand::Peer(args) => measure::peer(context, &args).await,
        AuditCommand::Register(args) => registry::enrol(context, Role::Auditor, &args).await,
        AuditCommand::Retire => registry::retire(context, Role::Auditor).await,
        AuditCommand::Withdraw => registry::withdraw(context, Role::Auditor).await,
        AuditCommand::Attest(args) => attest::attest(context, args).await,
        AuditCommand::Submit { file } => attest::submit(context, &file).await,
        AuditCommand::Revoke { provider } => attest::revoke(context, &provider).await,
        AuditCommand::Challenge {
            provider,
            auditor,
            evidence,
        } => attest::challenge(context, &provider, &auditor, &evidence).await,
        AuditCommand::Ls(args) => look::list(context, args).await,
    }
}
