//! Carries out a plan: one transaction for the chain, one job per lease for the runtime.

use cosmwasm_std::{Checksum, Coin};
use leasehold_api::deployment::group_of;
use leasehold_api::provider::{Contact, Hot};
use leasehold_api::{deployment, escrow, market, provider, Asset, Denom};
use leasehold_client::{ClientError, Execute};
use tracing::{info, warn};

use crate::agent::Agent;
use crate::plan::{Run, Tx};
use crate::AgentError;

/// Messages of one transaction: 64 bids take 5 million gas, 64 full collects 55 million, and a transaction that wants more than a block
/// may use is never included.
const MAX_MESSAGES: usize = 64;

impl Agent {
    /// Registers this provider, or brings what the chain says of it up to date.
    pub(crate) async fn register(&self) -> Result<(), AgentError> {
        let registry = self.config.suite.provider.as_str();
        let contact = self.contact();
        let capability = self.config.capability.clone();
        let Some(hot) = self.reader.hot(&self.me).await? else {
            let msg = provider::ExecuteMsg::Register {
                contact,
                capability,
            };
            let (coins, tokens) = bonds(registry, self.config.collateral.clone())?;
            let mut calls = vec![Execute::new(registry, &msg, &coins)?];
            calls.extend(tokens);
            let outcome = self.wallet.execute_many(calls).await?;
            info!(tx = %outcome.hash, "registered");
            return Ok(());
        };
        let known = (
            self.reader.contact(&self.me).await?,
            self.reader.capability(&self.me).await?,
        );
        let mut calls = Vec::new();
        if known != (Some(contact.clone()), Some(capability.clone())) {
            let msg = provider::ExecuteMsg::Update {
                contact: Some(contact),
                capability: Some(capability),
            };
            calls.push(Execute::new(registry, &msg, &[])?);
        }
        let missing = missing_collateral(&hot, &self.config.collateral);
        let (coins, tokens) = bonds(registry, missing)?;
        if !coins.is_empty() {
            calls.push(Execute::new(
                registry,
                &provider::ExecuteMsg::Bond {},
                &coins,
            )?);
        }
        calls.extend(tokens);
        if !calls.is_empty() {
            let outcome = self.wallet.execute_many(calls).await?;
            info!(tx = %outcome.hash, "registration brought up to date");
        }
        Ok(())
    }

    fn contact(&self) -> Contact {
        Contact {
            gateway: self.uri.clone(),
            tls_pin: self.identity.tls_pin.into(),
            age_recipient: self.identity.age_recipient(),
        }
    }

    /// The most urgent in one transaction. When the chain refuses that, in halves down to single ones: a bad bid does not stop a heartbeat,
    /// and does not cost each of the other bids a block.
    pub(crate) async fn send(&mut self, txs: Vec<Tx>, height: u64) -> Result<(), AgentError> {
        self.tx_waits.prune(height);
        let may_go = |tx: &Tx| {
            *tx == Tx::Heartbeat
                || height > self.held_until && !self.tx_waits.is_waiting(tx, height)
        };
        let mut parts = vec![batch(txs, may_go)];
        while let Some(part) = parts.pop() {
            match self.try_send(&part).await {
                Ok(()) => {}
                Err(e) if !is_refusal(&e) => return Err(self.hold(e).into()),
                Err(e) => match halves(&part) {
                    Some(halves) => {
                        info!(error = %e, messages = part.len(), "the chain refuses these together, sending halves");
                        parts.extend(halves);
                    }
                    None => part.iter().for_each(|tx| self.refused(tx, &e, height)),
                },
            }
        }
        Ok(())
    }

    async fn try_send(&mut self, txs: &[Tx]) -> Result<(), ClientError> {
        if txs.is_empty() {
            return Ok(());
        }
        let calls = txs
            .iter()
            .map(|tx| self.call(tx))
            .collect::<Result<_, _>>()?;
        let outcome = self.wallet.execute_many(calls).await?;
        for tx in txs {
            info!(?tx, hash = %outcome.hash, height = outcome.height, "done on chain");
            self.tx_waits.forget(tx);
            match tx {
                Tx::Collect { leases } => {
                    for lease in leases {
                        self.tell(
                            *lease,
                            "collected",
                            format!("rent collected in {}", outcome.hash),
                        );
                    }
                }
                Tx::EndLease { lease } => {
                    self.tell(
                        *lease,
                        "ended",
                        "its time or its notice was over, or the account long dry".to_owned(),
                    );
                }
                Tx::AcceptChange { lease, change } => {
                    self.tell(*lease, "changed", format!("agreed to change {change}"));
                }
                Tx::Heartbeat
                | Tx::Claim { .. }
                | Tx::Failover { .. }
                | Tx::WithdrawOffer { .. }
                | Tx::UpdateOffer { .. }
                | Tx::PostOffer { .. }
                | Tx::Bid { .. }
                | Tx::TopUp { .. }
                | Tx::Slash { .. } => {}
            }
        }
        Ok(())
    }

