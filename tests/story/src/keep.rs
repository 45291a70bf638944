//! What is done now and then: to deployments, accounts and providers that stay, and to what has ended.

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, Binary, Uint128};
use leasehold_api::deployment::{self, order_id};
use leasehold_api::rules::stream::allowance::Limits;
use leasehold_api::{escrow, market, provider, Asset};

use crate::fixtures::{capability, contact, RATE};
use crate::{Chain, Receipts, Story, DENOM, FORTUNE};

const COLLATERAL: u128 = FORTUNE / 10;

impl<C: Chain> Story<C> {
    pub(crate) fn keep(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        self.keep_deployment(of, account)?;
        self.keep_offers(of, account)?;
        self.keep_account(of, account)?;
        self.keep_provider(of)
    }

    fn keep_deployment(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        use deployment::ExecuteMsg;
        let group = 0;
        let (deployment_id, _) = self.lease(account)?;
        let update = ExecuteMsg::Update {
            deployment_id,
            manifest_hash: Binary::from(vec![0x5a; 32]),
        };
        of.insert("update", self.owner(&update)?);
        self.propose_change(deployment_id)?;
        let withdraw = ExecuteMsg::WithdrawChange {
            deployment_id,
            group,
        };
        of.insert("withdraw_change", self.owner(&withdraw)?);
        self.hour()?;
        let lease_id = self.lease_of(deployment_id)?;
        let end = market::ExecuteMsg::EndLease { lease_id };
        let ended = self.at(&self.suite.market, &self.cast.tenant, &end, &[])?;
        of.insert("end_lease", ended);
        self.close(deployment_id)?;

        let (deployment_id, _) = self.lease(account)?;
        self.hour()?;
        let pause = ExecuteMsg::PauseGroup {
            deployment_id,
            group,
        };
        of.insert("pause_group", self.owner(&pause)?);
        let start = ExecuteMsg::StartGroup {
            deployment_id,
            group,
        };
        of.insert("start_group", self.owner(&start)?);
        self.close(deployment_id)?;
        Ok(())
    }

    /// What its provider takes back.
    fn keep_offers(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        use market::ExecuteMsg;
        self.beat()?;
        let market = &self.suite.market;
        let [_, runner_up, seller] = &self.cast.providers;
        let (id, _) = self.create(Some(account), &[])?;
        let order_id = order_id(id, 0).context("an order id")?;
        self.bid(0, order_id, RATE)?;
        self.bid(1, order_id, RATE * 9 / 8)?;
        let withdraw = ExecuteMsg::WithdrawBid { order_id };
        of.insert("withdraw_bid", self.at(market, runner_up, &withdraw, &[])?);
        self.close(id)?;
        let (offer_id, _) = self.post_offer()?;
        let withdraw = ExecuteMsg::WithdrawOffer { offer_id };
        of.insert("withdraw_offer", self.at(market, seller, &withdraw, &[])?);
        Ok(())
    }

    fn keep_account(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        use escrow::ExecuteMsg;
        let tenant = |msg: &ExecuteMsg| self.at(&self.suite.escrow, &self.cast.tenant, msg, &[]);
        let from = self.next_account()?;
        self.open_account()?;
        let transfer = ExecuteMsg::Move {
            from,
            to: account,
            amount: Some(Uint128::new(1_000_000)),
        };
        of.insert("move", tenant(&transfer)?);
        of.insert("settle", tenant(&ExecuteMsg::Settle { account })?);
        let drawn = self.next_account()?;
        self.allow(account)?;
        let adjust = ExecuteMsg::Adjust {
            account: drawn,
            limits: Limits {
                max_rate: Uint128::new(2 * RATE),
                max_total: Uint128::new(10_000_000),
                expires: None,
                refill: None,
            },
        };
        of.insert("adjust", tenant(&adjust)?);
        let revoke = ExecuteMsg::Revoke { account: drawn };
        of.insert("revoke", tenant(&revoke)?);
        Ok(())
    }

    /// The keeper is one for a while.
    fn keep_provider(&self, of: &mut Receipts<C::Receipt>) -> Result<()> {
        use provider::ExecuteMsg;
        let keeper = |msg: &ExecuteMsg, units: u128| {
            let coins = (units > 0).then(|| coin(units, DENOM));
            let registry = &self.suite.provider;
            self.at(registry, &self.cast.keeper, msg, coins.as_slice())
        };
        let register = ExecuteMsg::Register {
            contact: contact(),
            capability: capability(),
        };
        of.insert("register", keeper(&register, COLLATERAL)?);
        of.insert("bond", keeper(&ExecuteMsg::Bond {}, COLLATERAL)?);
        let update = ExecuteMsg::Update {
            contact: Some(contact()),
            capability: None,
        };
        of.insert("update_provider", keeper(&update, 0)?);
        of.insert("drain", keeper(&ExecuteMsg::Drain {}, 0)?);
        of.insert("resume", keeper(&ExecuteMsg::Resume {}, 0)?);
        let unbond = ExecuteMsg::Unbond {
            asset: Asset {
                denom: DENOM.into(),
                amount: Uint128::new(COLLATERAL),
            },
        };
        of.insert("unbond", keeper(&unbond, 0)?);
        keeper(&unbond, 0)?;
        keeper(&ExecuteMsg::Drain {}, 0)?;
        of.insert("leave", keeper(&ExecuteMsg::Leave {}, 0)?);
        Ok(())
    }

    /// Both parts of it, after leaving.
    pub(crate) fn claim_collateral(&self) -> Result<C::Receipt> {
        let claim = provider::ExecuteMsg::Claim {};
        self.at(&self.suite.provider, &self.cast.keeper, &claim, &[])
    }

    /// A deployment that is closed after a lease of an hour; answers its id.
    ///
    /// # Errors
    /// A message that is refused.
    pub fn ended(&self) -> Result<u64> {
        let (id, _) = self.lease(1)?;
        self.hour()?;
        self.close(id)?;
        Ok(id)
    }

    /// Removes it, once it may be: a month later, for which no node can wait.
    ///
    /// # Errors
    /// A message that is refused.
    pub fn prune(&self, deployment_id: u64) -> Result<Receipts<C::Receipt>> {
        let (suite, keeper) = (&self.suite, &self.cast.keeper);
        let order_id = order_id(deployment_id, 0).context("an order id")?;
        let order = market::ExecuteMsg::Prune { order_id };
        let rest = deployment::ExecuteMsg::Prune { deployment_id };
        Ok(Receipts::from([
            ("prune", self.at(&suite.market, keeper, &order, &[])?),
            (
                "prune_deployment",
                self.at(&suite.deployment, keeper, &rest, &[])?,
            ),
        ]))
    }

    fn owner(&self, msg: &deployment::ExecuteMsg) -> Result<C::Receipt> {
        self.at(&self.suite.deployment, &self.cast.tenant, msg, &[])
    }
}
