//! What the parties do, as one call each.

mod change;
mod create;
mod offer;
pub mod sealed;
pub mod trust;

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, from_json, Addr, Binary, Uint128};
use cw_multi_test::AppResponse;
use leasehold_api::deployment;
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::provider::Contact;
use leasehold_api::{
    escrow, market, provider, Asset, AuctionMode, Capability, Denom, GroupSpec, Requirements,
    ResourceUnit, SCALE,
};

pub use offer::{small_goods, small_terms, taking};

use crate::world::{World, RENT};

/// A group of one small replica that pays at most `units` whole units per second.
pub fn small_group(name: &str, units: u128) -> GroupSpec {
    GroupSpec {
        name: name.into(),
        requirements: Requirements::default(),
        resources: vec![ResourceUnit {
            cpu: 100,
            memory: 64 << 20,
            storage: vec![],
            gpu: None,
            endpoints: vec![],
            count: 1,
            rate: rate(units),
        }],
    }
}

/// `units` whole units per second as a scaled rate.
pub fn rate(units: u128) -> Uint128 {
    Uint128::new(units * SCALE)
}

pub fn contact() -> Contact {
    Contact {
        gateway: "https://provider.example:8443".into(),
        tls_pin: Binary::from(vec![7; 32]),
        age_recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudc3ahzsc0f5du".into(),
    }
}

impl World {
    /// Registers a provider with `collateral` in the rent denom.
    pub fn register(&mut self, who: &Addr, collateral: u128) -> Result<AppResponse> {
        let msg = provider::ExecuteMsg::Register {
            contact: contact(),
            capability: Capability::default(),
        };
        let to = self.suite.provider.clone();
        self.execute(who, &to, &msg, &[coin(collateral, RENT)])
    }

    /// Adds `units` of the token to a provider's collateral.
    pub fn bond_token(&mut self, who: &Addr, units: u128) -> Result<AppResponse> {
        let allow = provider::ExecuteMsg::AllowToken {
            token: self.token.to_string(),
        };
        self.provider_call(who, &allow)?;
        let to = self.suite.provider.clone();
        self.send_token(who, &to, units, &provider::Cw20HookMsg::Bond {})
    }

    pub fn provider_call(&mut self, who: &Addr, msg: &provider::ExecuteMsg) -> Result<AppResponse> {
        let to = self.suite.provider.clone();
        self.execute(who, &to, msg, &[])
    }

    pub fn market_call(&mut self, who: &Addr, msg: &market::ExecuteMsg) -> Result<AppResponse> {
        let to = self.suite.market.clone();
        self.execute(who, &to, msg, &[])
    }

    pub fn escrow_call(
        &mut self,
        who: &Addr,
        msg: &escrow::ExecuteMsg,
        units: u128,
    ) -> Result<AppResponse> {
        let to = self.suite.escrow.clone();
        let funds = if units == 0 {
            vec![]
        } else {
            vec![coin(units, RENT)]
        };
        self.execute(who, &to, msg, &funds)
    }

    pub fn deployment_call(
        &mut self,
        who: &Addr,
        msg: &deployment::ExecuteMsg,
        units: u128,
    ) -> Result<AppResponse> {
        let to = self.suite.deployment.clone();
        let funds = if units == 0 {
            vec![]
        } else {
            vec![coin(units, RENT)]
        };
        self.execute(who, &to, msg, &funds)
    }

    pub fn heartbeat(&mut self, who: &Addr) -> Result<AppResponse> {
        self.provider_call(who, &provider::ExecuteMsg::Heartbeat {})
    }

    /// Lets `seconds` pass with all `live` providers beating often enough to count as alive all along.
    pub fn pass_alive(&mut self, seconds: u64, live: &[Addr]) -> Result<()> {
        let step = self.grace()?.div_ceil(2);
        let mut left = seconds;
        loop {
            for provider in live {
                self.heartbeat(provider)?;
            }
            if left == 0 {
                return Ok(());
            }
            let now = left.min(step);
            self.pass(now);
            left -= now;
        }
    }

    fn grace(&self) -> Result<u64> {
        let query = provider::QueryMsg::Config {};
        let config: provider::ConfigResponse = self.query(&self.suite.provider, &query)?;
        Ok(config.params.grace)
    }

