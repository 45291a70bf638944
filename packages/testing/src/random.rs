//! Random life on the market: any party does anything at any time, sensible or not.

mod allowance;
mod change;
mod offer;
mod pick;
mod prune;
mod reservation;
mod sealed;
mod trust;

use cosmwasm_std::{coin, Binary, Uint128};
use leasehold_api::deployment::ExecuteMsg as DeploymentMsg;
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg as EscrowMsg};
use leasehold_api::market::{ExecuteMsg as MarketMsg, RETENTION};
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_api::{Asset, AuctionMode, Denom, Pricing};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use self::trust::Signatories;
use crate::verbs::rate;
use crate::world::{World, RENT};

/// A world and the dice that drive it. The same seed gives the same life.
pub struct Life {
    pub world: World,
    signatories: Signatories,
    dice: StdRng,
    /// Steps that the contracts accepted, by name.
    pub accepted: std::collections::BTreeMap<&'static str, u32>,
}

impl Life {
    pub fn new(seed: u64) -> Self {
        let mut world = World::new();
        for provider in world.providers.clone() {
            world
                .register(&provider, 5_000_000)
                .expect("a new provider registers");
            world
                .bond_token(&provider, 5_000_000)
                .expect("a provider bonds tokens");
        }
        let signatories = Signatories::enrolled(&mut world).expect("newcomers with a bond enrol");
        Life {
            world,
            signatories,
            dice: StdRng::seed_from_u64(seed),
            accepted: Default::default(),
        }
    }

    /// One random action. A refusal is fine; what must hold after it is the caller's to check.
    pub fn step(&mut self) {
        let (name, result) = self.act();
        if result.is_ok() {
            *self.accepted.entry(name).or_default() += 1;
        }
    }

    fn act(&mut self) -> (&'static str, anyhow::Result<()>) {
        let done = |result: anyhow::Result<cw_multi_test::AppResponse>| result.map(|_| ());
        match self.dice.gen_range(0..100) {
            // Rarely: all money is gone by then, and much may be removed.
            0 if self.dice.gen_ratio(1, 4) => {
                self.world.pass(RETENTION);
                ("pass_a_month", Ok(()))
            }
            0..=17 => {
                let seconds = *self.pick(&[1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 9, 13, 70]);
                self.world.pass(seconds);
                ("pass", Ok(()))
            }
            31 if self.dice.gen() => self.prune(),
            18..=27 | 31 => ("heartbeat", self.heartbeats()),
            28..=30 | 83 | 84 => self.trust_action(),
            32..=37 => ("create", self.create()),
            38 if self.dice.gen() => ("create_job", self.create_job()),
            38 => ("reserve", self.reserve()),
            39..=45 => {
                let (who, order_id) = (self.provider(), self.order());
                let rate = rate(self.dice.gen_range(1..=40));
                (
                    "bid",
                    done(
                        self.world
                            .market_call(&who, &MarketMsg::Bid { order_id, rate }),
                    ),
                )
            }
            46..=52 => self.sealed_action(),
            53..=55 => self.change_action(),
            56..=62 => {
                let (who, order_id) = (self.provider(), self.order());
                ("claim", done(self.world.claim(&who, order_id)))
            }
            63..=66 => self.offer_action(),
            67..=70 => self.market_action(),
            71..=76 => {
                let (who, lease) = (self.anyone(), self.lease());
                ("collect", done(self.world.collect(&who, &[lease])))
            }
            77..=79 => {
                let (who, lease_id) = (self.anyone(), self.lease());
                ("failover", done(self.world.failover(&who, lease_id)))
            }
            80..=82 => self.money_action(),
            85..=89 => self.allowance_action(),
            90..=95 => self.deployment_action(),
            _ => self.provider_action(),
        }
    }

    /// Most providers are alive most of the time.
    fn heartbeats(&mut self) -> anyhow::Result<()> {
        for provider in self.world.providers.clone() {
            if self.dice.gen_ratio(4, 5) {
                self.world.heartbeat(&provider)?;
            }
        }
        Ok(())
    }

