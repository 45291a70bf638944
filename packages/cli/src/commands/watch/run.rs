//! `leasehold watch run`: probes, votes, and sends the votes until the round has a verdict.

use std::time::Duration;

use anyhow::Result;
use futures::future::join_all;
use leasehold_agent::gateway::client::Prober;
use leasehold_api::provider::{round_at, Role, Vote, VERDICT};
use tracing::{debug, info, warn};

use super::look;
use crate::args::WatchRunArgs;
use crate::context::Context;
use crate::registry::Registry;
use crate::signing::Signer;
use crate::watch::duty::{Duty, PROBES};
use crate::watch::votes::Votes;
use crate::watch::{tick, SignedVote};

/// An aggregator that takes longer is passed over until the next tick.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn run(context: &Context, args: &WatchRunArgs) -> Result<()> {
    let mut watcher = Watcher::start(context, args).await?;
    info!(watcher = %watcher.signer.address, "watching");
    let pause = tick(watcher.length());
    loop {
        tokio::select! {
            stopped = tokio::signal::ctrl_c() => return Ok(stopped?),
            () = tokio::time::sleep(pause) => {}
        }
        if let Err(error) = watcher.step().await {
            warn!(
                error = format!("{error:#}"),
                "this look failed, the next tries again"
            );
        }
    }
}

struct Watcher<'a> {
    registry: Registry<'a>,
    signer: Signer,
    votes: Votes,
    http: reqwest::Client,
    aggregators: &'a [reqwest::Url],
    /// Of `round`.
    duties: Vec<(Duty, Prober)>,
    round: u64,
}

impl<'a> Watcher<'a> {
    async fn start(context: &'a Context, args: &'a WatchRunArgs) -> Result<Self> {
        let registry = Registry::open(context).await?;
        let signer = registry.signer(Role::Watcher, args.key.as_deref()).await?;
        let file = format!(
            "{}-{}.json",
            registry.market.client.chain_id(),
            registry.market.suite.provider
        );
        let folder = context.home.watcher(&context.signer_name()?);
        Ok(Watcher {
            votes: Votes::open(folder.join(file))?,
            http: reqwest::Client::builder().timeout(PATIENCE).build()?,
            aggregators: &args.aggregator,
            duties: vec![],
            // The round that runs is joined at the first step.
            round: 0,
            registry,
            signer,
        })
    }

    /// Seconds of a round; a suite never changes it.
    fn length(&self) -> u64 {
        self.registry.trust.watch_round
    }

    async fn step(&mut self) -> Result<()> {
        let now = self.registry.market.now().await?;
        let round = round_at(now, self.length());
        if round != self.round {
            self.duties = self.drawn(round).await?;
            self.round = round;
        }
        self.probe(now).await;
        self.decide().await?;
        self.send().await;
        Ok(())
    }

    /// What this watcher is drawn for. A lease that began within the round is for the next: its provider needs time to start it.
    async fn drawn(&self, round: u64) -> Result<Vec<(Duty, Prober)>> {
        let market = &self.registry.market;
        let mut duties = Vec::new();
        for watch in look::watches(&self.registry, Some(&self.signer.address)).await? {
            let lease = market.lease(watch.lease_id).await?;
            let began = lease.started_at > round.saturating_mul(self.length());
            let is_voted = self.votes.of(round, watch.lease_id).is_some();
            if watch.round != round || began || lease.ended.is_some() || is_voted {
                continue;
            }
            let contact = market.provider(lease.provider.as_str()).await?.contact;
            match Prober::new(contact) {
                Ok(prober) => duties.push((Duty::new(watch.lease_id, round), prober)),
                Err(error) => warn!(lease = watch.lease_id, %error, "cannot be probed"),
            }
        }
        info!(round, leases = duties.len(), "drawn");
        Ok(duties)
    }

    /// All at once, so that a slow gateway keeps no other waiting.
    async fn probe(&mut self, now: u64) {
        let length = self.length();
        // The next probe is not to wait for this one.
        let patience = Duration::from_secs((length / (2 * (PROBES + 2))).clamp(1, 20));
        let due = self
            .duties
            .iter_mut()
            .filter(|(duty, _)| duty.is_due(now, length));
        join_all(due.map(|(duty, prober)| async move {
            let lease = duty.lease_id;
            let answered = match tokio::time::timeout(patience, prober.lease(lease)).await {
                Ok(Ok(_)) => true,
                Ok(Err(error)) => {
                    info!(lease, %error, "a probe failed");
                    false
                }
                Err(_) => {
                    info!(lease, "a probe was not answered in time");
                    false
                }
            };
            duty.probed(answered, now, length);
        }))
        .await;
    }

    /// Votes on what is over, unless the lease has ended meanwhile.
    async fn decide(&mut self) -> Result<()> {
        let over = |(duty, _): &(Duty, Prober)| duty.is_over();
        let finished: Vec<Duty> = self
            .duties
            .iter()
            .filter(|entry| over(entry))
            .map(|(duty, _)| duty.clone())
            .collect();
        for duty in finished {
            let lease = self.registry.market.lease(duty.lease_id).await?;
            if let (Some(down), None) = (duty.vote(), &lease.ended) {
                let down = self.votes.settle(duty.round, duty.lease_id, down)?;
                info!(lease = duty.lease_id, round = duty.round, down, "voted");
            }
            self.duties
                .retain(|(other, _)| other.lease_id != duty.lease_id);
        }
        Ok(())
    }

    /// All votes that may still be taken, again and again: an aggregator that was away, or forgot, gets them yet.
    async fn send(&self) {
        let signed = |(round, lease_id, down)| -> Result<SignedVote> {
            let vote = Vote {
                lease_id,
                round,
                down,
            };
            Ok(SignedVote {
                watcher: self.signer.address.clone(),
                lease_id,
                round,
                down,
                signature: self.registry.sign(&self.signer, VERDICT, &vote)?,
            })
        };
        let votes = self.votes.since(self.round.saturating_sub(1)).map(signed);
        let votes: Vec<SignedVote> = match votes.collect() {
            Ok(votes) => votes,
            Err(error) => {
                warn!(%error, "votes cannot be signed");
                return;
            }
        };
        if votes.is_empty() {
            return;
        }
        for aggregator in self.aggregators {
            let sent = self.http.post(aggregator.clone()).json(&votes).send().await;
            match sent.and_then(reqwest::Response::error_for_status) {
                Ok(_) => debug!(%aggregator, votes = votes.len(), "sent"),
                Err(error) => warn!(%aggregator, %error, "votes were not taken"),
            }
        }
    }
}