    fn call(&self, tx: &Tx) -> Result<Execute, ClientError> {
        let suite = &self.config.suite;
        let market = |msg: market::ExecuteMsg| Execute::new(suite.market.as_str(), &msg, &[]);
        match tx {
            Tx::Heartbeat => Execute::new(
                suite.provider.as_str(),
                &provider::ExecuteMsg::Heartbeat {},
                &[],
            ),
            Tx::Claim { order } => market(market::ExecuteMsg::Claim { order_id: *order }),
            Tx::Failover { lease } => market(market::ExecuteMsg::Failover { lease_id: *lease }),
            Tx::WithdrawOffer { offer } => {
                market(market::ExecuteMsg::WithdrawOffer { offer_id: *offer })
            }
            Tx::UpdateOffer { offer, terms } => market(market::ExecuteMsg::UpdateOffer {
                offer_id: *offer,
                terms: terms.clone(),
            }),
            Tx::PostOffer { denom, terms } => market(market::ExecuteMsg::PostOffer {
                denom: denom.clone(),
                terms: terms.clone(),
            }),
            Tx::Bid { order, rate } => {
                let (order_id, rate) = (*order, *rate);
                market(market::ExecuteMsg::Bid { order_id, rate })
            }
            Tx::AcceptChange { lease, change } => {
                let (deployment_id, group) = group_of(market::order_of(*lease));
                let accept = deployment::ExecuteMsg::AcceptChange {
                    deployment_id,
                    group,
                    change: named(change)?,
                };
                Execute::new(suite.deployment.as_str(), &accept, &[])
            }
            Tx::EndLease { lease } => market(market::ExecuteMsg::EndLease { lease_id: *lease }),
            Tx::TopUp { account } => {
                let account = *account;
                let msg = escrow::ExecuteMsg::TopUp { account };
                Execute::new(suite.escrow.as_str(), &msg, &[])
            }
            Tx::Slash { order, number } => market(market::ExecuteMsg::Slash {
                order_id: *order,
                number: *number,
            }),
            Tx::Collect { leases } => {
                let streams = leases.clone();
                Execute::new(
                    suite.escrow.as_str(),
                    &escrow::ExecuteMsg::Collect { streams },
                    &[],
                )
            }
        }
    }

    fn refused(&mut self, tx: &Tx, error: &ClientError, height: u64) {
        warn!(?tx, %error, "refused by the chain");
        if *tx != Tx::Heartbeat {
            self.tx_waits.failed(tx.clone(), height);
        }
    }

    /// After a transaction of unknown fate nothing but heartbeats is sent until it cannot execute any more.
    fn hold(&mut self, error: ClientError) -> ClientError {
        if let ClientError::Unconfirmed { timeout_height, .. } = error {
            self.held_until = timeout_height;
        }
        error
    }

    /// Tells of the jobs that have ended.
    pub(crate) fn finish_jobs(&mut self, height: u64) {
        for (run, result) in self.jobs.finish(height) {
            let lease = run.lease();
            match (run, result) {
                (_, Err(e)) => {
                    warn!(lease, ?run, error = %e, "the runtime failed");
                    self.tell(lease, "failed", e.to_string());
                }
                (Run::Start { .. }, Ok(())) => {
                    info!(lease, "workload started");
                    self.tell(
                        lease,
                        "started",
                        format!("started by the {} runtime", self.runtime.name()),
                    );
                }
                (Run::Suspend { .. }, Ok(())) => {
                    info!(lease, "workload suspended");
                    self.tell(
                        lease,
                        "suspended",
                        "the account has run dry, or what ran takes more than the lease, which was changed to less"
                            .to_owned(),
                    );
                }
                (Run::Remove { .. }, Ok(())) => {
                    info!(lease, "workload removed");
                    self.tell(lease, "removed", "the lease is over".to_owned());
                }
            }
        }
    }
}

