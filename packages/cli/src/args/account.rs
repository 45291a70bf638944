//! Escrow accounts: whose money pays for what.

use clap::{Args as ClapArgs, Subcommand};

#[derive(Subcommand)]
#[command(
    after_help = "Examples:\n  leasehold account ls --from tenant\n  leasehold account open cw20:wasm1… 5000000 --from tenant\n  leasehold account deposit 1 500000 --from tenant\n  leasehold account allow 1 --spender wasm1… --max-total 5000000 --max-rate 200 --from tenant\n  leasehold account draw 2 1000000 --from spender"
)]
pub enum AccountCommand {
    /// List your accounts, with what each still pays for
    Ls,
    /// Open an account of yours with money in it; several deployments may be paid from one
    Open {
        /// Bank denom, or cw20:ADDRESS
        denom: String,
        /// Smallest units
        amount: u128,
    },
    /// Pay into an account, anyone's
    Deposit {
        account: u64,
        /// Smallest units of the account's denom
        amount: u128,
    },
    /// Let a contract or a key rent on your money, within limits: opens an account that draws on this one
    Allow(AllowArgs),
    /// End an allowance: nothing more is drawn, and the spender opens nothing more
    Revoke {
        /// The drawn account
        account: u64,
    },
    /// Move money of an allowance into the account that it feeds; the spender does this before its first lease
    Draw {
        /// The drawn account
        account: u64,
        /// Smallest units
        amount: u128,
    },
    /// Take money out of an account of yours, as far as its leases leave it
    Withdraw {
        account: u64,
        /// Smallest units [default: all that may leave]
        amount: Option<u128>,
    },
    /// Print the memo of an IBC transfer from another chain to escrow that pays into an account
    Memo {
        /// The account [default: the transfer opens one for you]
        account: Option<u64>,
    },
}

#[derive(ClapArgs)]
pub struct AllowArgs {
    /// The account to draw on
    pub account: u64,
    /// Who may rent: an address or a key name
    #[arg(long)]
    pub spender: String,
    /// The most that all its leases may cost together, smallest units per hour
    #[arg(long)]
    pub max_rate: u64,
    /// The most that it may ever spend, smallest units
    #[arg(long)]
    pub max_total: u128,
    /// Seconds from now after which it ends [default: never]
    #[arg(long)]
    pub expires: Option<u64>,
    /// Have anyone top the drawn account up when it lasts for less than this many seconds
    #[arg(long, requires = "refill_to")]
    pub refill_below: Option<u64>,
    /// … to this many seconds of its rent
    #[arg(long, requires = "refill_below")]
    pub refill_to: Option<u64>,
}
