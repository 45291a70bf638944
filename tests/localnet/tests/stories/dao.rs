//! Those who stake decide, and nobody else.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, BankMsg, CosmosMsg, Uint128};
use cw3::Vote;
use leasehold_api::genesis::Genesis;
use leasehold_api::governance::{
    self, ExecuteMsg, Guardian, LiabilitiesResponse, ProposalPhase, QueryMsg,
};
use leasehold_api::{deployment, escrow, market, Asset, Denom};
use leasehold_test_localnet::{
    posted, refused, wasm, Town, COLLATERAL, DEPOSIT, FORTUNE, RENT, STAKE,
};
use leasehold_testing::node;
use leasehold_testing::verbs::rate;

const GIFT: u128 = 5_000_000;
const UNBONDING: u64 = 4;

fn genesis() -> Genesis {
    let usual = Town::genesis();
    Genesis {
        governance: governance::Params {
            timelock: 8,
            unbonding: UNBONDING,
            ..usual.governance
        },
        ..usual
    }
}

/// A town whose tenant has six tenths of the stake, the first provider three, the stranger one.
async fn staked() -> Result<Town> {
    let town = Town::new(2, &genesis()).await?;
    for (who, tenths) in [
        (&town.tenant, 6),
        (&town.providers[0], 3),
        (&town.stranger, 1),
    ] {
        town.stake(who, tenths * 10_000_000).await?;
    }
    Ok(town)
}

/// What was voted on happens after the timelock and not before, all of it, and only once.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_proposal_changes_parameters_and_spends() -> Result<()> {
    let town = staked().await?;
    let (one, two) = (&town.providers[0], &town.providers[1]);
    let gift = [coin(GIFT, RENT)];
    two.bank_send(&town.suite.governance, &gift).await?;
    let params = market::Params {
        bond_seconds: 1_234,
        ..genesis().market
    };
    let update = market::ExecuteMsg::UpdateParams { params };
    refused(town.market(&town.tenant, &update).await, "only")?;
    let msgs = vec![
        wasm(&town.suite.market, &update)?,
        spend(two.address(), GIFT - 1),
    ];
    let id = town.propose(one, msgs).await?;
    refused(town.vote(two, id, Vote::Yes).await, "power")?;
    town.vote(&town.stranger, id, Vote::No).await?;
    town.vote(one, id, Vote::Yes).await?;
    ensure!(town.proposal(id).await?.phase == ProposalPhase::Open);
    town.vote(&town.tenant, id, Vote::Yes).await?;
    refused(town.vote(one, id, Vote::No).await, "voted")?;
    refused(town.execute(two, id).await, "timelocked")?;
    town.decided(id, ProposalPhase::Executable).await?;
    town.execute(&town.stranger, id).await?;
    refused(town.execute(&town.stranger, id).await, "executed")?;

    let query = market::QueryMsg::Config {};
    let now: market::ConfigResponse = town.query(&town.suite.market, &query).await?;
    ensure!(now.params.bond_seconds == 1_234, "{:?}", now.params);
    let owns = town.pocket(two.address()).await?;
    ensure!(owns == FORTUNE - COLLATERAL - 1, "{owns}");
    ensure!(town.treasury(RENT).await? == 1, "all but one was spent");
    town.everybody_unstakes().await?;
    town.invariants().await
}

/// The guardian that a proposal has named stops another that has passed: nothing of it happens, and its deposit is lost.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn the_guardian_vetoes_within_the_timelock() -> Result<()> {
    let town = staked().await?;
    let guardian = &town.providers[1];
    let params = governance::Params {
        guardian: Some(Guardian {
            address: guardian.address().into(),
            until: town.now().await? + 86_400,
        }),
        ..genesis().governance
    };
    let name = ExecuteMsg::UpdateParams { params };
    town.enact(vec![wasm(&town.suite.governance, &name)?])
        .await?;
    let gift = [coin(GIFT, RENT)];
    guardian.bank_send(&town.suite.governance, &gift).await?;
    let thief = &town.providers[0];
    let owned = town.pocket(thief.address()).await?;
    let theft = vec![spend(thief.address(), GIFT)];
    let proposal_id = town.propose(thief, theft).await?;
    town.vote(&town.tenant, proposal_id, Vote::Yes).await?;
    let veto = ExecuteMsg::Veto { proposal_id };
    refused(town.governance(&town.tenant, &veto).await, "guardian")?;
    ensure!(town.proposal(proposal_id).await?.phase == ProposalPhase::Timelocked);
    town.governance(guardian, &veto).await?;
    let vetoed = town.proposal(proposal_id).await?;
    ensure!(vetoed.phase == ProposalPhase::Vetoed, "{vetoed:?}");
    town.pass_to(vetoed.executable_from.unwrap_or(vetoed.expires_at))
        .await?;
    refused(town.execute(thief, proposal_id).await, "vetoed")?;
    ensure!(town.pocket(thief.address()).await? == owned);
    ensure!(town.treasury(RENT).await? == GIFT);
    ensure!(town.treasury(STAKE).await? == DEPOSIT);
    town.everybody_unstakes().await?;
    town.invariants().await
}

