//! What money from another chain does: funds a lease, tops it up, returns when it cannot be credited.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, Coin, Order, Storage as _};
use leasehold_api::escrow::{AccountResponse, AccountsResponse, TransferAction, TransferMemo};
use leasehold_api::{escrow, provider, Denom, SCALE};
use leasehold_client::{ChainClient, Key, Wallet, DEFAULT_PREFIX};
use leasehold_test_localnet::{dev_key, posted, wallet, Town, FREE};
use leasehold_testing::node;
use serde_json::{json, Value};

use crate::relay::until;
use crate::route::{deposits, Delivery, Route, Transfer};

/// What the far chain calls the money.
const MONEY: &str = "uakt";
const OTHER_MONEY: &str = "uusd";
const FORTUNE: u128 = 10_000_000;
const COLLATERAL: u128 = 1_000_000;
const DEPOSIT: u128 = 20_000;
const TOP_UP: u128 = 5_000;
/// Units per second.
const PRICE: u128 = 200;

pub struct Story {
    route: Route,
    /// On the home chain: its tenant owns what the payer pays in, and its stranger brings packets that are there already.
    town: Town,
    /// Has money on the far chain, and nothing else.
    payer: Wallet,
    provider: Wallet,
    /// The money's name on the home chain.
    voucher: String,
}

/// Everything that escrow says it owes, and what it holds.
type Books = (Vec<(Vec<u8>, Vec<u8>)>, Vec<Coin>);

impl Story {
    pub async fn begin(route: Route) -> Result<Self> {
        let payer = newcomer(&route.far.client).await?;
        let town = Town::new(1, &Town::with_fee()).await?;
        let provider = town.providers[0].clone();
        let collateral = Transfer {
            coin: coin(COLLATERAL, MONEY),
            receiver: provider.address(),
            memo: String::new(),
        };
        route.transfer(&payer, collateral).await?;
        let held = town.client.balances(provider.address()).await?;
        let arrived = held.into_iter().find(|c| c.denom.starts_with("ibc/"));
        let arrived = arrived.context("a plain transfer arrives")?;
        ensure!(arrived.amount.u128() == COLLATERAL, "{arrived}");
        Ok(Story {
            voucher: arrived.denom,
            route,
            town,
            payer,
            provider,
        })
    }

    pub async fn run(&self) -> Result<()> {
        let account = self.fund().await?;
        self.refunds(account).await?;
        self.come_home().await?;
        let deployment_id = self.rent(account).await?;
        self.top_up(account).await?;
        self.close(deployment_id, account).await?;
        self.town.invariants().await
    }

    /// One transfer opens an account for the tenant. However often it is brought, it pays once.
    async fn fund(&self) -> Result<u64> {
        let action = self.open();
        let good = self.to_escrow(coin(DEPOSIT, MONEY), self.memo(action));
        let delivery = self.transfer_twice(good).await?;
        ensure!(delivery.error.is_none(), "{:?}", delivery.error);
        let account = self.account(&self.voucher).await?;
        ensure!(account.balance.u128() == DEPOSIT * SCALE, "{account:?}");
        ensure!(self.held(self.escrow()).await? == DEPOSIT);
        Ok(account.id)
    }

