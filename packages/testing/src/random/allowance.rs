//! Spending other people's money: what owners, spenders and passers-by do with allowances.

use cosmwasm_std::{Addr, Uint128};
use leasehold_api::escrow::{
    AccountResponse, AllowanceResponse, AllowancesOf, AllowancesResponse, DepletingResponse,
    ExecuteMsg as EscrowMsg, Limits, QueryMsg as EscrowQuery, Refill,
};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::AuctionMode;
use rand::Rng;

use super::Life;
use crate::verbs::rate;

impl Life {
    pub(super) fn allowance_action(&mut self) -> (&'static str, anyhow::Result<()>) {
        let recent = self.allowances();
        let given = (!recent.is_empty()).then(|| self.pick(&recent).clone());
        match (self.dice.gen_range(0..10), given) {
            (2..=4, Some(given)) => ("rent_on_allowance", self.rent_on(&given)),
            (5, Some(given)) => {
                let amount = Uint128::new(self.dice.gen_range(1..=1_500));
                let account = given.account;
                let who = self.mostly(given.spender);
                let draw = EscrowMsg::Draw { account, amount };
                ("draw", self.at_escrow(&who, &draw))
            }
            (6 | 7, _) => ("top_up", self.top_up_any()),
            (8, Some(given)) => {
                let account = given.account;
                let who = self.mostly(given.owner);
                if self.dice.gen_ratio(1, 2) {
                    return (
                        "revoke",
                        self.at_escrow(&who, &EscrowMsg::Revoke { account }),
                    );
                }
                let limits = self.limits();
                let adjust = EscrowMsg::Adjust { account, limits };
                ("adjust", self.at_escrow(&who, &adjust))
            }
            (9, _) => {
                let (from, to) = (self.account(), self.account());
                let who = self.owner_of(from);
                let amount = self
                    .dice
                    .gen_ratio(1, 2)
                    .then(|| Uint128::new(self.dice.gen_range(1..=500)));
                let msg = EscrowMsg::Move { from, to, amount };
                ("move", self.at_escrow(&who, &msg))
            }
            _ => {
                let account = self.account();
                let who = self.owner_of(account);
                let msg = EscrowMsg::Allow {
                    account,
                    spender: self.tenant().to_string(),
                    limits: self.limits(),
                };
                ("allow", self.at_escrow(&who, &msg))
            }
        }
    }

    /// The spender draws about a minute's rent and puts a group on the market, where a provider takes it.
    fn rent_on(&mut self, given: &AllowanceResponse) -> anyhow::Result<()> {
        let units: u128 = self.dice.gen_range(1..=20);
        let draw = EscrowMsg::Draw {
            account: given.account,
            amount: given.drawable.min(Uint128::new(units * 50)),
        };
        if !given.drawable.is_zero() {
            self.at_escrow(&given.spender, &draw)?;
        }
        let min_rate = Some(rate(units));
        let groups = [(units, AuctionMode::Dutch { min_rate })];
        let denom = given.denom.clone();
        let account = Some(given.account);
        let id = self
            .world
            .create_in(&given.spender, &groups, 0, account, denom)?;
        let provider = self.provider();
        self.world.heartbeat(&provider)?;
        self.world.claim(&provider, id * 8).map(|_| ())
    }

    fn limits(&mut self) -> Limits {
        let below = self.dice.gen_range(1..=60);
        Limits {
            max_rate: rate(self.dice.gen_range(5..=40)),
            max_total: Uint128::new(self.dice.gen_range(1..=6_000)),
            expires: self
                .dice
                .gen_ratio(1, 3)
                .then(|| self.world.now() + self.dice.gen_range(1..=120)),
            refill: self.dice.gen_ratio(2, 3).then(|| Refill {
                below,
                to: below + self.dice.gen_range(1..=60),
            }),
        }
    }

    /// Tops up the first of the accounts about to run dry that a top-up is due for.
    fn top_up_any(&mut self) -> anyhow::Result<()> {
        let who = self.anyone();
        let query = EscrowQuery::Depleting {
            within: 60,
            start_after: self.account().checked_sub(60),
            limit: Some(MAX_LIMIT),
        };
        let low: DepletingResponse = self.world.query(&self.world.suite.escrow, &query)?;
        for AccountResponse { id: account, .. } in low.accounts {
            if self.at_escrow(&who, &EscrowMsg::TopUp { account }).is_ok() {
                return Ok(());
            }
        }
        anyhow::bail!("no account is due for a top-up")
    }

    /// The latest allowances of some tenant.
    fn allowances(&mut self) -> Vec<AllowanceResponse> {
        let query = EscrowQuery::Allowances {
            of: AllowancesOf::Spender(self.tenant().to_string()),
            start_after: None,
            limit: Some(MAX_LIMIT),
        };
        let found: AllowancesResponse = self
            .world
            .query(&self.world.suite.escrow, &query)
            .expect("escrow lists allowances");
        found.allowances.into_iter().rev().take(4).collect()
    }

    pub(super) fn owner_of(&mut self, account: u64) -> Addr {
        let found = self.world.account(account);
        found.map_or_else(|_| self.tenant(), |account| account.owner)
    }

    /// The one whose part it is, or somebody who should be refused.
    fn mostly(&mut self, who: Addr) -> Addr {
        if self.dice.gen_ratio(1, 8) {
            return self.anyone();
        }
        who
    }

    fn at_escrow(&mut self, who: &Addr, msg: &EscrowMsg) -> anyhow::Result<()> {
        self.world.escrow_call(who, msg, 0).map(|_| ())
    }
}