fn named(change: &str) -> Result<Checksum, ClientError> {
    Checksum::from_hex(change).map_err(|e| ClientError::Decode {
        what: "the name of a change".into(),
        reason: e.to_string(),
    })
}

/// What of a plan, most urgent first, fits one transaction. The next block's plan has the rest.
fn batch(txs: Vec<Tx>, may_go: impl Fn(&Tx) -> bool) -> Vec<Tx> {
    txs.into_iter().filter(may_go).take(MAX_MESSAGES).collect()
}

/// Two parts of what was refused together, the first one last. One stream that cannot be paid does not hold up the rent of the others.
fn halves(part: &[Tx]) -> Option<[Vec<Tx>; 2]> {
    match part {
        [Tx::Collect { leases }] if leases.len() > 1 => {
            let (first, rest) = leases.split_at(leases.len() / 2);
            let collect = |leases: &[u64]| {
                let leases = leases.to_vec();
                vec![Tx::Collect { leases }]
            };
            Some([rest, first].map(collect))
        }
        [] | [_] => None,
        _ => {
            let (first, rest) = part.split_at(part.len() / 2);
            Some([rest, first].map(<[Tx]>::to_vec))
        }
    }
}

/// The chain has decided: sending the same again changes nothing.
fn is_refusal(e: &ClientError) -> bool {
    matches!(
        e,
        ClientError::Simulation { .. } | ClientError::Failed { .. } | ClientError::Rejected { .. }
    )
}

fn missing_collateral(hot: &Hot, wanted: &[Asset]) -> Vec<Asset> {
    let missing = wanted.iter().map(|asset| Asset {
        amount: asset.amount.saturating_sub(hot.collateral_in(&asset.denom)),
        denom: asset.denom.clone(),
    });
    missing.filter(|asset| !asset.amount.is_zero()).collect()
}

/// The coins to bond, and the calls that bond tokens: each is allowed first, which a second time changes nothing.
fn bonds(registry: &str, assets: Vec<Asset>) -> Result<(Vec<Coin>, Vec<Execute>), ClientError> {
    let (mut coins, mut calls) = (vec![], vec![]);
    for Asset { denom, amount } in assets {
        match denom {
            Denom::Native(denom) => coins.push(Coin { denom, amount }),
            Denom::Cw20(token) => {
                let bond = provider::Cw20HookMsg::Bond {};
                let send = Execute::send_cw20(&token, amount, registry, &bond)?;
                let allow = provider::ExecuteMsg::AllowToken { token };
                calls.extend([Execute::new(registry, &allow, &[])?, send]);
            }
        }
    }
    Ok((coins, calls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_come_along_and_tokens_are_allowed_and_sent() {
        let asset = |denom, amount: u128| Asset {
            denom,
            amount: amount.into(),
        };
        let missing = vec![
            asset(Denom::Native("uakt".into()), 5),
            asset(Denom::Cw20("token".into()), 4),
        ];
        let (coins, calls) = bonds("registry", missing).expect("encodes");
        assert_eq!(coins, [cosmwasm_std::coin(5, "uakt")]);
        let told: Vec<_> = calls
            .iter()
            .map(|call| (call.contract.as_str(), String::from_utf8_lossy(&call.msg)))
            .collect();
        let bond = cosmwasm_std::Binary::from(br#"{"bond":{}}"#);
        let send = format!(r#"{{"send":{{"amount":"4","contract":"registry","msg":"{bond}"}}}}"#);
        assert_eq!(
            told,
            [
                ("registry", r#"{"allow_token":{"token":"token"}}"#.into()),
                ("token", send.into()),
            ]
        );
    }

    #[test]
    fn a_transaction_holds_the_most_urgent_of_what_may_go() {
        let claims = (0..100).map(|order| Tx::Claim { order });
        let txs = [Tx::Heartbeat].into_iter().chain(claims).collect();
        let sent = batch(txs, |tx| *tx != Tx::Claim { order: 0 });
        assert_eq!(sent.len(), MAX_MESSAGES);
        assert_eq!(sent[..2], [Tx::Heartbeat, Tx::Claim { order: 1 }]);
    }
}