    /// What cannot be credited is refused by escrow, and returns.
    async fn refunds(&self, account: u64) -> Result<()> {
        let credit = |account| self.memo(TransferAction::Deposit { account });
        let mut starved = TransferMemo::new(self.escrow(), TransferAction::Deposit { account });
        starved.dest_callback.gas_limit = Some(10_000u64.into());
        let abroad = Key::random("cosmos")?;
        let stranger = TransferAction::Open {
            owner: abroad.address().into(),
        };
        let elsewhere = Transfer {
            receiver: self.provider.address(),
            ..self.to_escrow(coin(TOP_UP, MONEY), credit(account))
        };
        let bad = [
            (
                self.to_escrow(coin(TOP_UP, MONEY), credit(999_999)),
                "account 999999",
            ),
            (
                self.to_escrow(coin(TOP_UP, OTHER_MONEY), credit(account)),
                "the account holds",
            ),
            (elsewhere, "the transfer went to"),
            (
                self.to_escrow(coin(TOP_UP, MONEY), self.memo(stranger)),
                "prefix",
            ),
            (
                self.to_escrow(coin(TOP_UP, MONEY), json!(starved)),
                "out of gas",
            ),
        ];
        let before = (self.books().await?, self.purse().await?);
        for (transfer, why) in bad {
            let delivery = self.transfer_twice(transfer).await?;
            let error = delivery.error.with_context(|| format!("{why}: credited"))?;
            println!("{why}: {error}");
            ensure!(error.contains(why), "{why}: {error}");
            let after = (self.books().await?, self.purse().await?);
            ensure!(after == before, "{why}: {after:?} instead of {before:?}");
        }
        Ok(())
    }

    /// The home chain's own money leaves for the far chain and comes back: it pays under its own name.
    async fn come_home(&self) -> Result<()> {
        let out = Transfer {
            coin: coin(DEPOSIT, MONEY),
            receiver: self.payer.address(),
            memo: String::new(),
        };
        self.route.back().transfer(&self.town.tenant, out).await?;
        let held = self.payer.client().balances(self.payer.address()).await?;
        let abroad = held.into_iter().find(|c| c.denom.starts_with("ibc/"));
        let back = self.to_escrow(abroad.context("it arrived")?, self.memo(self.open()));
        let delivery = self.route.transfer(&self.payer, back).await?;
        ensure!(delivery.error.is_none(), "{:?}", delivery.error);
        let account = self.account(MONEY).await?;
        ensure!(account.balance.u128() == DEPOSIT * SCALE, "{account:?}");
        Ok(())
    }

    /// A packet that the home chain may no longer take: it was too late before it was sent.
    pub async fn too_late(&self) -> Result<()> {
        let before = (self.books().await?, self.purse().await?);
        // By now the far chain knows an earlier time of the home chain, or it would not send.
        self.town.pass(1).await?;
        let timeout = self.town.client.status().await?.time.nanos();
        let transfer = self.to_escrow(coin(DEPOSIT, MONEY), self.memo(self.open()));
        let packet = self
            .route
            .send_until(&self.payer, transfer, timeout)
            .await?;
        until(&self.route.far, "timeout_packet", "src", packet.sequence).await?;
        let after = (self.books().await?, self.purse().await?);
        ensure!(after == before, "{after:?} instead of {before:?}");
        Ok(())
    }

    /// A deployment at a posted price, paid from the account and taken at once; answers its id.
    async fn rent(&self, account: u64) -> Result<u64> {
        let town = &self.town;
        let collateral = [coin(COLLATERAL, &self.voucher)];
        let bond = provider::ExecuteMsg::Bond {};
        town.registry(&self.provider, &bond, &collateral).await?;
        town.heartbeat(&self.provider).await?;
        let (group, denom) = (posted(PRICE), Denom::Native(self.voucher.clone()));
        let created = town.create_in(&town.tenant, group, account, denom).await?;
        let (deployment_id, order) = created;
        town.claim(&self.provider, order).await?;
        town.pass(3).await?;
        Ok(deployment_id)
    }

    /// A second transfer, into the account of a lease that runs.
    async fn top_up(&self, account: u64) -> Result<()> {
        let memo = self.memo(TransferAction::Deposit { account });
        let more = self.to_escrow(coin(TOP_UP, MONEY), memo);
        let delivery = self.route.transfer(&self.payer, more).await?;
        let announced = deposits(&delivery.events)?;
        let [deposited] = announced.as_slice() else {
            anyhow::bail!("{announced:?}, {:?}", delivery.error);
        };
        let from = format!(
            "transfer/{}/{}",
            self.route.home.channel,
            self.payer.address()
        );
        ensure!(deposited.account == account, "{deposited:?}");
        ensure!(deposited.amount.u128() == TOP_UP, "{deposited:?}");
        ensure!(deposited.from.as_str() == from, "{deposited:?}");
        Ok(())
    }

