//! A lease paid in a cw20 token on a real chain, between accounts that did not exist at genesis: newer chains
//! give those account numbers that need all 64 bits.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{to_json_binary, Uint128};
use cw20::{Cw20Coin, Cw20ExecuteMsg};
use leasehold_api::market::LeaseResponse;
use leasehold_api::provider::{self, ExecuteMsg};
use leasehold_api::{escrow, Denom};
use leasehold_client::{Execute, Instantiate2, Wallet};
use leasehold_test_localnet::{posted, setting, Town};
use leasehold_testing::verbs::rate;

/// Tokens of the tenant and of the provider at the start.
const FORTUNE: u128 = 10_000_000;
const BOND: u128 = 1_000_000;
const DEPOSIT: u128 = 20_000;
/// Tokens per second.
const PRICE: u128 = 200;

struct Story {
    town: Town,
    provider: Wallet,
    /// The token's contract.
    token: String,
}

#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_lease_in_a_token_pays_to_the_unit() -> Result<()> {
    let story = Story::begin().await?;
    story.bond().await?;
    let account = story.pay_in().await?;
    let (deployment_id, lease) = story.rent(account).await?;
    story.town.pass(3).await?;
    story.collect(&lease).await?;
    story.town.end(deployment_id, account).await?;
    story.books().await?;
    story.town.invariants().await
}

impl Story {
    async fn begin() -> Result<Self> {
        let town = Town::new(1, &Town::with_fee()).await?;
        let provider = town.providers[0].clone();
        let mut numbers = vec![];
        for newcomer in [&town.tenant, &provider] {
            numbers.push(town.client.account(newcomer.address()).await?.number);
        }
        let hashed = numbers.iter().any(|number| number >> 53 > 0);
        let newest = std::env::var("WASMD").is_ok_and(|version| version.starts_with("0.70."));
        ensure!(hashed == newest, "the accounts have numbers {numbers:?}");
        let token = token(&town.stranger, [&town.tenant, &provider]).await?;
        Ok(Story {
            town,
            provider,
            token,
        })
    }

    /// Collateral in the token.
    async fn bond(&self) -> Result<()> {
        let registry = &self.town.suite.provider;
        let allow = ExecuteMsg::AllowToken {
            token: self.token.clone(),
        };
        let bond = send(registry, BOND, &provider::Cw20HookMsg::Bond {})?;
        let calls = vec![
            Execute::new(registry, &allow, &[])?,
            Execute::new(&self.token, &bond, &[])?,
            Execute::new(registry, &ExecuteMsg::Heartbeat {}, &[])?,
        ];
        self.provider.execute_many(calls).await?;
        Ok(())
    }

    /// The tenant opens an account in the token; answers its id.
    async fn pay_in(&self) -> Result<u64> {
        let Town { tenant, suite, .. } = &self.town;
        let open = escrow::Cw20HookMsg::Open { owner: None };
        let open = send(&suite.escrow, DEPOSIT, &open)?;
        self.town.call(tenant, &self.token, &open, &[]).await?;
        let query = escrow::QueryMsg::Accounts {
            owner: tenant.address().into(),
            start_after: None,
            limit: None,
        };
        let found: escrow::AccountsResponse = self.town.query(&suite.escrow, &query).await?;
        let account = found.accounts.first().context("the account is open")?;
        ensure!(account.denom == self.denom(), "{account:?}");
        Ok(account.id)
    }

    /// A deployment at a posted price, taken at once.
    async fn rent(&self, account: u64) -> Result<(u64, LeaseResponse)> {
        let tenant = &self.town.tenant;
        let (group, token) = (posted(PRICE), self.denom());
        let created = self.town.create_in(tenant, group, account, token).await?;
        let (deployment_id, order) = created;
        self.town.claim(&self.provider, order).await?;
        let lease = self.town.lease_of(order).await?;
        ensure!(lease.rate == rate(PRICE), "{lease:?}");
        Ok((deployment_id, lease))
    }

    async fn collect(&self, lease: &LeaseResponse) -> Result<()> {
        let before = self.held(self.provider.address()).await?;
        let collect = escrow::ExecuteMsg::Collect {
            streams: vec![lease.id],
        };
        self.town.escrow(&self.provider, &collect).await?;
        let got = self.held(self.provider.address()).await? - before;
        // Three seconds at least, less a fee of 1 %.
        ensure!(got >= 3 * PRICE * 99 / 100, "collected {got}");
        Ok(())
    }

    /// What the tenant no longer has is what the provider and escrow, for the fee, have more.
    async fn books(&self) -> Result<()> {
        let spent = FORTUNE - self.held(self.town.tenant.address()).await?;
        let earned = self.held(self.provider.address()).await? + BOND - FORTUNE;
        let fee = self.held(&self.town.suite.escrow).await?;
        println!("spent {spent}: earned {earned}, fee {fee}");
        ensure!(
            fee > 0 && spent == earned + fee,
            "{spent} is not {earned} + {fee}"
        );
        ensure!(self.held(&self.town.suite.provider).await? == BOND);
        Ok(())
    }

    fn denom(&self) -> Denom {
        Denom::Cw20(self.token.clone())
    }

    async fn held(&self, holder: &str) -> Result<u128> {
        self.town.holds(holder, &self.denom()).await
    }
}

fn send(contract: &str, amount: u128, msg: &impl serde::Serialize) -> Result<Cw20ExecuteMsg> {
    Ok(Cw20ExecuteMsg::Send {
        contract: contract.into(),
        amount: Uint128::new(amount),
        msg: to_json_binary(msg)?,
    })
}

/// A new token of the code that CW20_CODE names, held by `holders`.
async fn token(issuer: &Wallet, holders: [&Wallet; 2]) -> Result<String> {
    let code = setting("CW20_CODE")?;
    let balance = |holder: &Wallet| Cw20Coin {
        address: holder.address().into(),
        amount: Uint128::new(FORTUNE),
    };
    let msg = cw20_base::msg::InstantiateMsg {
        name: "Test dollar".into(),
        symbol: "TUSD".into(),
        decimals: 6,
        initial_balances: holders.map(balance).to_vec(),
        mint: None,
        marketing: None,
    };
    let salt = holders[0].address().as_bytes().to_vec();
    let instantiate = Instantiate2::new(code.parse()?, &msg, salt, "token", None)?;
    Ok(issuer.instantiate2(instantiate).await?.instantiated(0)?)
}