    fn create(&mut self) -> anyhow::Result<()> {
        let who = self.tenant();
        let groups: Vec<(u128, AuctionMode)> = (0..self.dice.gen_range(1..=3))
            .map(|_| {
                let most = self.dice.gen_range(1..=40);
                (most, self.auction(most))
            })
            .collect();
        let deposit = self.dice.gen_range(1..=8_000);
        match self.dice.gen_range(0..3) {
            0 => {
                let hook = Cw20HookMsg::Open { owner: None };
                let to = self.world.suite.escrow.clone();
                self.world.send_token(&who, &to, deposit, &hook)?;
                let account = self.accounts();
                self.world
                    .create_in(&who, &groups, 0, Some(account), self.world.token_denom())
                    .map(|_| ())
            }
            1 => {
                let account = self.account();
                self.world
                    .create(&who, &groups, deposit, Some(account))
                    .map(|_| ())
            }
            _ => self.world.create(&who, &groups, deposit, None).map(|_| ()),
        }
    }

    fn auction(&mut self, most: u128) -> AuctionMode {
        let min_rate = Some(rate(self.dice.gen_range(1..=most)));
        let min_bidders = self.dice.gen_ratio(1, 3).then_some(2);
        let auto_after = self.dice.gen::<bool>().then_some(6);
        let pricing = *self.pick(&[Pricing::First, Pricing::Second]);
        *self.pick(&[
            AuctionMode::Descending { min_bidders },
            AuctionMode::Open { auto_after },
            AuctionMode::Dutch { min_rate },
            AuctionMode::Sealed {
                pricing,
                min_bidders,
            },
        ])
    }

    fn market_action(&mut self) -> (&'static str, anyhow::Result<()>) {
        let (order_id, lease_id) = (self.order(), self.lease());
        let (name, who, msg) = match self.dice.gen_range(0..8) {
            0 | 1 => {
                let (order_id, number) = self.penalty();
                let slash = MarketMsg::Slash { order_id, number };
                ("slash", self.anyone(), slash)
            }
            2 => (
                "withdraw_bid",
                self.provider(),
                MarketMsg::WithdrawBid { order_id },
            ),
            3 => {
                let (order_id, provider) = self
                    .bid_to_accept()
                    .unwrap_or((order_id, self.provider().to_string()));
                (
                    "accept",
                    self.owner(order_id),
                    MarketMsg::Accept { order_id, provider },
                )
            }
            4 => (
                "end_lease_tenant",
                self.tenant(),
                MarketMsg::EndLease { lease_id },
            ),
            6 => (
                "give_notice",
                self.holder(lease_id),
                MarketMsg::GiveNotice { lease_id },
            ),
            5 => (
                "end_lease_provider",
                self.holder(lease_id),
                MarketMsg::EndLease { lease_id },
            ),
            _ => (
                "expire",
                self.anyone(),
                MarketMsg::Expire {
                    order_id,
                    provider: None,
                },
            ),
        };
        (name, self.world.market_call(&who, &msg).map(|_| ()))
    }

    fn money_action(&mut self) -> (&'static str, anyhow::Result<()>) {
        let who = self.anyone();
        let account = self.account();
        let units = self.dice.gen_range(1..=3_000);
        let amount = Uint128::new(units);
        let escrow = self.world.suite.escrow.clone();
        let (name, result) = match self.dice.gen_range(0..7) {
            0 | 1 => (
                "deposit",
                self.world
                    .escrow_call(&who, &EscrowMsg::Deposit { account }, units),
            ),
            2 => (
                "deposit_token",
                self.world
                    .send_token(&who, &escrow, units, &Cw20HookMsg::Deposit { account }),
            ),
            3 | 4 => {
                let owner = self.owner_of(account);
                let amount = self.dice.gen_ratio(3, 4).then_some(amount);
                (
                    "withdraw",
                    self.world
                        .escrow_call(&owner, &EscrowMsg::Withdraw { account, amount }, 0),
                )
            }
            5 => (
                "settle",
                self.world
                    .escrow_call(&who, &EscrowMsg::Settle { account }, 0),
            ),
            _ => {
                let denom = self
                    .pick(&[Denom::Native(RENT.into()), self.world.token_denom()])
                    .clone();
                (
                    "sweep",
                    self.world
                        .escrow_call(&who, &EscrowMsg::SweepFees { denom }, 0),
                )
            }
        };
        (name, result.map(|_| ()))
    }

