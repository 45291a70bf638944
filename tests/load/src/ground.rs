//! Who takes part: a suite of its own, tenants with accounts, providers with collateral.

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, from_json, Binary};
use futures::future::try_join_all;
use leasehold_api::deployment::{self, GroupRequest};
use leasehold_api::genesis::Genesis;
use leasehold_api::market::{self, Order};
use leasehold_api::{escrow, provider, Capability, Denom, Suite};
use leasehold_client::{ChainClient, Execute, Key, TxOutcome, Wallet, DEFAULT_PREFIX};
use leasehold_test_localnet::{connect, dev_key, second, wallet, FREE};
use leasehold_testing::verbs::{contact, small_goods, small_group};

use crate::settings::Settings;

pub const DENOM: &str = "uusd";
/// The most that an auctioned group pays, units per second.
pub const MAX_RATE: u128 = 20;
/// What a group pays on the standing offer and at a posted price, units per second: less than any agent asks.
pub const LOW_RATE: u128 = 10;
const FORTUNE: u128 = 10_000_000_000_000;
const COLLATERAL: u128 = 1_000_000_000_000;
const DEPOSIT: u128 = 1_000_000_000_000;

pub struct Tenant {
    pub wallet: Wallet,
    pub account: u64,
}

pub struct Ground {
    pub client: ChainClient,
    pub suite: Suite,
    /// On whose one account all leases on the standing offer are.
    pub crowd: Tenant,
    pub tenants: Vec<Tenant>,
    /// The first sells by the standing offer too.
    pub providers: Vec<Wallet>,
    pub offer: u64,
}

impl Ground {
    pub async fn new(name: &str, genesis: &Genesis, settings: &Settings) -> Result<Self> {
        let client = connect().await?;
        let suite = second(&client, name, genesis).await?;
        let mut wallets = newcomers(&client, 1 + settings.tenants + settings.providers).await?;
        let providers = wallets.split_off(1 + settings.tenants);
        try_join_all(providers.iter().map(|who| register(&suite, who))).await?;
        let renting = wallets.into_iter().map(|wallet| tenant(&suite, wallet));
        let mut tenants = try_join_all(renting).await?;
        let crowd = tenants.remove(0);
        let offer = post_offer(&client, &suite, &providers[0], settings.leases).await?;
        let ground = Ground {
            client,
            suite,
            crowd,
            tenants,
            providers,
            offer,
        };
        ground.beat().await?;
        Ok(ground)
    }

    /// Of the scripted providers; agents do it by themselves.
    pub async fn beat(&self) -> Result<()> {
        let beats = self.providers.iter().map(|provider| {
            provider.execute(
                &self.suite.provider,
                &provider::ExecuteMsg::Heartbeat {},
                &[],
            )
        });
        try_join_all(beats).await?;
        Ok(())
    }

    pub fn market(&self, msg: &market::ExecuteMsg) -> Result<Execute> {
        Ok(Execute::new(&self.suite.market, msg, &[])?)
    }

    pub fn create(&self, tenant: &Tenant, request: GroupRequest) -> Result<Execute> {
        let create = deployment::ExecuteMsg::Create {
            groups: vec![request],
            manifest_hash: Binary::from(vec![0xa5; 32]),
            denom: Denom::Native(DENOM.into()),
            account: Some(tenant.account),
        };
        Ok(Execute::new(&self.suite.deployment, &create, &[])?)
    }

    /// A deployment whose only group takes the standing offer.
    pub fn take(&self, tenant: &Tenant) -> Result<Execute> {
        let offer = market::TakeOffer {
            offer_id: self.offer,
            max_rate: None,
        };
        let request = GroupRequest {
            offer: Some(offer),
            ..small_group("app", LOW_RATE).into()
        };
        self.create(tenant, request)
    }

    pub async fn order(&self, id: u64) -> Result<Order> {
        let key = market::ORDERS.key(id);
        let stored = self.client.query_raw(&self.suite.market, &key).await?;
        let stored = stored.with_context(|| format!("the market keeps order {id}"))?;
        Ok(from_json(stored)?)
    }
}

/// The id that a message answered with.
pub fn id_of(outcome: &TxOutcome, message: usize) -> Result<u64> {
    Ok(from_json(outcome.execute_data(message)?)?)
}

/// Funded in one go.
async fn newcomers(client: &ChainClient, count: usize) -> Result<Vec<Wallet>> {
    let alice = wallet(client, dev_key("alice")?, FREE)?;
    let fortune = [coin(FORTUNE, DENOM)];
    let newcomers = (0..count)
        .map(|_| wallet(client, Key::random(DEFAULT_PREFIX)?, FREE))
        .collect::<Result<Vec<_>>>()?;
    let sends = newcomers
        .iter()
        .map(|newcomer| alice.bank_send(newcomer.address(), &fortune));
    try_join_all(sends).await?;
    Ok(newcomers)
}

async fn register(suite: &Suite, provider: &Wallet) -> Result<()> {
    let register = provider::ExecuteMsg::Register {
        contact: contact(),
        capability: Capability::default(),
    };
    let collateral = [coin(COLLATERAL, DENOM)];
    provider
        .execute(&suite.provider, &register, &collateral)
        .await?;
    Ok(())
}

async fn tenant(suite: &Suite, wallet: Wallet) -> Result<Tenant> {
    let open = escrow::ExecuteMsg::Open {
        owner: None,
        denom: Denom::Native(DENOM.into()),
    };
    let deposit = [coin(DEPOSIT, DENOM)];
    let opened = wallet.execute(&suite.escrow, &open, &deposit).await?;
    let account = id_of(&opened, 0)?;
    Ok(Tenant { wallet, account })
}

/// Goods for twice the leases of the run, at [`LOW_RATE`] for the usual group.
async fn post_offer(
    client: &ChainClient,
    suite: &Suite,
    provider: &Wallet,
    leases: usize,
) -> Result<u64> {
    let terms = market::OfferTerms {
        goods: small_goods(2 * u64::try_from(leases)?, LOW_RATE),
        exit: None,
        expires_at: client.status().await?.time.seconds() + 86_400,
    };
    let post = market::ExecuteMsg::PostOffer {
        denom: Denom::Native(DENOM.into()),
        terms,
    };
    id_of(&provider.execute(&suite.market, &post, &[]).await?, 0)
}
