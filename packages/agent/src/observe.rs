//! Reads what a plan depends on.

mod orders;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cosmwasm_std::{Addr, Checksum, Uint128};
use leasehold_api::deployment::{group_of, Change, Deployment};
use leasehold_api::market::LeaseResponse;
use leasehold_api::rules::stream::allowance::Allowance;
use leasehold_api::rules::stream::Account;
use leasehold_api::{Denom, GroupSpec};
use leasehold_client::{ChainStatus, ClientError};
use leasehold_sdl::ManifestService;
use tracing::{debug, info};

use crate::agent::{wall_ms, Agent};
use crate::capacity::Resources;
use crate::chain::Lookup;
use crate::plan::{Former, MyLease, Observed, OpenOrder, Proposed, Wanted};
use crate::pricing::{Ask, PriceError};
use crate::shelf;
use crate::view::View;
use crate::workload::{self, WorkloadSpec};
use crate::AgentError;
pub(crate) use orders::Asked;

/// Events of a lease that is over are kept this long after the last one, wall clock.
const EVENTS_LIFE: Duration = Duration::from_secs(30 * 86_400);

impl Agent {
    /// Everything, as of the latest block or one that came meanwhile.
    pub(crate) async fn observe(&mut self, status: &ChainStatus) -> Result<Observed, AgentError> {
        self.pricing_took = Duration::ZERO;
        let hot = self.reader.hot(&self.me).await?;
        let hot = hot.ok_or_else(|| AgentError::missing("provider", &self.me))?;
        let market = self.reader.market_params().await?;
        let grace = self.reader.provider_params().await?.grace;
        let now = status.time.seconds();
        let resumed_at = self.halts.enter(status.height, now, grace);
        let orders = self.open_orders().await?;
        let leases = self.my_leases(status.time.seconds()).await?;
        let workloads = self.runtime.list().await?;
        let domain = &self.config.ingress.domain;
        let view = View::new(domain, self.specs.clone(), workloads.clone())
            .with_leases(leases.iter().map(|my| my.lease.id).collect());
        self.view.send_replace(Arc::new(view));
        self.watch_quoted(&orders)?;
        let watched = self
            .watched(&orders, market.auction.claim_window, status.time.seconds())
            .await?;
        let penalties = self.reader.penalties_for(&self.me).await?;
        self.forget(&orders, &leases).await?;
        let mut locked = BTreeMap::new();
        for asset in &hot.collateral {
            let amount = self.reader.locked(&self.me, &asset.denom).await?;
            locked.insert(asset.denom.key(), amount);
        }
        let shelf = self.config.shelf.as_ref();
        let split = shelf::split(shelf, self.config.capacity, &self.config.capability.gpus);
        Ok(Observed {
            me: self.me.clone(),
            now: status.time.seconds(),
            height: status.height,
            hot,
            maintenance: self.reader.maintenance(&self.me).await?,
            grace,
            resumed_at,
            market,
            min_runway: self.reader.escrow_params().await?.min_runway,
            capability: self.config.capability.clone(),
            audits: self.reader.audits(&self.me).await?,
            locked,
            capacity: split.rest,
            cards: split.rest_cards,
            offered: split.offered,
            offers: self.reader.offers(&self.me).await?,
            collect_every: self.config.collect_every,
            orders,
            leases,
            watched,
            penalties,
            workloads,
        })
    }

    async fn my_leases(&mut self, now: u64) -> Result<Vec<MyLease>, AgentError> {
        let mut leases = Vec::new();
        for lease in self.reader.leases(&self.me).await? {
            // Ended by a block that came meanwhile.
            let Some(stream) = self.reader.stream(lease.id).await? else {
                continue;
            };
            let deployment = self.deployment(lease.deployment_id).await?;
            let group = self.group(lease.order_id).await?;
            let proposed = self.proposed(&lease, &deployment, &group, now).await?;
            self.load_spec(&lease, &deployment, &group)?;
            let wanted = self.wanted(&lease, &deployment, &group)?;
            leases.push(MyLease {
                collected_at: stream.at,
                account: self.account(lease.account).await?,
                allowance: self.feed(lease.account).await?,
                lease,
                group,
                proposed,
                wanted,
            });
        }
        Ok(leases)
    }

