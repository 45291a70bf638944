//! The gas harness against a real chain: the same story in signed transactions, each within 3 % of `artifacts/gas.json`. `UPDATE=1`
//! writes what they took to `artifacts/gas-node.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, Coin};
use leasehold_api::genesis::Genesis;
use leasehold_api::governance::{self, Expedited};
use leasehold_api::rules::auction::AuctionParams;
use leasehold_api::{market, provider};
use leasehold_client::{ChainClient, Instantiate2, Key, TxOutcome, Wallet, DEFAULT_PREFIX};
use leasehold_test_localnet::{connect, dev_key, pass, second, wallet, FREE};
use leasehold_test_story::{
    self as story, Cast, Receipt as _, Receipts, Story, Token, Wait, ALONE, DENOM, FORTUNE, LIFE,
    STAKE, START,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

/// Thousandths of the node's figure that the harness's may be off.
const TOLERANCE: u64 = 30;
/// Thousandths that the committed figures of a node may be off: numbers have other lengths on another day.
const FRESH: u64 = 5;
/// Makes fees of four digits.
const PAID: &str = "0.05uusd";
const BIDDING: u64 = 1;
/// For a winner to claim and a bidder to reveal. Longer than the story takes where they do.
const WINDOW: u64 = 10;
const GRACE: u64 = 20;
const TIMELOCK: u64 = 4;
const UNBONDING: u64 = 2;

#[test]
#[ignore = "needs a chain: scripts/gas-node.sh"]
fn the_harness_charges_what_a_node_does() -> Result<()> {
    let runtime = Runtime::new()?;
    let client = runtime.block_on(connect())?;
    let suite = runtime.block_on(second(&client, "gas", &genesis()))?;
    let (cast, wallets) = runtime.block_on(people(&client))?;
    let node = Node {
        runtime,
        client,
        wallets,
    };
    let mut receipts = in_tokens(&node, cast.clone())?;
    let (in_coins, more) = Story::begin(&node, suite, cast)?.operations(&genesis())?;
    receipts.extend(in_coins);
    let mut gas: BTreeMap<_, _> = receipts
        .iter()
        .map(|(name, receipt)| (*name, receipt.gas()))
        .collect();
    gas.insert("collect_more", more);
    for (name, parts) in [("life", &LIFE[..]), ("start", &START[..])] {
        gas.insert(name, parts.iter().map(|part| gas[part]).sum());
    }
    println!("{gas:?}");
    compare(&gas)
}

/// The design's parameters but for the waits.
fn genesis() -> Genesis {
    let production = story::genesis();
    Genesis {
        governance: governance::Params {
            min_voting_period: 0,
            timelock: TIMELOCK,
            unbonding: UNBONDING,
            expedited: production.governance.expedited.map(|usual| Expedited {
                timelock: TIMELOCK,
                ..usual
            }),
            ..production.governance
        },
        provider: provider::Params {
            grace: GRACE,
            unbonding: UNBONDING,
            lapse_window: GRACE,
            ..production.provider
        },
        market: market::Params {
            auction: AuctionParams {
                bidding: BIDDING,
                // Four in the bidding: a bid has them to follow in, however slow they are.
                min_blocks: 200,
                extension: BIDDING,
                hard_close: 2 * BIDDING,
                commit: BIDDING,
                claim_window: WINDOW,
                reveal: WINDOW,
                ..production.market.auction
            },
            lapse_blocks: 20,
            penalty_delay: 5,
            ..production.market
        },
        ..production
    }
}

/// Newcomers with funds, whose first transaction, which also stores their public key, is behind them.
async fn people(client: &ChainClient) -> Result<(Cast, BTreeMap<String, Wallet>)> {
    let alice = wallet(client, dev_key("alice")?, FREE)?;
    let mut wallets = vec![];
    for _ in 0..5 {
        let newcomer = wallet(client, Key::random(DEFAULT_PREFIX)?, FREE)?;
        let fortune = [coin(FORTUNE, DENOM), coin(FORTUNE, STAKE)];
        alice.bank_send(newcomer.address(), &fortune).await?;
        to_itself(&newcomer).await?;
        wallets.push(newcomer);
    }
    let address = |i: usize| wallets[i].address().to_string();
    let cast = Cast {
        tenant: address(0),
        keeper: address(1),
        providers: [address(2), address(3), address(4)],
    };
    let by_address = |wallet: Wallet| (wallet.address().to_string(), wallet);
    Ok((cast, wallets.into_iter().map(by_address).collect()))
}

/// On a suite of its own, whose governance stakes the token.
fn in_tokens(node: &Node, cast: Cast) -> Result<Receipts<Receipt>> {
    let token = node.runtime.block_on(token(&node.client, &cast))?;
    let staked = story::staked(genesis(), &token);
    let suite = second(&node.client, "gas in tokens", &staked);
    let suite = node.runtime.block_on(suite)?;
    Story::begin(node, suite, cast)?.in_tokens(&token)
}

/// Of code that the chain does not keep in memory, as of most tokens.
async fn token(client: &ChainClient, cast: &Cast) -> Result<String> {
    let alice = wallet(client, dev_key("alice")?, FREE)?;
    let wasm = fs::read(artifacts().join("test_cw20.wasm")).context("make wasm")?;
    let code = alice.store_code(wasm).await?;
    let salt = b"gas".to_vec();
    let token = Instantiate2::new(code.code_id, &Token::of(cast), salt, "token", None)?;
    Ok(alice.instantiate2(token).await?.instantiated(0)?)
}

fn artifacts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts")
}