    pub fn unbond(&mut self, who: &Addr, units: u128) -> Result<AppResponse> {
        let asset = Asset {
            denom: self.rent_denom(),
            amount: Uint128::new(units),
        };
        self.provider_call(who, &provider::ExecuteMsg::Unbond { asset })
    }

    /// Opens an account of `who` with `units` of rent in it; answers its id.
    pub fn open_account(&mut self, who: &Addr, units: u128) -> Result<u64> {
        let open = escrow::ExecuteMsg::Open {
            owner: None,
            denom: self.rent_denom(),
        };
        let response = self.escrow_call(who, &open, units)?;
        Ok(from_json(
            response.data.context("open answers with the id")?,
        )?)
    }

    pub fn deposit(&mut self, who: &Addr, account: u64, units: u128) -> Result<AppResponse> {
        self.escrow_call(who, &escrow::ExecuteMsg::Deposit { account }, units)
    }

    pub fn withdraw(&mut self, who: &Addr, account: u64, units: u128) -> Result<AppResponse> {
        let amount = Some(Uint128::new(units));
        self.escrow_call(who, &escrow::ExecuteMsg::Withdraw { account, amount }, 0)
    }

    /// Takes out all that may be taken out; answers the whole units.
    pub fn withdraw_all(&mut self, who: &Addr, account: u64) -> Result<u128> {
        let units = self.account(account)?.withdrawable.u128();
        self.withdraw(who, account, units)?;
        Ok(units)
    }

    /// Opens a drawn account on `account` for `spender`; answers its id.
    pub fn allow(
        &mut self,
        who: &Addr,
        account: u64,
        spender: &Addr,
        limits: escrow::Limits,
    ) -> Result<u64> {
        let allow = escrow::ExecuteMsg::Allow {
            account,
            spender: spender.to_string(),
            limits,
        };
        let response = self.escrow_call(who, &allow, 0)?;
        Ok(from_json(
            response.data.context("allow answers with the id")?,
        )?)
    }

    pub fn draw(&mut self, who: &Addr, account: u64, units: u128) -> Result<AppResponse> {
        let amount = Uint128::new(units);
        self.escrow_call(who, &escrow::ExecuteMsg::Draw { account, amount }, 0)
    }

    pub fn settle(&mut self, who: &Addr, account: u64) -> Result<AppResponse> {
        self.escrow_call(who, &escrow::ExecuteMsg::Settle { account }, 0)
    }

    pub fn collect(&mut self, who: &Addr, streams: &[u64]) -> Result<AppResponse> {
        let streams = streams.to_vec();
        self.escrow_call(who, &escrow::ExecuteMsg::Collect { streams }, 0)
    }

    pub fn bid(&mut self, who: &Addr, order_id: u64, units: u128) -> Result<AppResponse> {
        self.bid_scaled(who, order_id, rate(units))
    }

