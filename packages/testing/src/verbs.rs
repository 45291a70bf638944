//! What the parties do, as one call each.

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, from_json, Addr, Binary, Uint128};
use cw_multi_test::AppResponse;
use leasehold_api::deployment::{self, GroupRequest};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::provider::Contact;
use leasehold_api::{
    escrow, market, provider, Asset, AuctionMode, Capability, Denom, GroupSpec, Requirements,
    ResourceUnit, SCALE,
};

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

    /// Creates a deployment of small groups on a new account with `deposit`, or on `account`; answers its id.
    pub fn create(
        &mut self,
        who: &Addr,
        groups: &[(u128, AuctionMode)],
        deposit: u128,
        account: Option<u64>,
    ) -> Result<u64> {
        self.create_in(who, groups, deposit, account, self.rent_denom())
    }

    pub fn create_in(
        &mut self,
        who: &Addr,
        groups: &[(u128, AuctionMode)],
        deposit: u128,
        account: Option<u64>,
        denom: Denom,
    ) -> Result<u64> {
        let groups = groups
            .iter()
            .enumerate()
            .map(|(i, (units, mode))| GroupRequest {
                auction: Some(*mode),
                ..small_group(&format!("group{i}"), *units).into()
            })
            .collect();
        let msg = deployment::ExecuteMsg::Create {
            groups,
            manifest_hash: Binary::from(vec![1; 32]),
            denom,
            account,
        };
        let response = self.deployment_call(who, &msg, deposit)?;
        Ok(from_json(
            response.data.context("create answers with the id")?,
        )?)
    }

    pub fn heartbeat(&mut self, who: &Addr) -> Result<AppResponse> {
        self.provider_call(who, &provider::ExecuteMsg::Heartbeat {})
    }

    pub fn bid(&mut self, who: &Addr, order_id: u64, units: u128) -> Result<AppResponse> {
        self.market_call(
            who,
            &market::ExecuteMsg::Bid {
                order_id,
                rate: rate(units),
            },
        )
    }

    pub fn claim(&mut self, who: &Addr, order_id: u64) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::Claim { order_id })
    }

    /// Ends the lease of a silent provider.
    pub fn failover(&mut self, who: &Addr, lease_id: u64) -> Result<AppResponse> {
        self.market_call(who, &market::ExecuteMsg::Failover { lease_id })
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
            let slash = market::ExecuteMsg::Slash {
                order_id: penalty.order_id,
                number: penalty.number,
            };
            self.market_call(who, &slash)?;
        }
        Ok(())
    }

    pub fn collect(&mut self, who: &Addr, streams: &[u64]) -> Result<AppResponse> {
        self.escrow_call(
            who,
            &escrow::ExecuteMsg::Collect {
                streams: streams.to_vec(),
            },
            0,
        )
    }

    pub fn order(&self, id: u64) -> Result<market::OrderResponse> {
        self.query(&self.suite.market, &market::QueryMsg::Order { id })
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

    pub fn unbond(&mut self, who: &Addr, units: u128) -> Result<AppResponse> {
        let asset = Asset {
            denom: self.rent_denom(),
            amount: Uint128::new(units),
        };
        self.provider_call(who, &provider::ExecuteMsg::Unbond { asset })
    }
}
