//! What the market must know of its peers, read raw.

use cosmwasm_std::{Addr, StdError, Uint128};
use leasehold_api::deployment::{self, group_of};
use leasehold_api::market::{Lease, Lock, Order};
use leasehold_api::provider::{self, Hot, Standing};
use leasehold_api::rules::auction::is_excluded;
use leasehold_api::rules::matching;
use leasehold_api::rules::stream::{Account, Stream};
use leasehold_api::{escrow, Liveness, RuleError};

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
        let querier = &self.deps.querier;
        let hot = self.registered(provider)?;
        let not_eligible = |reason: String| Err(RuleError::NotEligible { reason }.into());
        if hot.standing != Standing::Active {
            return not_eligible("it is draining".into());
        }
        if self.now >= hot.live.until {
            return not_eligible(format!("its heartbeat lapsed at {}", hot.live.until));
        }
        // At most max_attempts entries.
        if is_excluded(&order.excluded, provider, self.now) {
            return not_eligible("it failed this order before".into());
        }
        if tenant == provider {
            return not_eligible("it owns the deployment".into());
        }
        let (deployment, group) = group_of(id);
        let group = deployment::group(querier, &self.suite.deployment, deployment, group)?;
        let capability = provider::capability(querier, &self.suite.provider, provider)?;
        // The registry keeps no audits yet: a group that names an auditor finds nobody.
        let audits = [];
        matching::eligible(
            &group.requirements,
            &group.resources,
            &capability,
            &audits,
            self.now,
        )?;
        self.require_collateral(order, provider, &hot, bond, bound)
    }

    /// The registry's record of a provider.
    pub fn registered(&self, provider: &Addr) -> Result<Hot, ContractError> {
        provider::HOT
            .query(&self.deps.querier, self.suite.provider.clone(), provider)?
            .ok_or_else(|| unauthorized(provider, "a registered provider"))
    }

    fn require_collateral(
        &self,
        order: &Order,
        provider: &Addr,
        hot: &Hot,
        bond: Uint128,
        bound: Uint128,
    ) -> Result<Lock, ContractError> {
        let lock = state::locked(self.deps.storage, provider, &order.denom)?;
        let locked = lock.amount.checked_sub(bound).map_err(StdError::from)?;
        let collateral = hot.collateral_in(&order.denom);
        if locked
            .checked_add(bond)
            .is_ok_and(|used| used <= collateral)
        {
            return Ok(lock);
        }
        Err(ContractError::InsufficientCollateral {
            denom: order.denom.to_string(),
            needed: bond,
            free: collateral.saturating_sub(locked),
        })
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
        order: &Order,
        tenant: &Addr,
        rate: Uint128,
    ) -> Result<bool, ContractError> {
        let account = self.account(order.account)?;
        match self.check_tenant(order.account, &account, tenant, rate) {
            Ok(()) => self.affords(account, order, rate),
            Err(ContractError::Rule(refused)) if is_refusal(&refused) => Ok(false),
            Err(error) => Err(error),
        }
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