    pub fn bid_scaled(&mut self, who: &Addr, order_id: u64, rate: Uint128) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::Bid { order_id, rate })
    }

    pub fn withdraw_bid(&mut self, who: &Addr, order_id: u64) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::WithdrawBid { order_id })
    }

    pub fn claim(&mut self, who: &Addr, order_id: u64) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::Claim { order_id })
    }

    pub fn accept(&mut self, who: &Addr, order_id: u64, provider: &Addr) -> Result<AppResponse> {
        let provider = provider.to_string();
        self.market_call(who, &market::ExecuteMsg::Accept { order_id, provider })
    }

    /// Wins a descending order for `who`, the only bidder, and starts the lease; answers its id.
    pub fn win(&mut self, who: &Addr, order_id: u64, units: u128) -> Result<u64> {
        self.heartbeat(who)?;
        self.bid(who, order_id, units)?;
        let closes_at = self.order(order_id)?.phase_ends_at;
        let wait = closes_at.context("bidding ends")? - self.now();
        self.pass_alive(wait, std::slice::from_ref(who))?;
        self.claim(who, order_id)?;
        self.lease_of(order_id)
    }

    /// A deployment of one group with a lease of `who` at `units` per second, on `account`; answers deployment and lease.
    pub fn rent(
        &mut self,
        tenant: &Addr,
        account: u64,
        who: &Addr,
        units: u128,
    ) -> Result<(u64, u64)> {
        let group = (units, AuctionMode::default());
        let deployment = self.create(tenant, &[group], 0, Some(account))?;
        let lease = self.win(who, deployment * 8, units)?;
        Ok((deployment, lease))
    }

    pub fn give_notice(&mut self, who: &Addr, lease_id: u64) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::GiveNotice { lease_id })
    }

    pub fn end_lease(&mut self, who: &Addr, lease_id: u64) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::EndLease { lease_id })
    }

    /// Ends the lease of a silent provider.
    pub fn failover(&mut self, who: &Addr, lease_id: u64) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::Failover { lease_id })
    }

    pub fn expire(&mut self, who: &Addr, order_id: u64) -> Result<AppResponse> {
        self.market_call(
            who,
            &market::ExecuteMsg::Expire {
                order_id,
                provider: None,
            },
        )
    }

    pub fn close(&mut self, who: &Addr, deployment_id: u64) -> Result<AppResponse> {
        self.deployment_call(who, &deployment::ExecuteMsg::Close { deployment_id }, 0)
    }

    pub fn pause(&mut self, who: &Addr, deployment_id: u64, group: u32) -> Result<AppResponse> {
        let pause = deployment::ExecuteMsg::PauseGroup {
            deployment_id,
            group,
        };
        self.deployment_call(who, &pause, 0)
    }

    pub fn start(&mut self, who: &Addr, deployment_id: u64, group: u32) -> Result<AppResponse> {
        let start = deployment::ExecuteMsg::StartGroup {
            deployment_id,
            group,
        };
        self.deployment_call(who, &start, 0)
    }

    pub fn transfer(&mut self, who: &Addr, deployment_id: u64, to: &Addr) -> Result<AppResponse> {
        let transfer = deployment::ExecuteMsg::Transfer {
            deployment_id,
            new_owner: to.to_string(),
        };
        self.deployment_call(who, &transfer, 0)
    }

    pub fn penalties(&self) -> Result<Vec<market::PenaltyResponse>> {
        let query = market::QueryMsg::Penalties {
            start_after: None,
            limit: Some(MAX_LIMIT),
        };
        let found: market::PenaltiesResponse = self.query(&self.suite.market, &query)?;
        Ok(found.penalties)
    }

    /// Waits until every penalty is due and has all carried out.
    pub fn slash_all(&mut self, who: &Addr) -> Result<()> {
        let penalties = self.penalties()?;
        if let Some(due_at) = penalties.iter().map(|penalty| penalty.due_at).max() {
            self.pass(due_at.saturating_sub(self.now()));
        }
        for penalty in penalties {
            self.slash(who, penalty.order_id, penalty.number)?;
        }
        Ok(())
    }

    pub fn slash(&mut self, who: &Addr, order_id: u64, number: u32) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::Slash { order_id, number })
    }

    /// Removes what ended long ago of an order; by anyone.
    pub fn prune(&mut self, who: &Addr, order_id: u64) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::Prune { order_id })
    }

    /// … a closed deployment without orders.
    pub fn prune_deployment(&mut self, who: &Addr, deployment_id: u64) -> Result<AppResponse> {
        let prune = deployment::ExecuteMsg::Prune { deployment_id };
        self.deployment_call(who, &prune, 0)
    }

    /// What is remembered of an address in a denom.
    pub fn reputation(&self, address: &Addr, denom: Denom) -> Result<market::Reputation> {
        let provider = address.to_string();
        let query = market::QueryMsg::Locked { provider, denom };
        let lock: market::Lock = self.query(&self.suite.market, &query)?;
        Ok(market::Reputation::from(&lock.history))
    }

    pub fn order(&self, id: u64) -> Result<market::OrderResponse> {
        self.query(&self.suite.market, &market::QueryMsg::Order { id })
    }

    /// The active lease of an order.
    pub fn lease_of(&self, order_id: u64) -> Result<u64> {
        self.order(order_id)?.lease_id.context("a leased order")
    }

    pub fn lease(&self, id: u64) -> Result<market::LeaseResponse> {
        self.query(&self.suite.market, &market::QueryMsg::Lease { id })
    }

    pub fn account(&self, id: u64) -> Result<escrow::AccountResponse> {
        self.query(&self.suite.escrow, &escrow::QueryMsg::Account { id })
    }

    pub fn deployment(&self, id: u64) -> Result<deployment::DeploymentResponse> {
        self.query(
            &self.suite.deployment,
            &deployment::QueryMsg::Deployment { id },
        )
    }
}
