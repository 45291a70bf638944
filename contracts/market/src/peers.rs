//! What the market must know of its peers, read raw.

use cosmwasm_std::{Addr, Deps, StdError, Uint128};
use leasehold_api::deployment::{self, group_of};
use leasehold_api::market::{Lease, Lock, Order};
use leasehold_api::provider::{self, Hot, Standing};
use leasehold_api::rules::auction::is_excluded;
use leasehold_api::rules::matching;
use leasehold_api::rules::stream::{Account, Stream};
use leasehold_api::{escrow, Denom, GroupSpec, Liveness, RuleError};

use crate::permission::unauthorized;
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

impl Touch<'_> {
    /// Refuses a provider that may not serve this order now, or whose free collateral does not cover `bond`, of which `bound` is locked
    /// already. Answers with what it has locked.
    pub fn require_eligible(
        &self,
        id: u64,
        order: &Order,
        tenant: &Addr,
        provider: &Addr,
        bond: Uint128,
        bound: Uint128,
    ) -> Result<Lock, ContractError> {
        let group = self.group(id)?;
        self.require_able(&group, order, tenant, provider, bond, bound)
    }

    /// The same with the order's group in hand.
    pub fn require_able(
        &self,
        group: &GroupSpec,
        order: &Order,
        tenant: &Addr,
        provider: &Addr,
        bond: Uint128,
        bound: Uint128,
    ) -> Result<Lock, ContractError> {
        let hot = self.registered(provider)?;
        require_willing(&hot, self.now)?;
        // At most max_attempts entries.
        if is_excluded(&order.excluded, provider, self.now) {
            return Err(not_eligible("it failed this order before".into()));
        }
        if tenant == provider {
            return Err(not_eligible("it owns the deployment".into()));
        }
        let deps = self.deps.as_ref();
        require_match(deps, &self.suite.provider, provider, group, self.now)?;
        require_collateral(deps, &order.denom, provider, &hot, bond, bound)
    }

    /// What an order's group asks for.
    pub fn group(&self, id: u64) -> Result<GroupSpec, ContractError> {
        let (deployment, group) = group_of(id);
        let contract = &self.suite.deployment;
        Ok(deployment::group(
            &self.deps.querier,
            contract,
            deployment,
            group,
        )?)
    }

    /// The registry's record of a provider.
    pub fn registered(&self, provider: &Addr) -> Result<Hot, ContractError> {
        provider::HOT
            .query(&self.deps.querier, self.suite.provider.clone(), provider)?
            .ok_or_else(|| unauthorized(provider, "a registered provider"))
    }

    pub fn account(&self, id: u64) -> Result<Account, ContractError> {
        escrow::account(&self.deps.querier, &self.suite.escrow, id)?
            .ok_or(ContractError::AccountNotFound { account: id })
    }

    /// Seconds of rent that must stay in an account.
    pub fn min_runway(&self) -> Result<u64, ContractError> {
        Ok(escrow::params(&self.deps.querier, &self.suite.escrow)?.min_runway)
    }

    /// Refuses a tenant that may not add `rate` to what the account pays: it neither owns the account nor is allowed that much.
    pub fn check_tenant(
        &self,
        id: u64,
        account: &Account,
        tenant: &Addr,
        rate: Uint128,
    ) -> Result<(), ContractError> {
        escrow::check_tenant(id, account, tenant, rate, self.now, || {
            escrow::allowance(&self.deps.querier, &self.suite.escrow, id)
        })
    }

    /// Whether the tenant may still spend `rate` from the order's account and the account could start paying it: what escrow will
    /// ask, asked first.
    pub fn can_pay(
        &self,
        id: u64,
        order: &Order,
        tenant: &Addr,
        rate: Uint128,
    ) -> Result<bool, ContractError> {
        let account = self.free_account(id, order)?;
        match self.check_tenant(order.account, &account, tenant, rate) {
            Ok(()) => self.affords(account, order, rate),
            Err(ContractError::Rule(refused)) if is_refusal(&refused) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The order's account with what a reservation holds of it, which returns before the rent starts.
    fn free_account(&self, id: u64, order: &Order) -> Result<Account, ContractError> {
        let mut account = self.account(order.account)?;
        if !order.auction.is_reservation() {
            return Ok(account);
        }
        if let Some(hold) = escrow::hold(&self.deps.querier, &self.suite.escrow, id)? {
            account.settle(self.now)?;
            account.release(&hold, Uint128::zero())?;
        }
        Ok(account)
    }

    /// When a lease that starts now is over by itself: of a job.
    pub fn ends_at(&self, order: &Order) -> Result<Option<u64>, ContractError> {
        const WHAT: RuleError = RuleError::Overflow {
            what: "end of the job",
        };
        let end = order
            .duration
            .map(|seconds| self.now.checked_add(seconds).ok_or(WHAT));
        Ok(end.transpose()?)
    }

    /// Whether the account can pay for another lease at `lease`'s rate once `lease` is closed: settled and reconciled as escrow will.
    pub fn can_pay_after(
        &self,
        order: &Order,
        id: u64,
        lease: &Lease,
        live: &Liveness,
    ) -> Result<bool, ContractError> {
        let mut account = self.account(order.account)?;
        account.settle(self.now)?;
        let mut stream = escrow::stream(&self.deps.querier, &self.suite.escrow, id)?
            .ok_or(ContractError::LeaseNotFound { id })?;
        let (alive, moment) = stream.witness(Some(live), self.now)?;
        stream.reconcile(&mut account, alive, moment)?;
        stream.take_earned();
        account.close_stream(stream)?;
        self.affords(account, order, lease.rate)
    }

    fn affords(
        &self,
        mut account: Account,
        order: &Order,
        rate: Uint128,
    ) -> Result<bool, ContractError> {
        let payee = self.contract().clone();
        let stream = Stream::new(order.account, payee, rate, 0, self.now);
        let stream = stream.ending(self.ends_at(order)?);
        match account.open_stream(stream, self.min_runway()?) {
            Ok(_) => Ok(true),
            Err(error) if is_refusal(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether an error says that this tenant cannot pay this rate from this account, and not that something is wrong.
fn is_refusal(error: &RuleError) -> bool {
    matches!(
        error,
        RuleError::WrongParty { .. } | RuleError::OutOfRange { .. } | RuleError::Overflow { .. }
    )
}

/// Refuses a provider that takes no lease now.
pub fn require_willing(hot: &Hot, now: u64) -> Result<(), ContractError> {
    if hot.standing != Standing::Active {
        return Err(not_eligible("it is draining".into()));
    }
    if now >= hot.live.until {
        let lapsed = format!("its heartbeat lapsed at {}", hot.live.until);
        return Err(not_eligible(lapsed));
    }
    Ok(())
}

/// Refuses a provider that does not declare what the group requires, or for which the auditors that it names do not vouch.
pub fn require_match(
    deps: Deps,
    registry: &Addr,
    provider: &Addr,
    group: &GroupSpec,
    now: u64,
) -> Result<(), ContractError> {
    let capability = provider::capability(&deps.querier, registry, provider)?;
    let wanted = &group.requirements;
    let declaring = (provider, &capability);
    let audits = provider::audits(&deps.querier, registry, declaring, wanted, now)?;
    Ok(matching::eligible(
        wanted,
        &group.resources,
        &capability,
        &audits,
        now,
    )?)
}

/// Refuses a provider whose free collateral does not cover `bond`, of which `bound` is locked already. What it has locked.
pub fn require_collateral(
    deps: Deps,
    denom: &Denom,
    provider: &Addr,
    hot: &Hot,
    bond: Uint128,
    bound: Uint128,
) -> Result<Lock, ContractError> {
    let lock = state::locked(deps.storage, provider, denom)?;
    let locked = lock.amount.checked_sub(bound).map_err(StdError::from)?;
    let collateral = hot.collateral_in(denom);
    if locked
        .checked_add(bond)
        .is_ok_and(|used| used <= collateral)
    {
        return Ok(lock);
    }
    Err(ContractError::InsufficientCollateral {
        denom: denom.to_string(),
        needed: bond,
        free: collateral.saturating_sub(locked),
    })
}

fn not_eligible(reason: String) -> ContractError {
    RuleError::NotEligible { reason }.into()
}