    /// What should run; else what is known of that which does.
    fn wanted(
        &self,
        lease: &LeaseResponse,
        deployment: &Deployment,
        group: &GroupSpec,
    ) -> Result<Result<Wanted, Former>, AgentError> {
        let hash = hex::encode(&deployment.manifest_hash);
        let Some(spec) = self.specs.get(&lease.id) else {
            let sealed = self.store.manifest(lease.deployment_id)?;
            let former = sealed.map_or(Former::Unknown, |sealed| self.stored(&sealed, group));
            return Ok(Err(former));
        };
        let former = former(&spec.revision, &spec.services, group);
        let is_present = spec.revision == hash && former != Former::Unpaid;
        let wanted = is_present.then_some(Wanted {
            revision: hash,
            replicas: spec.replicas,
        });
        Ok(wanted.ok_or(former))
    }

    /// What a stored manifest that is not used says of what an earlier run of this agent started.
    fn stored(&self, sealed: &[u8], group: &GroupSpec) -> Former {
        // No tenant's doing: what could not be read was not taken. The operator has lost the key.
        let Ok(manifest) = workload::decrypt(sealed, &self.identity.age) else {
            return Former::Unknown;
        };
        let named = manifest.0.iter().find(|part| part.name == group.name);
        let revision = hex::encode(manifest.hash());
        named.map_or(Former::Unpaid, |part| {
            former(&revision, &part.services, group)
        })
    }

    /// Opens the stored manifest when it is the one that the chain names now.
    fn load_spec(
        &mut self,
        lease: &LeaseResponse,
        deployment: &Deployment,
        group: &GroupSpec,
    ) -> Result<(), AgentError> {
        let hash = deployment.manifest_hash.as_slice();
        let is_loaded = self
            .specs
            .get(&lease.id)
            .is_some_and(|spec| spec.revision == hex::encode(hash));
        if is_loaded {
            return Ok(());
        }
        let Some(sealed) = self.store.manifest(lease.deployment_id)? else {
            return Ok(());
        };
        let opened = workload::open(&sealed, &self.identity.age, hash).and_then(|manifest| {
            WorkloadSpec::new(
                lease.id,
                lease.deployment_id,
                self.me.as_str(),
                &manifest,
                group,
            )
        });
        match opened {
            Ok(spec) => drop(self.specs.insert(lease.id, spec)),
            // The tenant has changed the manifest and not sent it yet, or it asks for more than it pays for.
            Err(e) => debug!(lease = lease.id, error = %e, "the stored manifest is not used"),
        }
        Ok(())
    }

    /// Drops what belongs to orders, leases and deployments that are over.
    async fn forget(&mut self, orders: &[OpenOrder], leases: &[MyLease]) -> Result<(), AgentError> {
        let looking: BTreeSet<(u64, u32)> = orders.iter().map(|o| (o.id, o.order.leases)).collect();
        let open: BTreeSet<u64> = orders.iter().map(|o| o.id).collect();
        self.orders.retain(|order, _| open.contains(order));
        self.asked.retain(|key, _| looking.contains(key));
        self.asks
            .retain(|(order, _, leases), _| looking.contains(&(*order, *leases)));
        let proposed: HashSet<Checksum> = leases
            .iter()
            .filter_map(|my| my.proposed.as_ref())
            .map(|proposed| proposed.hash)
            .collect();
        self.change_asks.retain(|hash, _| proposed.contains(hash));
        let active: BTreeSet<u64> = leases.iter().map(|l| l.lease.id).collect();
        self.specs.retain(|lease, _| active.contains(lease));
        let life = u64::try_from(EVENTS_LIFE.as_millis()).unwrap_or(u64::MAX);
        self.store
            .forget_events(&active, wall_ms().saturating_sub(life))?;
        let known: BTreeSet<u64> = orders
            .iter()
            .map(|o| o.id)
            .chain(leases.iter().map(|l| l.lease.order_id))
            .collect();
        let serving: BTreeSet<u64> = known.iter().map(|order| group_of(*order).0).collect();
        for id in self.store.manifest_ids()? {
            if !serving.contains(&id) && self.is_over(id).await? {
                info!(deployment = id, "closed, its manifest is deleted");
                self.store.remove_manifest(id)?;
            }
        }
        Ok(())
    }

