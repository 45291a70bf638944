//! What is paid, put up and staked in a token: on a suite whose governance stakes it.

use anyhow::{Context as _, Result};
use cosmwasm_std::{to_json_binary, Uint128};
use cw20::{Cw20Coin, Cw20ExecuteMsg};
use leasehold_api::deployment::order_id;
use leasehold_api::genesis::Genesis;
use leasehold_api::{escrow, governance, provider, Denom};
use serde::Serialize;

use crate::council::Council;
use crate::fixtures::dear;
use crate::stake::genesis;
use crate::{Cast, Chain, Receipts, Story, Wait, FORTUNE};

const STAKED: u128 = 1_000_000_000;
const DEPOSIT: u128 = FORTUNE / 100;
const COLLATERAL: u128 = FORTUNE / 10;

/// What cw20-base is instantiated with.
#[derive(Serialize)]
pub struct Token {
    name: &'static str,
    symbol: &'static str,
    decimals: u8,
    initial_balances: Vec<Cw20Coin>,
}

impl Token {
    /// Of which each of the cast owns [`FORTUNE`].
    pub fn of(cast: &Cast) -> Self {
        let people = cast.providers.iter().chain([&cast.tenant, &cast.keeper]);
        let balance = |address: &String| Cw20Coin {
            address: address.clone(),
            amount: Uint128::new(FORTUNE),
        };
        Token {
            name: "Test dollar",
            symbol: "TUSD",
            decimals: 6,
            initial_balances: people.map(balance).collect(),
        }
    }
}

/// Where governance's stake, and what stakers earn, is a token.
pub fn staked(genesis: Genesis, token: &str) -> Genesis {
    let denom = Denom::Cw20(token.into());
    Genesis {
        governance: governance::Params {
            reward_denoms: vec![denom.clone()],
            ..genesis.governance
        },
        stake_denom: denom,
        ..genesis
    }
}

impl<C: Chain> Story<C> {
    /// On a suite that began with [`staked`].
    ///
    /// # Errors
    /// A message that is refused.
    pub fn in_tokens(&self, token: &str) -> Result<Receipts<C::Receipt>> {
        let mut of = Receipts::new();
        self.put_up(&mut of, token)?;
        self.vote_by(&mut of, token)?;
        self.pay_in(&mut of, token)?;
        Ok(of)
    }

    /// What a token refuses at the end of a lease, and what its provider gets later. `refuse` makes the token refuse every transfer, or none.
    ///
    /// # Errors
    /// A message that is refused.
    pub fn unpaid(
        &self,
        token: &str,
        refuse: impl Fn(bool) -> Result<()>,
    ) -> Result<Receipts<C::Receipt>> {
        let account = self.open_by(token)?.0;
        let (id, _) = self.lease_by(token, account)?;
        self.hour()?;
        refuse(true)?;
        let closed = self.close(id)?;
        refuse(false)?;
        let claim = escrow::ExecuteMsg::ClaimUnpaid {
            payee: self.cast.providers[2].clone(),
            denom: Denom::Cw20(token.into()),
        };
        let claimed = self.at(&self.suite.escrow, &self.cast.keeper, &claim, &[])?;
        Ok(Receipts::from([
            ("close_refused", closed),
            ("claim_unpaid", claimed),
        ]))
    }

    /// The last provider's collateral.
    fn put_up(&self, of: &mut Receipts<C::Receipt>, token: &str) -> Result<()> {
        use provider::{Cw20HookMsg, ExecuteMsg};
        let registry = &self.suite.provider;
        let provider = &self.cast.providers[2];
        let token_name = token.into();
        let allow = ExecuteMsg::AllowToken { token: token_name };
        of.insert("allow_token", self.at(registry, provider, &allow, &[])?);
        let hook = Cw20HookMsg::Bond {};
        let bonded = self.hand(token, provider, registry, COLLATERAL, &hook)?;
        of.insert("bond_token", bonded);
        Ok(())
    }

    /// A stake, and a proposal whose deposit its proposer has allowed.
    fn vote_by(&self, of: &mut Receipts<C::Receipt>, token: &str) -> Result<()> {
        let governance = &self.suite.governance;
        let (tenant, keeper) = (&self.cast.tenant, &self.cast.keeper);
        let hook = governance::Cw20HookMsg::Stake {};
        self.hand(token, tenant, governance, STAKED, &hook)?;
        self.chain.pass(Wait::Beat)?;
        let staked = self.hand(token, keeper, governance, STAKED, &hook)?;
        of.insert("stake_token", staked);
        let allow = Cw20ExecuteMsg::IncreaseAllowance {
            spender: governance.clone(),
            amount: Uint128::new(STAKED),
            expires: None,
        };
        self.at(token, tenant, &allow, &[])?;
        let council = Council {
            deposit: vec![],
            ..self.council(&genesis().governance)
        };
        of.insert("propose_token", council.propose(self.spend(keeper))?.1);
        Ok(())
    }

    /// An account, a lease and its fees.
    fn pay_in(&self, of: &mut Receipts<C::Receipt>, token: &str) -> Result<()> {
        let escrow = &self.suite.escrow;
        let tenant = &self.cast.tenant;
        self.open_by(token)?;
        let (account, opened) = self.open_by(token)?;
        of.insert("open_token", opened);
        let hook = escrow::Cw20HookMsg::Deposit { account };
        let deposited = self.hand(token, tenant, escrow, DEPOSIT, &hook)?;
        of.insert("deposit_token", deposited);
        of.insert("withdraw_token", self.withdraw(account)?);
        let (id, lease) = self.lease_by(token, account)?;
        self.hour()?;
        self.collect(&[lease])?;
        self.sweep(Denom::Cw20(token.into()))?;
        self.hour()?;
        of.insert("collect_token", self.collect(&[lease])?);
        of.insert("sweep_fees_token", self.sweep(Denom::Cw20(token.into()))?);
        self.hour()?;
        of.insert("close_token", self.close(id)?);
        Ok(())
    }

    fn open_by(&self, token: &str) -> Result<(u64, C::Receipt)> {
        let account = self.next_account()?;
        let (tenant, escrow) = (&self.cast.tenant, &self.suite.escrow);
        let hook = escrow::Cw20HookMsg::Open { owner: None };
        Ok((account, self.hand(token, tenant, escrow, DEPOSIT, &hook)?))
    }

    /// A deployment and its lease, of the last provider.
    fn lease_by(&self, token: &str, account: u64) -> Result<(u64, u64)> {
        self.beat()?;
        let denom = Denom::Cw20(token.into());
        let tenant = &self.cast.tenant;
        let (id, _) = self.create_by(tenant, denom, dear(), Some(account), &[])?;
        self.claim(2, order_id(id, 0).context("an order id")?)?;
        Ok((id, self.lease_of(id)?))
    }

    /// Sends tokens to a contract, which is told what they are for.
    fn hand(
        &self,
        token: &str,
        sender: &str,
        contract: &str,
        amount: u128,
        hook: &impl Serialize,
    ) -> Result<C::Receipt> {
        let send = Cw20ExecuteMsg::Send {
            contract: contract.into(),
            amount: Uint128::new(amount),
            msg: to_json_binary(hook)?,
        };
        self.at(token, sender, &send, &[])
    }
}