    /// What the payer no longer has is the tenant's, the provider's, or escrow's fee.
    async fn close(&self, deployment_id: u64, account: u64) -> Result<()> {
        self.town.end(deployment_id, account).await?;
        let rest = self.held(self.town.tenant.address()).await?;
        let earned = self.held(self.provider.address()).await?;
        let fee = self.held(self.escrow()).await?;
        println!(
            "paid in {}: rest {rest}, earned {earned}, fee {fee}",
            DEPOSIT + TOP_UP
        );
        // Three seconds at least, less a fee of 1 %.
        ensure!(earned >= 3 * PRICE * 99 / 100, "earned {earned}");
        ensure!(rest + earned + fee == DEPOSIT + TOP_UP);
        let left = self
            .payer
            .client()
            .balance(self.payer.address(), MONEY)
            .await?;
        ensure!(
            FORTUNE - left.u128() == COLLATERAL + DEPOSIT + TOP_UP,
            "{left}"
        );
        Ok(())
    }

    async fn books(&self) -> Result<Books> {
        let home = &self.town.client;
        let snapshot = node::snapshot(home, &self.town.suite).await?;
        let records = snapshot.storages.escrow.range(None, None, Order::Ascending);
        Ok((records.collect(), home.balances(self.escrow()).await?))
    }

    /// All that the payer has.
    async fn purse(&self) -> Result<Vec<Coin>> {
        Ok(self.payer.client().balances(self.payer.address()).await?)
    }

    /// The tenant's only account in a denom.
    async fn account(&self, denom: &str) -> Result<AccountResponse> {
        let query = escrow::QueryMsg::Accounts {
            owner: self.town.tenant.address().into(),
            start_after: None,
            limit: None,
        };
        let owned: AccountsResponse = self.town.query(self.escrow(), &query).await?;
        let denom = Denom::Native(denom.into());
        let mut found = owned.accounts.into_iter().filter(|a| a.denom == denom);
        let account = found.next().context("an account is open")?;
        ensure!(found.next().is_none(), "two accounts in {denom:?}");
        Ok(account)
    }

    /// What somebody has of the money on the home chain.
    async fn held(&self, holder: &str) -> Result<u128> {
        let money = Denom::Native(self.voucher.clone());
        self.town.holds(holder, &money).await
    }

    async fn transfer_twice(&self, transfer: Transfer<'_>) -> Result<Delivery> {
        let (payer, rival) = (&self.payer, &self.town.stranger);
        self.route.transfer_twice(payer, transfer, rival).await
    }

    fn escrow(&self) -> &str {
        &self.town.suite.escrow
    }

    fn to_escrow(&self, coin: Coin, memo: Value) -> Transfer<'_> {
        Transfer {
            coin,
            receiver: self.escrow(),
            memo: memo.to_string(),
        }
    }

    fn open(&self) -> TransferAction {
        TransferAction::Open {
            owner: self.town.tenant.address().into(),
        }
    }

    fn memo(&self, action: TransferAction) -> Value {
        json!(TransferMemo::new(self.escrow(), action))
    }
}

/// Somebody new with money of both kinds from a development account.
async fn newcomer(client: &ChainClient) -> Result<Wallet> {
    let newcomer = wallet(client, Key::random(DEFAULT_PREFIX)?, FREE)?;
    let alice = wallet(client, dev_key("alice")?, FREE)?;
    let fortune = [coin(FORTUNE, MONEY), coin(FORTUNE, OTHER_MONEY)];
    alice.bank_send(newcomer.address(), &fortune).await?;
    Ok(newcomer)
}
