//! `leasehold watch aggregate`: takes votes over HTTP, submits verdicts, accuses watchers that vote both ways.
//!
//! `POST /` with a list of [`SignedVote`]; the answer says of each whether it was taken. Votes are signed: who carries them does not matter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Json, Router};
use cosmwasm_std::Addr;
use leasehold_api::provider::{round_at, ExecuteMsg, Key, Role, WatchResponse};
use leasehold_client::ClientError;
use serde_json::{json, Value};
use tracing::{info, warn};

use super::look;
use crate::args::AggregateArgs;
use crate::context::Context;
use crate::output;
use crate::registry::Registry;
use crate::watch::bench::{Accusation, Bench, Question, Taken};
use crate::watch::{tick, SignedVote};

/// Longest body of votes, bytes: a thousand of them.
const MAX_BODY: usize = 512 << 10;

#[derive(Clone)]
struct Desk {
    bench: Arc<Mutex<Bench>>,
    accusations: Arc<Mutex<Vec<Accusation>>>,
}

pub async fn run(context: &Context, args: &AggregateArgs) -> Result<()> {
    let registry = Registry::open(context).await?;
    // Unlocks the key before anything is promised.
    let wallet = registry.wallet().await?;
    let market = &registry.market;
    let address = Addr::unchecked(&market.suite.provider);
    let bench = Bench::new(market.client.chain_id().to_owned(), address);
    let desk = Desk {
        bench: Arc::new(Mutex::new(bench)),
        accusations: Arc::default(),
    };
    let listener = tokio::net::TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen at {}", args.listen))?;
    let listen = format!("http://{}", listener.local_addr()?);
    match registry.json() {
        true => output::json(&json!({"listen": listen}))?,
        false => println!("watchers send their votes with --aggregator {listen}"),
    }
    let app = Router::new()
        .route("/", post(take))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(desk.clone());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let clerk = Clerk {
        registry: &registry,
        wallet,
        desk,
    };
    let pause = tick(registry.trust.watch_round);
    while !server.is_finished() {
        tokio::select! {
            stopped = tokio::signal::ctrl_c() => return Ok(stopped?),
            () = tokio::time::sleep(pause) => {}
        }
        if let Err(error) = clerk.step().await {
            warn!(
                error = format!("{error:#}"),
                "this look failed, the next tries again"
            );
        }
    }
    Ok(server.await??)
}

/// What became of each vote.
async fn take(State(desk): State<Desk>, Json(votes): Json<Vec<SignedVote>>) -> Json<Vec<Value>> {
    let mut bench = lock(&desk.bench);
    let answers = votes.into_iter().map(|vote| {
        let (watcher, lease, round) = (vote.watcher.clone(), vote.lease_id, vote.round);
        match bench.take(vote) {
            Ok(Taken::New) => {
                info!(watcher, lease, round, "vote taken");
                json!({"taken": true})
            }
            Ok(Taken::Known) => json!({"taken": true}),
            Ok(Taken::Contrary(accusation)) => {
                let mut accusations = lock(&desk.accusations);
                if !accusations.contains(&accusation) {
                    warn!(watcher, lease, round, "voted both ways");
                    accusations.push(accusation);
                }
                json!({"taken": false, "error": "it voted the contrary before"})
            }
            Err(error) => json!({"taken": false, "error": error.to_string()}),
        }
    });
    Json(answers.collect())
}

/// A panic of another holder left the data whole: each change is one call.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The half that talks to the chain.
struct Clerk<'a> {
    registry: &'a Registry<'a>,
    wallet: leasehold_client::Wallet,
    desk: Desk,
}

