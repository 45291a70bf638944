//! The parameters a suite starts with, and the five instantiate messages that carry them.

use std::collections::BTreeSet;

use cosmwasm_std::{to_json_binary, Binary, Decimal, StdResult, Uint128};
use cw_utils::Threshold;
use leasehold_rules::auction::AuctionParams;
use leasehold_rules::slash::SlashShares;

use crate::provider::Trust;
use crate::{deployment, escrow, governance, market, provider, Denom, Suite};

/// What a deployer chooses. Governance can change all of it later but the stake denom.
pub struct Genesis {
    pub escrow: escrow::Params,
    pub provider: provider::Params,
    pub market: market::Params,
    pub governance: governance::Params,
    /// A bank denom, or a token.
    pub stake_denom: Denom,
}

impl Genesis {
    /// The design's numbers: minutes and hours.
    pub fn production(stake_denom: &str) -> Self {
        Genesis {
            escrow: escrow::Params {
                min_runway: 600,
                fee_bps: 100,
            },
            provider: provider::Params {
                grace: 1_200,
                unbonding: 1_209_600,
                lapse_window: 1_200,
                breaker_bps: 3_000,
                maintenance_notice: 259_200,
                maintenance_longest: 14_400,
                maintenance_rest: 2_592_000,
                trust: Trust {
                    denom: stake_denom.into(),
                    auditor_bond: Uint128::new(10_000_000_000),
                    watcher_bond: Uint128::new(1_000_000_000),
                    attestation_life: 2_592_000,
                    challenge_deposit: Uint128::new(1_000_000_000),
                    challenge_period: 1_209_600,
                    watch_round: 3_600,
                    panel: 5,
                    watch_fee: Uint128::new(1_000),
                },
            },
            market: market::Params {
                auction: AuctionParams {
                    bidding: 60,
                    extension: 15,
                    hard_close: 180,
                    // Three quarters of what a minute has at 5 s a block.
                    min_blocks: 9,
                    min_decrement_bps: 200,
                    claim_window: 60,
                    ramp: 60,
                    commit: 120,
                    reveal: 120,
                },
                bond_seconds: 86_400,
                down_slash_bps: 10_000,
                no_show_slash_bps: 1_000,
                quit_slash_bps: 1_000,
                no_reveal_slash_bps: 1_000,
                slash_shares: SlashShares {
                    tenant_bps: 7_000,
                    caller_bps: 1_500,
                },
                // Two thirds of what a grace has at 5 s a block.
                lapse_blocks: 150,
                max_attempts: 4,
                exclusion: 86_400,
                penalty_delay: 3_600,
                notice: 86_400,
                resume_window: 3_600,
            },
            governance: governance::Params {
                threshold: Threshold::ThresholdQuorum {
                    threshold: Decimal::percent(50),
                    quorum: Decimal::percent(20),
                },
                voting_period: 432_000,
                min_voting_period: 86_400,
                timelock: 86_400,
                expedited: Some(governance::Expedited {
                    threshold: Threshold::ThresholdQuorum {
                        threshold: Decimal::percent(67),
                        quorum: Decimal::percent(34),
                    },
                    voting_period: 86_400,
                    timelock: 21_600,
                }),
                execution_window: 604_800,
                unbonding: 1_209_600,
                deposit: Uint128::new(100_000_000),
                refund: governance::RefundPolicy::OnlyPassed,
                staker_bps: 5_000,
                reward_denoms: vec![stake_denom.into()],
                guardian: None,
                pause_seconds: 172_800,
                pause_rest: 604_800,
            },
            stake_denom: stake_denom.into(),
        }
    }

    /// The same rules with every wait in seconds, for development chains.
    pub fn development(stake_denom: &str) -> Self {
        let production = Genesis::production(stake_denom);
        Genesis {
            escrow: escrow::Params {
                min_runway: 30,
                ..production.escrow
            },
            provider: provider::Params {
                grace: 10,
                unbonding: 30,
                lapse_window: 3,
                maintenance_notice: 10,
                maintenance_longest: 60,
                maintenance_rest: 60,
                trust: Trust {
                    auditor_bond: Uint128::new(10_000_000),
                    watcher_bond: Uint128::new(1_000_000),
                    challenge_deposit: Uint128::new(1_000_000),
                    challenge_period: 60,
                    watch_round: 10,
                    ..production.provider.trust
                },
                ..production.provider
            },
            market: market::Params {
                auction: AuctionParams {
                    bidding: 8,
                    extension: 2,
                    hard_close: 20,
                    min_blocks: 15,
                    claim_window: 8,
                    ramp: 10,
                    commit: 10,
                    reveal: 10,
                    ..production.market.auction
                },
                bond_seconds: 3_600,
                lapse_blocks: 3,
                penalty_delay: 6,
                notice: 20,
                resume_window: 60,
                exclusion: 300,
                ..production.market
            },
            governance: governance::Params {
                voting_period: 30,
                min_voting_period: 0,
                timelock: 5,
                expedited: production.governance.expedited.map(|production| {
                    governance::Expedited {
                        voting_period: 15,
                        timelock: 2,
                        ..production
                    }
                }),
                execution_window: 600,
                unbonding: 30,
                deposit: Uint128::new(1_000_000),
                reward_denoms: BTreeSet::from([stake_denom, "uakt"])
                    .into_iter()
                    .map(Denom::from)
                    .collect(),
                pause_seconds: 30,
                pause_rest: 30,
                ..production.governance
            },
            stake_denom: stake_denom.into(),
        }
    }

    /// The instantiate messages of a suite at these addresses, as JSON, in the order of [`crate::suite::CONTRACTS`].
    ///
    /// # Errors
    /// A value that does not serialise.
    pub fn instantiate_msgs(&self, suite: &Suite) -> StdResult<[Binary; 5]> {
        let suite = || suite.clone();
        Ok([
            to_json_binary(&deployment::InstantiateMsg { suite: suite() })?,
            to_json_binary(&market::InstantiateMsg {
                suite: suite(),
                params: self.market.clone(),
            })?,
            to_json_binary(&escrow::InstantiateMsg {
                suite: suite(),
                params: self.escrow,
            })?,
            to_json_binary(&provider::InstantiateMsg {
                suite: suite(),
                params: self.provider.clone(),
            })?,
            to_json_binary(&governance::InstantiateMsg {
                suite: suite(),
                denom: self.stake_denom.clone(),
                weight_unit: Uint128::one(),
                params: self.governance.clone(),
            })?,
        ])
    }
}