/// A contract may spend like a key: governance rents on the tenant's allowance, by proposal.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn the_dao_rents_on_an_allowance() -> Result<()> {
    let town = staked().await?;
    let (one, governance) = (&town.providers[0], &town.suite.governance);
    town.heartbeat(one).await?;
    let source = town.open_account(&town.tenant, 1_000_000).await?;
    let allow = escrow::ExecuteMsg::Allow {
        account: source,
        spender: governance.clone(),
        limits: escrow::Limits {
            max_rate: rate(10),
            max_total: Uint128::new(3_000),
            expires: None,
            refill: None,
        },
    };
    town.escrow(&town.tenant, &allow).await?;
    let (drawn, deployment_id) = (source + 1, 1);
    let draw = escrow::ExecuteMsg::Draw {
        account: drawn,
        amount: Uint128::new(3_000),
    };
    let create = deployment::ExecuteMsg::Create {
        groups: vec![posted(10)],
        manifest_hash: [1; 32].into(),
        denom: RENT.into(),
        account: Some(drawn),
    };
    let suite = &town.suite;
    let rent = vec![
        wasm(&suite.escrow, &draw)?,
        wasm(&suite.deployment, &create)?,
    ];
    town.enact(rent).await?;
    let order = deployment::order_id(deployment_id, 0).context("an order id")?;
    town.claim(one, order).await?;
    let lease = town.lease_of(order).await?;
    let close = deployment::ExecuteMsg::Close { deployment_id };
    refused(town.close(&town.tenant, deployment_id).await, "owner")?;
    town.enact(vec![wasm(&suite.deployment, &close)?]).await?;
    for account in [drawn, source] {
        town.withdraw(account).await?;
    }
    let ended = town.lease(lease.id).await?.ended.context("it has ended")?;
    let seconds = u128::from(ended.at - lease.started_at);
    town.provider_earned(10 * seconds).await
}

fn spend(to: &str, units: u128) -> CosmosMsg {
    let send = BankMsg::Send {
        to_address: to.into(),
        amount: vec![coin(units, RENT)],
    };
    send.into()
}

trait Treasury {
    async fn treasury(&self, denom: &str) -> Result<u128>;
    async fn everybody_unstakes(&self) -> Result<()>;
}

impl Treasury for Town {
    /// Governance itself finds out whether it has what it owes.
    async fn treasury(&self, denom: &str) -> Result<u128> {
        let denom = denom.into();
        let query = QueryMsg::Treasury { denom };
        let treasury: Asset = self.query(&self.suite.governance, &query).await?;
        Ok(treasury.amount.u128())
    }

    /// Each takes out all of it, waits, and is paid to the unit; nothing is owed to anybody then.
    async fn everybody_unstakes(&self) -> Result<()> {
        let stake = Denom::Native(STAKE.into());
        let stakers = [&self.tenant, &self.providers[0], &self.stranger];
        for (who, tenths) in stakers.into_iter().zip([6, 3, 1]) {
            let amount = Uint128::new(tenths * 10_000_000);
            self.governance(who, &ExecuteMsg::Unstake { amount })
                .await?;
            refused(self.governance(who, &ExecuteMsg::Claim {}).await, "claim")?;
        }
        self.pass(UNBONDING + 1).await?;
        for (who, tenths) in stakers.into_iter().zip([6, 3, 1]) {
            let before = node::balance(&self.client, who.address(), &stake).await?;
            self.governance(who, &ExecuteMsg::Claim {}).await?;
            let after = node::balance(&self.client, who.address(), &stake).await?;
            ensure!((after - before).u128() == tenths * 10_000_000);
        }
        let query = QueryMsg::Liabilities { denom: None };
        let owed: LiabilitiesResponse = self.query(&self.suite.governance, &query).await?;
        let sums = [
            owed.staked,
            owed.unstaking,
            owed.deposits,
            owed.rewards,
            owed.streams,
        ];
        ensure!(sums.iter().all(|sum| sum.is_zero()), "{owed:?}");
        Ok(())
    }
}