impl Clerk<'_> {
    async fn step(&self) -> Result<()> {
        let length = self.registry.trust.watch_round;
        let now = self.registry.market.now().await?;
        let current = round_at(now, length);
        let watches = look::watches(self.registry, None).await?;
        self.look(current, &watches).await?;
        self.submit(current, &watches).await?;
        self.accuse().await;
        Ok(())
    }

    async fn submit(&self, current: u64, watches: &[WatchResponse]) -> Result<()> {
        let ready = || lock(&self.desk.bench).ready(|round| round < current);
        if ready().is_empty() {
            return Ok(());
        }
        let keys = self.keys().await?;
        lock(&self.desk.bench).dismiss(|watcher| keys.contains_key(watcher));
        for ((lease_id, round), down, mut signatures) in ready() {
            let watch = watches.iter().find(|watch| watch.lease_id == lease_id);
            // What is left may pay some: a shorter list is still a verdict, one that cannot be paid is none.
            signatures.truncate(watch.map_or(0, |watch| self.payable(watch)));
            let signers = signatures.len();
            let verdict = ExecuteMsg::SubmitVerdict {
                lease_id,
                round,
                down,
                signatures,
            };
            match self.send(&verdict).await {
                Ok(()) => {
                    info!(lease = lease_id, round, down, signers, "verdict submitted");
                    lock(&self.desk.bench).decide(|question| question == (lease_id, round));
                }
                // Another aggregator was first, or the fees are used up: the next look at the chain tells.
                Err(error) => {
                    warn!(lease = lease_id, round, %error, "the verdict was not taken");
                }
            }
        }
        Ok(())
    }

    /// Most signers whom the fees that are left of a watch pay; its quorum, if they pay fewer: then the chain says what is wrong.
    fn payable(&self, watch: &WatchResponse) -> usize {
        let fee = self.registry.trust.watch_fee;
        let Ok(paid) = watch.funds.checked_div(fee) else {
            // Where there is no fee, all may sign.
            return usize::MAX;
        };
        let most = |count: u128| usize::try_from(count).unwrap_or(usize::MAX);
        most(paid.u128()).max(most(watch.quorum.into()))
    }

    /// Opens the questions of this round, marks those that are decided, closes those that are too old.
    async fn look(&self, current: u64, watches: &[WatchResponse]) -> Result<()> {
        let is_new = |question: Question| !lock(&self.desk.bench).is_open(question);
        let decided: BTreeMap<u64, u64> = watches
            .iter()
            .filter_map(|watch| Some((watch.lease_id, watch.verdict?.round)))
            .collect();
        let is_over = |(_, round): Question| round.saturating_add(1) < current;
        let is_decided =
            |(lease, round): Question| decided.get(&lease).is_some_and(|latest| round <= *latest);
        let opening: Vec<_> = watches
            .iter()
            .filter(|watch| {
                let question = (watch.lease_id, watch.round);
                !is_over(question) && is_new(question)
            })
            .collect();
        let keys = match opening.is_empty() {
            true => BTreeMap::new(),
            false => self.keys().await?,
        };
        let mut bench = lock(&self.desk.bench);
        for watch in opening {
            let members = watch.panel.iter().filter_map(|address| {
                let key = keys.get(address.as_str())?;
                Some((address.to_string(), key.clone()))
            });
            let question = (watch.lease_id, watch.round);
            bench.open(question, members.collect(), watch.quorum);
        }
        bench.close(is_over);
        bench.decide(is_decided);
        Ok(())
    }

    /// Of watchers in good standing.
    async fn keys(&self) -> Result<BTreeMap<String, Key>> {
        let watchers = self.registry.members(Role::Watcher).await?;
        let good = watchers.into_iter().filter(|one| one.in_good_standing);
        Ok(good.map(|one| (one.address.into(), one.key)).collect())
    }

    /// Until the chain has answered.
    async fn accuse(&self) {
        let accusations = lock(&self.desk.accusations).clone();
        for accusation in accusations {
            let Accusation {
                watcher,
                lease_id,
                round,
                down,
                up,
            } = accusation.clone();
            let msg = ExecuteMsg::AccuseWatcher {
                watcher: watcher.clone(),
                lease_id,
                round,
                down,
                up,
            };
            match self.send(&msg).await {
                Ok(()) => warn!(watcher, "accused of voting both ways"),
                // It has nothing left to lose, or another was first.
                Err(
                    error @ (ClientError::Simulation { .. }
                    | ClientError::Rejected { .. }
                    | ClientError::Failed { .. }),
                ) => warn!(watcher, %error, "the accusation was not taken"),
                Err(error) => {
                    warn!(watcher, %error, "not accused yet");
                    continue;
                }
            }
            lock(&self.desk.accusations).retain(|other| *other != accusation);
        }
    }

    async fn send(&self, msg: &ExecuteMsg) -> Result<(), ClientError> {
        let registry = &self.registry.market.suite.provider;
        self.wallet.execute(registry, msg, &[]).await.map(drop)
    }
}
