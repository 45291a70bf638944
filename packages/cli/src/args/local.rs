//! What needs no chain: keys and files.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make a new key and show its recovery phrase once
    Add { name: String },
    /// Restore a key from its recovery phrase, read from standard input
    Recover { name: String },
    /// Add the funded test accounts of development chains; their recovery phrases are public
    Dev,
    /// List all keys
    Ls,
    /// Show one key's address
    Show { name: String },
    /// Print a key's recovery phrase
    Export { name: String },
    /// Delete a key
    Rm {
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand)]
pub enum SdlCommand {
    /// Say whether a file is valid, and what is wrong where
    Check { file: PathBuf },
    /// Print the groups that go on chain
    Groups { file: PathBuf },
    /// Print the manifest that goes to the provider
    Manifest {
        file: PathBuf,
        /// Print its hash alone
        #[arg(long)]
        hash: bool,
    },
}