async fn to_itself(wallet: &Wallet) -> Result<u64> {
    let something = [coin(1, DENOM)];
    let sent = wallet.bank_send(wallet.address(), &something).await?;
    Ok(sent.gas_used)
}

struct Node {
    runtime: Runtime,
    client: ChainClient,
    wallets: BTreeMap<String, Wallet>,
}

enum Receipt {
    Transaction(TxOutcome),
    Difference(u64),
}

impl story::Receipt for Receipt {
    fn gas(&self) -> u64 {
        match self {
            Receipt::Transaction(outcome) => outcome.gas_used,
            Receipt::Difference(gas) => *gas,
        }
    }

    fn data(&self) -> Result<Vec<u8>> {
        match self {
            Receipt::Transaction(outcome) => Ok(outcome.execute_data(0)?),
            Receipt::Difference(_) => anyhow::bail!("two transactions have no answer"),
        }
    }
}

impl story::Chain for &Node {
    type Receipt = Receipt;

    fn id(&self) -> String {
        self.client.chain_id().into()
    }

    fn execute(
        &self,
        sender: &str,
        contract: &str,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<Receipt> {
        let sent = self.wallets[sender].execute(contract, msg, funds);
        Ok(Receipt::Transaction(self.runtime.block_on(sent)?))
    }

    /// What the same transaction takes more when it pays.
    fn fee(&self, payer: &str) -> Result<Receipt> {
        let free = &self.wallets[payer];
        let paid = wallet(&self.client, free.key().clone(), PAID)?;
        let difference = async {
            let with = to_itself(&paid).await?;
            anyhow::Ok(with - to_itself(free).await?)
        };
        Ok(Receipt::Difference(self.runtime.block_on(difference)?))
    }

    fn stored(&self, contract: &str, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self
            .runtime
            .block_on(self.client.query_raw(contract, key))?)
    }

    fn pass(&self, wait: Wait) -> Result<()> {
        let seconds = match wait {
            Wait::Bidding | Wait::Commitments => 2 * BIDDING,
            Wait::Window => WINDOW + 1,
            Wait::Beat | Wait::Vote => 1,
            Wait::Timelock => TIMELOCK + 1,
            Wait::Unbonding => UNBONDING + 1,
            Wait::Silence => GRACE / 4 + 1,
        };
        self.runtime.block_on(pass(&self.client, seconds))
    }
}

/// What the harness found on pinned code, of all that it notes.
#[derive(Deserialize)]
struct Figures {
    pinned: u64,
}

fn compare(node: &BTreeMap<&str, u64>) -> Result<()> {
    let harness: BTreeMap<String, Figures> = read(&artifacts().join("gas.json"))?;
    let on_both = |name: &&String| !ALONE.contains(&name.as_str());
    ensure!(
        harness.keys().filter(on_both).eq(node.keys()),
        "the harness knows {:?}",
        harness.keys()
    );
    println!("operation         harness     node  off by");
    let mut far = vec![];
    for (name, node) in node {
        let harness = harness[*name].pinned;
        let off = (harness as f64 / *node as f64 - 1.0) * 100.0;
        println!("{name:<16} {harness:>8} {node:>8} {off:>6.2} %");
        if thousandths(harness, *node) > TOLERANCE {
            far.push(name);
        }
    }
    ensure!(far.is_empty(), "off by more than 3 %: {far:?}");
    record(&artifacts().join("gas-node.json"), node)
}

/// The committed figures of a node are what the page shows.
fn record(path: &Path, node: &BTreeMap<&str, u64>) -> Result<()> {
    if std::env::var_os("UPDATE").is_some() {
        return Ok(fs::write(path, serde_json::to_string_pretty(node)? + "\n")?);
    }
    let committed: BTreeMap<String, u64> = read(path)?;
    let fresh = committed.keys().eq(node.keys())
        && committed
            .iter()
            .all(|(name, was)| thousandths(*was, node[name.as_str()]) <= FRESH);
    ensure!(
        fresh,
        "artifacts/gas-node.json is out of date: UPDATE=1 make gas-node"
    );
    Ok(())
}

fn thousandths(of: u64, from: u64) -> u64 {
    of.abs_diff(from) * 1_000 / from
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_str(&text)?)
}
