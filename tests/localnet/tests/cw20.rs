//! A lease paid in a cw20 token on a real chain, between accounts that did not exist at genesis: newer chains
//! give those account numbers that need all 64 bits.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{from_json, to_json_binary, Binary, Uint128};
use cw20::{Cw20Coin, Cw20ExecuteMsg};
use leasehold_api::deployment;
use leasehold_api::market::{LeaseResponse, OrderResponse};
use leasehold_api::{escrow, market, provider, Capability, Denom, Suite};
use leasehold_client::{ChainClient, Execute, Instantiate2, TxOutcome, Wallet};
use leasehold_test_localnet::{
    connect, dev_key, invariants, newcomers, pass, posted, setting, suite, wallet, FREE,
};
use leasehold_testing::node;
use leasehold_testing::verbs::{contact, rate};

/// Tokens of the tenant and of the provider at the start.
const FORTUNE: u128 = 10_000_000;
const BOND: u128 = 1_000_000;
const DEPOSIT: u128 = 20_000;
/// Tokens per second.
const RENT: u128 = 200;

struct Chain {
    client: ChainClient,
    suite: Suite,
    /// The token's contract.
    token: String,
    tenant: Wallet,
    provider: Wallet,
}

#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_lease_in_a_token_pays_to_the_unit() -> Result<()> {
    let chain = Chain::new().await?;
    chain.offer().await?;
    let account = chain.pay_in().await?;
    let (deployment_id, lease) = chain.rent(account).await?;
    pass(&chain.client, 3).await?;
    chain.collect(&lease).await?;
    chain.close(deployment_id, account).await?;
    chain.books().await?;
    invariants(&chain.client, &chain.suite).await
}

impl Chain {
    async fn new() -> Result<Self> {
        let client = connect().await?;
        let alice = wallet(&client, dev_key("alice")?, FREE)?;
        let [tenant, provider] = <[Wallet; 2]>::try_from(newcomers(&client, 2).await?)
            .map_err(|people| anyhow::anyhow!("{} newcomers", people.len()))?;
        let mut numbers = vec![];
        for newcomer in [&tenant, &provider] {
            numbers.push(client.account(newcomer.address()).await?.number);
        }
        let hashed = numbers.iter().any(|number| number >> 53 > 0);
        let newest = std::env::var("WASMD").is_ok_and(|version| version.starts_with("0.70."));
        ensure!(hashed == newest, "the accounts have numbers {numbers:?}");
        let token = token(&alice, [&tenant, &provider]).await?;
        Ok(Chain {
            suite: suite(&client).await?,
            client,
            token,
            tenant,
            provider,
        })
    }

    /// The provider registers with a bond in the token.
    async fn offer(&self) -> Result<()> {
        use provider::{Cw20HookMsg, ExecuteMsg};
        let registry = &self.suite.provider;
        let register = ExecuteMsg::Register {
            contact: contact(),
            capability: Capability::default(),
        };
        let allow = ExecuteMsg::AllowToken {
            token: self.token.clone(),
        };
        let calls = vec![
            Execute::new(registry, &register, &[])?,
            Execute::new(registry, &allow, &[])?,
            Execute::new(
                &self.token,
                &send(registry, BOND, &Cw20HookMsg::Bond {})?,
                &[],
            )?,
            Execute::new(registry, &ExecuteMsg::Heartbeat {}, &[])?,
        ];
        self.provider.execute_many(calls).await?;
        Ok(())
    }

    /// The tenant opens an account in the token; answers its id.
    async fn pay_in(&self) -> Result<u64> {
        let open = send(
            &self.suite.escrow,
            DEPOSIT,
            &escrow::Cw20HookMsg::Open { owner: None },
        )?;
        self.tenant.execute(&self.token, &open, &[]).await?;
        let query = escrow::QueryMsg::Accounts {
            owner: self.tenant.address().into(),
            start_after: None,
            limit: None,
        };
        let found: escrow::AccountsResponse =
            self.client.query_smart(&self.suite.escrow, &query).await?;
        let account = found.accounts.first().context("the account is open")?;
        ensure!(account.denom == self.denom(), "{account:?}");
        Ok(account.id)
    }

    /// A deployment at a posted price, taken at once.
    async fn rent(&self, account: u64) -> Result<(u64, LeaseResponse)> {
        let create = deployment::ExecuteMsg::Create {
            groups: vec![posted(RENT)],
            manifest_hash: Binary::from(vec![1; 32]),
            denom: self.denom(),
            account: Some(account),
        };
        let created = call(&self.tenant, &self.suite.deployment, &create).await?;
        let deployment_id: u64 = from_json(created.execute_data(0)?)?;
        let order_id = deployment::order_id(deployment_id, 0).context("a first group")?;
        call(
            &self.provider,
            &self.suite.market,
            &market::ExecuteMsg::Claim { order_id },
        )
        .await?;
        let order: OrderResponse = self
            .client
            .query_smart(
                &self.suite.market,
                &market::QueryMsg::Order { id: order_id },
            )
            .await?;
        let id = order.lease_id.context("the claim made a lease")?;
        let lease: LeaseResponse = self
            .client
            .query_smart(&self.suite.market, &market::QueryMsg::Lease { id })
            .await?;
        ensure!(lease.rate == rate(RENT), "{lease:?}");
        Ok((deployment_id, lease))
    }

    async fn collect(&self, lease: &LeaseResponse) -> Result<()> {
        let before = self.held(self.provider.address()).await?;
        let collect = escrow::ExecuteMsg::Collect {
            streams: vec![lease.id],
        };
        call(&self.provider, &self.suite.escrow, &collect).await?;
        let got = self.held(self.provider.address()).await? - before;
        // Three seconds at least, less a fee of 1 %.
        ensure!(got >= 3 * RENT * 99 / 100, "collected {got}");
        Ok(())
    }

    async fn close(&self, deployment_id: u64, account: u64) -> Result<()> {
        let close = deployment::ExecuteMsg::Close { deployment_id };
        call(&self.tenant, &self.suite.deployment, &close).await?;
        let withdraw = escrow::ExecuteMsg::Withdraw {
            account,
            amount: None,
        };
        call(&self.tenant, &self.suite.escrow, &withdraw).await?;
        Ok(())
    }

    /// What the tenant no longer has is what the provider and escrow, for the fee, have more.
    async fn books(&self) -> Result<()> {
        let spent = FORTUNE - self.held(self.tenant.address()).await?;
        let earned = self.held(self.provider.address()).await? + BOND - FORTUNE;
        let fee = self.held(&self.suite.escrow).await?;
        println!("spent {spent}: earned {earned}, fee {fee}");
        ensure!(
            fee > 0 && spent == earned + fee,
            "{spent} is not {earned} + {fee}"
        );
        ensure!(self.held(&self.suite.provider).await? == BOND);
        Ok(())
    }

    fn denom(&self) -> Denom {
        Denom::Cw20(self.token.clone())
    }

    async fn held(&self, holder: &str) -> Result<u128> {
        Ok(node::balance(&self.client, holder, &self.denom())
            .await?
            .u128())
    }
}

async fn call(wallet: &Wallet, contract: &str, msg: &impl serde::Serialize) -> Result<TxOutcome> {
    Ok(wallet.execute(contract, msg, &[]).await?)
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