    async fn is_over(&self, id: u64) -> Result<bool, AgentError> {
        match self.reader.deployment(id).await? {
            Some(deployment) => Ok(self.reader.is_closed(id, &deployment).await?),
            None => Ok(true),
        }
    }

    async fn deployment(&self, id: u64) -> Result<Deployment, AgentError> {
        let found = self.reader.deployment(id).await?;
        found.ok_or_else(|| AgentError::missing("deployment", id))
    }

    /// What feeds an account, with the account that it comes from.
    async fn feed(&self, account: u64) -> Result<Option<(Allowance, Account)>, AgentError> {
        let Some(allowance) = self.reader.allowance(account).await? else {
            return Ok(None);
        };
        let source = self.account(allowance.source).await?;
        Ok(Some((allowance, source)))
    }

    async fn account(&self, id: u64) -> Result<Account, AgentError> {
        let found = self.reader.account(id).await?;
        found.ok_or_else(|| AgentError::missing("account", id))
    }

    async fn group(&self, order: u64) -> Result<GroupSpec, AgentError> {
        let found = self.reader.group(order).await?;
        found.ok_or_else(|| AgentError::missing("the group of order", order))
    }

    /// What the tenant of a lease proposes, with this provider's price for it.
    async fn proposed(
        &mut self,
        lease: &LeaseResponse,
        deployment: &Deployment,
        group: &GroupSpec,
        now: u64,
    ) -> Result<Option<Proposed>, AgentError> {
        let found = self.reader.change(lease.order_id).await?;
        // It is accepted in a later block.
        let soon = now.saturating_add(1);
        let is_open = |c: &Change| c.is_open(&deployment.owner, Some(lease.id), soon);
        let Some(change) = found.filter(is_open) else {
            return Ok(None);
        };
        let hash = change.hash().map_err(|e| ClientError::Decode {
            what: "a proposed change".into(),
            reason: e.to_string(),
        })?;
        let ask = match self.change_asks.get(&hash) {
            Some(ask) => ask.clone(),
            None => {
                let asked = change.spec.as_ref().unwrap_or(group);
                let tenant = &deployment.owner;
                let ask = self.price(&lease.denom, tenant, change.rate, asked).await;
                remember(&mut self.change_asks, hash, ask)
            }
        };
        Ok(Some(Proposed { change, hash, ask }))
    }

    /// This provider's price. A script may take seconds for each, and anybody may open orders, but heartbeats wait for the end of a pass: what
    /// it has no time for waits for the next one.
    async fn price(
        &mut self,
        denom: &Denom,
        tenant: &Addr,
        max_rate: Uint128,
        group: &GroupSpec,
    ) -> Result<Ask, PriceError> {
        if self.pricing_took > self.pricing_limit {
            return Err(PriceError::Later);
        }
        let began = Instant::now();
        let pricing = &self.config.pricing;
        let ask = pricing.ask(denom, tenant.as_str(), max_rate, group).await;
        self.pricing_took += began.elapsed();
        ask
    }
}

fn former(revision: &str, services: &[ManifestService], paid: &GroupSpec) -> Former {
    let taken = workload::resources(services);
    match taken.first_above(&Resources::of_group(paid)) {
        None => Former::Paid(revision.to_owned()),
        Some(_) => Former::Unpaid,
    }
}

/// Keeps a price that was asked for.
fn remember<K: Eq + Hash>(
    asks: &mut HashMap<K, Result<Ask, PriceError>>,
    key: K,
    ask: Result<Ask, PriceError>,
) -> Result<Ask, PriceError> {
    if ask != Err(PriceError::Later) {
        asks.insert(key, ask.clone());
    }
    ask
}
