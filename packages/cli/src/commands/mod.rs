//! One file per command.

mod account;
mod audit;
mod change;
mod close;
mod demo_app;
mod deploy;
mod dev;
mod gov;
pub mod keys;
mod logs;
mod ls;
mod offers;
mod penalties;
pub mod plan;
mod provider;
mod prune;
mod push;
mod sdl;
mod status;
mod suite;
mod top_up;
mod watch;

use anyhow::Result;

use crate::args::{Args, Command};
use crate::context::Context;

pub use demo_app::serve as serve_demo_app;

/// # Errors
/// What the command could not do, and what to do about it.
pub async fn run(args: Args) -> Result<()> {
    let context = Context::new(args.global)?;
    match args.command {
        Command::Demo(args) => crate::demo::run(&context, args).await,
        Command::Dev(args) => dev::run(&context, args).await,
        Command::Suite(command) => suite::run(&context, command).await,
        Command::Keys(command) => keys::run(&context, command),
        Command::Provider(command) => provider::run(&context, command).await,
        Command::Sdl(command) => sdl::run(&context, command),
        Command::Deploy(args) => deploy::run(&context, args).await,
        Command::Offers(args) => offers::run(&context, args).await,
        Command::Ls(args) => ls::run(&context, args).await,
        Command::Status(args) => status::run(&context, args.id).await,
        Command::Logs(args) => logs::run(&context, args).await,
        Command::Push(args) => push::run(&context, args.id).await,
        Command::TopUp(args) => top_up::run(&context, args).await,
        Command::Account(command) => account::run(&context, command).await,
        Command::Change(args) => change::run(&context, args).await,
        Command::Close(args) => close::run(&context, args).await,
        Command::Penalties(args) => penalties::run(&context, args).await,
        Command::Prune(args) => prune::run(&context, args).await,
        Command::Audit(command) => audit::run(&context, command).await,
        Command::Watch(command) => watch::run(&context, command).await,
        Command::Gov(args) => gov::run(&context, args).await,
        Command::DemoApp => serve_demo_app().await,
    }
}
