//! How a tenant goes to market.

use anyhow::{Context as _, Result};
use cosmwasm_std::{from_json, Addr, Binary};
use leasehold_api::deployment::{self, GroupRequest};
use leasehold_api::{market, AuctionMode, Denom};
use leasehold_rules::money;

use super::{rate, small_group};
use crate::world::World;

impl World {
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
        let groups = (0_u32..)
            .zip(groups)
            .map(|(i, (units, mode))| GroupRequest {
                auction: Some(*mode),
                ..small_group(&format!("group{i}"), *units).into()
            })
            .collect();
        self.request(who, groups, deposit, account, denom)
    }

    /// A deployment of one job of `seconds` at `units` per second, for the first provider that claims it, on `account`; answers its id.
    pub fn create_job(
        &mut self,
        who: &Addr,
        account: u64,
        units: u128,
        seconds: u64,
    ) -> Result<u64> {
        let job = GroupRequest {
            auction: Some(AuctionMode::Dutch {
                min_rate: Some(rate(units)),
            }),
            max_duration: Some(seconds),
            ..small_group("job", units).into()
        };
        self.request(who, vec![job], 0, Some(account), self.rent_denom())
    }

    /// A deployment of one group at most `units` per second that starts in `seconds`, on `account`; answers its id.
    pub fn reserve(
        &mut self,
        who: &Addr,
        account: u64,
        (units, auction): (u128, AuctionMode),
        seconds: u64,
    ) -> Result<u64> {
        let reserved = GroupRequest {
            auction: Some(auction),
            starts_at: Some(self.now() + seconds),
            ..small_group("reserved", units).into()
        };
        self.request(who, vec![reserved], 0, Some(account), self.rent_denom())
    }

    /// What a reservation at `units` per second costs who breaks it, by the parameters.
    ///
    /// # Errors
    /// A failed query.
    pub fn no_show_price(&self, units: u128) -> Result<u128> {
        let query = market::QueryMsg::Config {};
        let config: market::ConfigResponse = self.query(&self.suite.market, &query)?;
        let bond = money::bond(rate(units), config.params.bond_seconds)?;
        Ok(money::share(bond, config.params.no_show_slash_bps)?.u128())
    }

    /// Goes to market with these groups; answers the deployment's id.
    pub fn request(
        &mut self,
        who: &Addr,
        groups: Vec<GroupRequest>,
        deposit: u128,
        account: Option<u64>,
        denom: Denom,
    ) -> Result<u64> {
        let create = deployment::ExecuteMsg::Create {
            groups,
            manifest_hash: Binary::from(vec![1; 32]),
            denom,
            account,
        };
        let response = self.deployment_call(who, &create, deposit)?;
        let id = response.data.context("create answers with the id")?;
        Ok(from_json(id)?)
    }
}
