//! Governing the suite by stake.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use leasehold_api::suite::CONTRACTS;

use crate::gov::params::Governed;

#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  leasehold gov stake 1000000 --from alice\n  leasehold gov propose param market.auction.min_decrement_bps 250 --from alice\n  leasehold gov show 1\n  leasehold gov vote 1 yes --from alice\n  leasehold gov execute 1 --from anyone"
)]
pub struct GovArgs {
    /// Do not ask
    #[arg(long, short, global = true)]
    pub yes: bool,
    #[command(subcommand)]
    pub command: GovCommand,
}

#[derive(Subcommand)]
pub enum GovCommand {
    /// Stake: it votes on proposals of later blocks
    #[command(after_help = "Example:\n  leasehold gov stake 1000000 --from alice")]
    Stake {
        /// Smallest units of the stake denom
        amount: u128,
    },
    /// Take stake out; `gov claim` pays it after the unbonding time
    #[command(after_help = "Example:\n  leasehold gov unstake 400000 --from alice")]
    Unstake {
        /// Smallest units of the stake denom
        amount: u128,
    },
    /// Let another vote with your stake, or nobody again; rewards stay yours
    #[command(
        after_help = "Examples:\n  leasehold gov delegate bob --from alice\n  leasehold gov delegate none --from alice"
    )]
    Delegate {
        /// Address or key name; `none`: you vote again
        to: String,
    },
    /// Be paid what was taken out of stake and has waited long enough
    #[command(after_help = "Example:\n  leasehold gov claim --from alice")]
    Claim,
    /// Show what an address may claim of the fees that stakers share
    #[command(
        after_help = "Examples:\n  leasehold gov rewards --from alice\n  leasehold gov rewards wasm1…"
    )]
    Rewards {
        /// Address or key name [default: the signer]
        address: Option<String>,
    },
    /// Bring the fees that escrow has taken to stakers and treasury; anyone may
    #[command(after_help = "Example:\n  leasehold gov sweep uakt --from anyone")]
    Sweep {
        /// Bank denom, or cw20:ADDRESS
        denom: String,
    },
    /// Be paid what your stake has earned of fees
    #[command(
        after_help = "Examples:\n  leasehold gov claim-rewards --from alice\n  leasehold gov claim-rewards --denom uakt --from alice"
    )]
    ClaimRewards {
        /// Only in this bank denom, or cw20:ADDRESS
        #[arg(long)]
        denom: Option<String>,
    },
    /// List the streams of the treasury that are not all paid
    #[command(after_help = "Example:\n  leasehold gov streams")]
    Streams,
    /// Pay what a stream of the treasury has earned to its recipient; anyone may
    #[command(after_help = "Example:\n  leasehold gov claim-stream 1 --from anyone")]
    ClaimStream {
        /// Stream id
        id: u64,
    },
    /// List proposals with status, votes and the time left
    #[command(after_help = "Examples:\n  leasehold gov ls\n  leasehold gov ls --all --json")]
    Ls {
        /// Those that ended too
        #[arg(long)]
        all: bool,
    },
    /// Show a proposal: votes, rule, deposit, and what each of its messages would change now
    #[command(after_help = "Example:\n  leasehold gov show 3")]
    Show(ProposalArgs),
    /// Open a proposal
    Propose(ProposeArgs),
    /// Vote on a proposal, once and for good; `veto` counts as no
    #[command(after_help = "Example:\n  leasehold gov vote 3 yes --from alice")]
    Vote {
        /// Proposal id
        id: u64,
        vote: Choice,
    },
    /// Run the messages of a proposal that passed, after its timelock; anyone may
    #[command(after_help = "Example:\n  leasehold gov execute 3 --from anyone")]
    Execute(ProposalArgs),
    /// Close a proposal that was rejected or lapsed, and settle its deposit; anyone may
    #[command(after_help = "Example:\n  leasehold gov close 3 --from anyone")]
    Close(ProposalArgs),
    /// End a proposal that passed, within its timelock; the guardian only
    #[command(after_help = "Example:\n  leasehold gov veto 3 --from guardian")]
    Veto(ProposalArgs),
    /// Keep the market from beginning anything for a while; the guardian only
    #[command(after_help = "Example:\n  leasehold gov pause --from guardian")]
    Pause,
    /// List the parameters with their values, meaning, units and ranges
    #[command(
        after_help = "Examples:\n  leasehold gov params\n  leasehold gov params market --json"
    )]
    Params {
        /// Only this contract's
        contract: Option<Governed>,
    },
}

#[derive(ClapArgs)]
pub struct ProposalArgs {
    /// Proposal id
    pub id: u64,
}

#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  leasehold gov propose param market.auction.min_decrement_bps 250\n  leasehold gov propose param market.auction.bidding 90 --also market.auction.hard_close=240\n  leasehold gov propose param governance.guardian alice:2592000\n  leasehold gov propose spend uakt 5000000 wasm1…\n  leasehold gov propose migrate market 42\n  leasehold gov propose file msgs.json --title \"Pay the insurance\""
)]
pub struct ProposeArgs {
    /// Title [default: what the template does; a file needs one]
    #[arg(long, global = true)]
    pub title: Option<String>,
    /// Why
    #[arg(long, global = true)]
    pub description: Option<String>,
    /// Decide faster, by a larger majority: on the terms of governance.expedited
    #[arg(long, global = true)]
    pub expedited: bool,
    #[command(subcommand)]
    pub template: Template,
}

#[derive(Subcommand)]
pub enum Template {
    /// Change a parameter; `gov params` lists them
    Param {
        /// Contract and parameter, such as market.auction.min_decrement_bps
        path: String,
        /// New value; `none` where there may be none. Of governance.guardian: an address or key name, and the seconds of its term
        value: String,
        /// Another parameter of the same contract in the same message; repeat for more
        #[arg(long, value_name = "PATH=VALUE")]
        also: Vec<String>,
    },
    /// Pay out of the treasury
    Spend {
        /// Bank denom, or cw20:ADDRESS
        denom: String,
        /// Smallest units
        amount: u128,
        /// Address or key name
        to: String,
    },
    /// Pay out of the treasury evenly over time
    Stream {
        /// Bank denom, or cw20:ADDRESS
        denom: String,
        /// Smallest units
        amount: u128,
        /// Address or key name
        to: String,
        /// From the execution on
        seconds: u64,
    },
    /// Stop a stream of the treasury; what is not earned yet is treasury again
    StopStream {
        /// Stream id
        id: u64,
    },
    /// End a pause of the market
    Lift,
    /// Put a contract of the suite on another code
    Migrate {
        #[arg(value_parser = PossibleValuesParser::new(CONTRACTS))]
        contract: String,
        /// Id of the stored code
        code_id: u64,
        /// Migration message, JSON
        #[arg(long, default_value = "{}")]
        msg: String,
    },
    /// Any messages: a JSON list of CosmWasm messages (`bank`, `wasm`); a contract may go by its name in the suite, and its message as plain JSON
    File { file: PathBuf },
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Yes,
    No,
    Abstain,
    Veto,
}

impl From<Choice> for cw3::Vote {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Yes => cw3::Vote::Yes,
            Choice::No => cw3::Vote::No,
            Choice::Abstain => cw3::Vote::Abstain,
            Choice::Veto => cw3::Vote::Veto,
        }
    }
}
