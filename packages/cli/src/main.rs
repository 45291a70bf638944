//! `leasehold`: rent compute, sell compute, run the market.

mod args;
mod commands;
mod context;
mod demo;
mod events;
mod gov;
mod home;
mod offers;
mod output;
mod payment;
mod ready;
mod registry;
mod rent;
mod reputation;
mod reservation;
mod signing;
mod suite;
mod watch;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    if !args.is_service() {
        // `leasehold ls | head` ends quietly, as other tools do; a service must outlive a peer that hangs up.
        sigpipe::reset();
    }
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| args.default_log_filter().into()),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(commands::run(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}
