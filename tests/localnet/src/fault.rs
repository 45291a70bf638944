//! What a fault costs, and who gets it.

use anyhow::{ensure, Context as _, Result};
use leasehold_api::market::{self, PenaltiesResponse, PenaltyReason, PenaltyResponse};
use leasehold_api::provider::{InsuranceResponse, ProviderResponse, QueryMsg};
use leasehold_api::Asset;

use crate::town::{Town, RENT};

/// What those own, of the rent's denom, whom a penalty concerns.
struct Purses {
    collateral: u128,
    tenant: u128,
    caller: u128,
    insurance: u128,
}

impl Town {
    /// Has the one penalty that waits carried out when it is due, by a provider that has no part in it. To the unit: 70 % go to the tenant,
    /// none for a rate that was not revealed, 15 % to the stranger, who must have reported it, the rest to the insurance. Answers what the
    /// tenant gets.
    pub async fn slash(&self, reason: PenaltyReason) -> Result<u128> {
        let penalty = self.penalty().await?;
        let caller = penalty.caller.as_ref().map(|caller| caller.as_str());
        let reported = caller == Some(self.stranger.address());
        ensure!(reported && penalty.reason == reason, "{penalty:?}");
        let before = self.purses(&penalty).await?;
        self.pass_to(penalty.due_at).await?;
        let slash = market::ExecuteMsg::Slash {
            order_id: penalty.order_id,
            number: penalty.number,
        };
        let last = self.providers.last().context("a provider")?;
        self.market(last, &slash).await?;
        let after = self.purses(&penalty).await?;
        let all = penalty.bond.u128() * u128::from(penalty.bps) / 10_000;
        let compensation = match reason {
            PenaltyReason::NoReveal => 0,
            _ => all * 70 / 100,
        };
        let parts = [compensation, all * 15 / 100];
        let got = [after.tenant - before.tenant, after.caller - before.caller];
        let insured = after.insurance - before.insurance;
        let lost = before.collateral - after.collateral;
        println!("slashed {lost}: tenant and caller {got:?}, insurance {insured}");
        ensure!(
            all > 0 && lost == all && got == parts && insured == all - parts[0] - parts[1],
            "{lost} of {penalty:?}: {got:?}, {insured}"
        );
        Ok(compensation)
    }

    /// The one that waits.
    pub async fn penalty(&self) -> Result<PenaltyResponse> {
        let query = market::QueryMsg::Penalties {
            start_after: None,
            limit: None,
        };
        let found: PenaltiesResponse = self.query(&self.suite.market, &query).await?;
        let [penalty] = <[_; 1]>::try_from(found.penalties)
            .map_err(|all| anyhow::anyhow!("not one penalty: {all:?}"))?;
        Ok(penalty)
    }

    async fn purses(&self, penalty: &PenaltyResponse) -> Result<Purses> {
        let registry = &self.suite.provider;
        let query = QueryMsg::Provider {
            address: penalty.provider.to_string(),
        };
        let provider: ProviderResponse = self.query(registry, &query).await?;
        let query = QueryMsg::Insurance {
            start_after: None,
            limit: None,
        };
        let fund: InsuranceResponse = self.query(registry, &query).await?;
        Ok(Purses {
            collateral: rent(&provider.collateral),
            tenant: self.pocket(self.tenant.address()).await?,
            caller: self.pocket(self.stranger.address()).await?,
            insurance: rent(&fund.insurance),
        })
    }
}

/// How much of them is of the rent's denom.
fn rent(assets: &[Asset]) -> u128 {
    let own = assets.iter().filter(|asset| asset.denom == RENT.into());
    own.map(|asset| asset.amount.u128()).sum()
}