    fn deployment_action(&mut self) -> (&'static str, anyhow::Result<()>) {
        let deployment_id = self.deployment();
        let who = self.owner(deployment_id * 8);
        let group = self.dice.gen_range(0..3);
        let (name, msg) = match self.dice.gen_range(0..6) {
            0 => ("close", DeploymentMsg::Close { deployment_id }),
            1 | 2 => (
                "pause_group",
                DeploymentMsg::PauseGroup {
                    deployment_id,
                    group,
                },
            ),
            3 => return ("start_group", self.start_any()),
            4 => (
                "update",
                DeploymentMsg::Update {
                    deployment_id,
                    manifest_hash: Binary::from(vec![self.dice.gen(); 32]),
                },
            ),
            _ => {
                let new_owner = self.tenant().to_string();
                (
                    "transfer",
                    DeploymentMsg::Transfer {
                        deployment_id,
                        new_owner,
                    },
                )
            }
        };
        (name, self.world.deployment_call(&who, &msg, 0).map(|_| ()))
    }

    fn provider_action(&mut self) -> (&'static str, anyhow::Result<()>) {
        let who = self.provider();
        let denom = self
            .pick(&[Denom::Native(RENT.into()), self.world.token_denom()])
            .clone();
        let amount = Uint128::new(self.dice.gen_range(1..=2_000_000));
        let registry = self.world.suite.provider.clone();
        let (name, result) = match self.dice.gen_range(0..10) {
            9 => {
                let (now, ahead, long) = (
                    self.world.now(),
                    self.dice.gen_range(9..30),
                    self.dice.gen_range(1..70),
                );
                let from = now + ahead;
                let until = from + long;
                let announce = ProviderMsg::AnnounceMaintenance { from, until };
                (
                    "announce_maintenance",
                    self.world.provider_call(&who, &announce),
                )
            }
            8 => {
                let providers = self
                    .world
                    .providers
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                let count = ProviderMsg::CountLapses { providers };
                ("count_lapses", self.world.provider_call(&who, &count))
            }
            7 => ("register", self.world.register(&who, amount.u128())),
            0 => (
                "drain",
                self.world.provider_call(&who, &ProviderMsg::Drain {}),
            ),
            1 | 2 => (
                "resume",
                self.world.provider_call(&who, &ProviderMsg::Resume {}),
            ),
            3 => (
                "unbond",
                self.world.provider_call(
                    &who,
                    &ProviderMsg::Unbond {
                        asset: Asset { denom, amount },
                    },
                ),
            ),
            4 => (
                "claim_unbonded",
                self.world.provider_call(&who, &ProviderMsg::Claim {}),
            ),
            5 => (
                "leave",
                self.world.provider_call(&who, &ProviderMsg::Leave {}),
            ),
            _ => {
                let bond = ProviderMsg::Bond {};
                (
                    "bond",
                    self.world
                        .execute(&who, &registry, &bond, &[coin(amount.u128(), RENT)]),
                )
            }
        };
        (name, result.map(|_| ()))
    }

    /// Starts the first group of the recent deployments that can be started.
    fn start_any(&mut self) -> anyhow::Result<()> {
        let newest = self.next(
            &self.world.suite.deployment.clone(),
            leasehold_api::deployment::NEXT_DEPLOYMENT,
        );
        let groups =
            (newest.saturating_sub(8)..newest).flat_map(|id| (0..3).map(move |group| (id, group)));
        for (deployment_id, group) in groups {
            let who = self.owner(deployment_id * 8);
            let start = DeploymentMsg::StartGroup {
                deployment_id,
                group,
            };
            if self.world.deployment_call(&who, &start, 0).is_ok() {
                return Ok(());
            }
        }
        anyhow::bail!("no group can be started")
    }
}
