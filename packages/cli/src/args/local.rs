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
    /// Make an Ed25519 key in a file of its own: it signs for an auditor or a watcher, and is no account
    #[command(
        after_help = "Example:\n  leasehold keys ed25519 signing.pem\n  leasehold audit register --key signing.pem --from auditor"
    )]
    Ed25519 {
        /// A new file, PKCS #8 in PEM; whoever can read it can sign, so keep a copy where nobody else can
        file: PathBuf,
    },
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
