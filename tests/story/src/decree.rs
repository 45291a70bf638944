//! What only governance may do, by proposal, and what its treasury pays by the second.

use anyhow::Result;
use cosmwasm_std::{coin, to_json_binary, to_json_vec, Addr, CosmosMsg, Uint128};
use leasehold_api::genesis::Genesis;
use leasehold_api::governance::{self, ExecuteMsg};
use leasehold_api::{escrow, market, provider, Asset, Suite};
use sha2::{Digest as _, Sha256};

use crate::council::Council;
use crate::stake::wasm;
use crate::{Chain, Receipts, Story, Wait, DENOM, STAKE};

/// Of what a rejected proposal's deposit left in the treasury: units, over seconds. One a second.
const STREAM: (u128, u64) = (100_000, 100_000);
/// The id of the first.
const FIRST: u64 = 1;

impl<C: Chain> Story<C> {
    /// With the parameters that hold already. The market goes on after a pause.
    pub(crate) fn rule(&self, of: &mut Receipts<C::Receipt>, genesis: &Genesis) -> Result<()> {
        let council = self.council(&genesis.governance);
        of.insert(
            "close_proposal",
            council.reject(self.spend(&self.cast.tenant))?,
        );
        self.replace_params(of, &council, genesis)?;
        self.pay_by_the_second(of, &council)
    }

    fn replace_params(
        &self,
        of: &mut Receipts<C::Receipt>,
        council: &Council<C>,
        genesis: &Genesis,
    ) -> Result<()> {
        let suite = &self.suite;
        let params = genesis.market.clone();
        let market = market::ExecuteMsg::UpdateParams { params };
        let params = genesis.escrow;
        let escrow = escrow::ExecuteMsg::UpdateParams { params };
        let params = genesis.provider.clone();
        let registry = provider::ExecuteMsg::UpdateParams { params };
        // A time that has passed.
        let resume = market::ExecuteMsg::Pause { until: 1 };
        of.extend(council.carry_out(vec![
            ("update_governance", self.appoint(&genesis.governance)?),
            ("update_market", wasm(&suite.market, &market)?),
            ("update_escrow", wasm(&suite.escrow, &escrow)?),
            ("update_registry", wasm(&suite.provider, &registry)?),
            ("resume_market", wasm(&suite.market, &resume)?),
            ("require", self.require(genesis)?),
            ("pay_insurance", self.pay_insurance()?),
        ])?);
        Ok(())
    }

    fn pay_by_the_second(&self, of: &mut Receipts<C::Receipt>, council: &Council<C>) -> Result<()> {
        let governance = &self.suite.governance;
        let (amount, seconds) = STREAM;
        let start = ExecuteMsg::StartStream {
            to: self.cast.keeper.clone(),
            asset: asset(amount, STAKE),
            seconds,
        };
        of.extend(council.carry_out(vec![("start_stream", wasm(governance, &start)?)])?);
        // A node answers for the block before the one that it shows.
        self.chain.pass(Wait::Beat)?;
        self.chain.pass(Wait::Beat)?;
        let claim = ExecuteMsg::ClaimStream { id: FIRST };
        of.insert("claim_stream", self.gov(&self.cast.keeper, &claim)?);
        let stop = ExecuteMsg::StopStream { id: FIRST };
        of.extend(council.carry_out(vec![("stop_stream", wasm(governance, &stop)?)])?);
        Ok(())
    }

    /// That escrow still has these parameters.
    fn require(&self, genesis: &Genesis) -> Result<CosmosMsg> {
        let answer = escrow::ConfigResponse {
            suite: checked(&self.suite),
            params: genesis.escrow,
        };
        let require = ExecuteMsg::Require {
            contract: self.suite.escrow.clone(),
            query: to_json_binary(&escrow::QueryMsg::Config {})?,
            answer_hash: Sha256::digest(to_json_vec(&answer)?).to_vec().into(),
        };
        wasm(&self.suite.governance, &require)
    }

    /// A unit of what the slash has left there.
    fn pay_insurance(&self) -> Result<CosmosMsg> {
        let pay = provider::ExecuteMsg::PayInsurance {
            to: self.cast.tenant.clone(),
            asset: asset(1, DENOM),
        };
        wasm(&self.suite.provider, &pay)
    }

    /// The tenant, with its own stake and the keeper's.
    pub(crate) fn council(&self, params: &governance::Params) -> Council<'_, C> {
        Council {
            chain: &self.chain,
            governance: &self.suite.governance,
            voter: &self.cast.tenant,
            deposit: vec![coin(params.deposit.u128(), STAKE)],
        }
    }
}

fn asset(units: u128, denom: &str) -> Asset {
    Asset {
        denom: denom.into(),
        amount: Uint128::new(units),
    }
}

fn checked(suite: &Suite) -> Suite<Addr> {
    Suite {
        deployment: Addr::unchecked(&suite.deployment),
        market: Addr::unchecked(&suite.market),
        escrow: Addr::unchecked(&suite.escrow),
        provider: Addr::unchecked(&suite.provider),
        governance: Addr::unchecked(&suite.governance),
    }
}
