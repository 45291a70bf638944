//! Transactions that find no room, run out of gas or compete for a sequence: each action is done once.

use std::future::Future;
use std::time::Duration;

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, Decimal, Uint128};
use leasehold_api::event::DeploymentCreated;
use leasehold_api::{deployment, Denom, Suite};
use leasehold_client::{ClientError, Key, TxConfig, TxOutcome, Wallet, DEFAULT_PREFIX};
use leasehold_test_localnet::history::History;
use leasehold_test_localnet::{connect, dev_key, suite, wallet, FREE};
use leasehold_testing::verbs::small_group;
use tokio::task::JoinSet;

const DENOM: &str = "uakt";
/// Of everything a block takes (100 million gas): one of these fills it.
const BULKY: u64 = 90_000_000;
const SPAMMERS: usize = 24;
const POLL: Duration = Duration::from_millis(50);

fn with(gas_adjustment: Decimal) -> Result<TxConfig> {
    Ok(TxConfig {
        poll: POLL,
        gas_adjustment,
        ..TxConfig::new(FREE.parse()?)
    })
}

fn newcomer() -> Result<String> {
    Ok(Key::random(DEFAULT_PREFIX)?.address().to_owned())
}

async fn all<F>(tasks: impl IntoIterator<Item = F>) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let mut running: JoinSet<_> = tasks.into_iter().collect();
    while let Some(done) = running.join_next().await {
        done??;
    }
    Ok(())
}

/// The mempool holds 20 transactions (MEMPOOL): strangers fill it with some of which a block takes one at a time.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn a_full_mempool_is_waited_for() -> Result<()> {
    let client = connect().await?;
    let rich = wallet(&client, dev_key("alice")?, FREE)?;
    let mut spammers = Vec::new();
    for _ in 0..SPAMMERS {
        let key = Key::random(DEFAULT_PREFIX)?;
        rich.bank_send(key.address(), &[coin(1_000, DENOM)]).await?;
        // What a transfer uses, times this, is nearly a block.
        let used = 70_000;
        let bulky = with(Decimal::from_ratio(BULKY, used as u64))?;
        spammers.push(Wallet::new(client.clone(), key, bulky));
    }
    let (to, fresh) = (newcomer()?, newcomer()?);
    let receiver = to.clone();
    let mut spam: JoinSet<Result<()>> = spammers
        .into_iter()
        .map(move |spammer| {
            let to = receiver.clone();
            async move {
                spammer.bank_send(&to, &[coin(1, DENOM)]).await?;
                Ok(())
            }
        })
        .collect();
    // Bytes that the node must refuse for want of room before it reads them.
    let mut was_full = false;
    while !was_full && !spam.is_empty() {
        let refused = client.broadcast_sync(b"no transaction").await;
        was_full = matches!(refused, Err(ClientError::MempoolFull { .. }));
        while let Some(done) = spam.try_join_next() {
            done??;
        }
    }
    ensure!(was_full, "the mempool was never full");
    let tenant = wallet(&client, dev_key("bob")?, FREE)?;
    let before = client.status().await?.height;
    let sent = tenant.bank_send(&fresh, &[coin(7, DENOM)]).await?;
    println!("there was room after {} blocks", sent.height - before);
    while let Some(done) = spam.join_next().await {
        done??;
    }
    ensure!(client.balance(&fresh, DENOM).await? == Uint128::new(7));
    ensure!(client.balance(&to, DENOM).await? == Uint128::new(SPAMMERS as u128));
    Ok(())
}

/// A deployment that is created while its messages run out of gas would leave a deposit behind, or an order.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn out_of_gas_is_sent_once_more_or_told() -> Result<()> {
    let client = connect().await?;
    let suite = suite(&client).await?;
    let first = client.status().await?.height;
    let bob = dev_key("bob")?;
    let before = client.account(bob.address()).await?.sequence;
    let tight = Wallet::new(client.clone(), bob.clone(), with(Decimal::percent(60))?);
    create(&tight, &suite).await?;
    let used = client.account(bob.address()).await?.sequence - before;
    ensure!(used == 2, "one ran out, one did it: {used}");

    let balance = client.balance(bob.address(), DENOM).await?;
    let hopeless = Wallet::new(client.clone(), bob.clone(), with(Decimal::percent(45))?);
    let error = create(&hopeless, &suite).await.err();
    let error = error.context("twice too little")?;
    ensure!(
        matches!(error, ClientError::Failed { code: 11, .. }),
        "{error}"
    );
    ensure!(error.to_string().contains("out of gas"), "{error}");
    ensure!(client.balance(bob.address(), DENOM).await? == balance);
    let history = History::read(&client, &suite, first).await?;
    let created = history.all::<DeploymentCreated>()?;
    ensure!(created.len() == 1, "{created:?}");
    let deployment_id = created[0].1.deployment_id;
    let close = deployment::ExecuteMsg::Close { deployment_id };
    let patient = wallet(&client, bob, FREE)?;
    patient.execute(&suite.deployment, &close, &[]).await?;
    Ok(())
}

async fn create(wallet: &Wallet, suite: &Suite) -> Result<TxOutcome, ClientError> {
    let create = deployment::ExecuteMsg::Create {
        groups: vec![small_group("web", 10).into()],
        manifest_hash: [1; 32].into(),
        denom: Denom::Native(DENOM.into()),
        account: None,
    };
    let deposit = [coin(1_000_000, DENOM)];
    wallet.execute(&suite.deployment, &create, &deposit).await
}

/// Two lanes of one key, as of two programs that know nothing of each other.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn two_programs_with_one_key_each_do_all_of_theirs_once() -> Result<()> {
    const EACH: u128 = 12;
    let client = connect().await?;
    let to = newcomer()?;
    let before = client.account(dev_key("bob")?.address()).await?.sequence;
    let program = |amount: u128| {
        let to = to.clone();
        async move {
            // A connection and a lane of its own.
            let wallet = wallet(&connect().await?, dev_key("bob")?, FREE)?;
            for _ in 0..EACH {
                wallet.bank_send(&to, &[coin(amount, DENOM)]).await?;
            }
            Ok(())
        }
    };
    all([program(1), program(1_000)]).await?;
    let received = client.balance(&to, DENOM).await?;
    ensure!(received == Uint128::new(EACH * 1_001), "{received}");
    let used = client.account(dev_key("bob")?.address()).await?.sequence - before;
    ensure!(u128::from(used) == 2 * EACH, "{used} sequences");
    Ok(())
}
