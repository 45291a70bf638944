//! A token that calls back into the suite in the middle of each payment that the suite makes in it.

use cosmwasm_std::{to_json_binary, wasm_execute, Addr, CosmosMsg, Uint128};
use cw20::Cw20ReceiveMsg;
use leasehold_api::deployment::ExecuteMsg as DeploymentMsg;
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg as EscrowMsg};
use leasehold_api::market::ExecuteMsg as MarketMsg;
use leasehold_api::provider::{Cw20HookMsg as BondHook, ExecuteMsg as ProviderMsg};
use leasehold_api::{Asset, Suite};
use leasehold_testing::wealth::Attack;

use crate::{Scene, RATE};
use leasehold_testing::puppet::{PaidInToken, Puppet, PuppetMsg};

/// A payment in the token, on its way while the token strikes.
#[derive(Debug, Clone, Copy)]
enum Payment {
    Collect,
    Close,
    EndLease,
    Withdraw,
    ClaimUnpaid,
    ClaimUnbonded,
    Slash,
}

const PAYMENTS: [Payment; 7] = [
    Payment::Collect,
    Payment::Close,
    Payment::EndLease,
    Payment::Withdraw,
    Payment::ClaimUnpaid,
    Payment::ClaimUnbonded,
    Payment::Slash,
];

/// The token is its own worst customer: tenant, account owner and provider at once as far as the suite allows, Mallory the rest.
struct Heist {
    scene: Scene,
    paid: PaidInToken,
    honest: u64,
}

impl Heist {
    fn prepare() -> Self {
        let mut scene = Scene::new();
        let (_, honest) = scene.lease();
        let puppet = Puppet::new(&mut scene.world);
        let (tenant, provider) = (scene.mallory.clone(), puppet.address.clone());
        let register = ProviderMsg::Register {
            contact: leasehold_testing::verbs::contact(),
            capability: Default::default(),
        };
        let suite = scene.world.suite.clone();
        let world = &mut scene.world;
        puppet.run(world, &suite.provider, &register).unwrap();
        let paid = PaidInToken::start(world, puppet, &tenant, &provider, RATE).unwrap();
        let mut heist = Heist {
            scene,
            paid,
            honest,
        };
        heist.own_account();
        heist.pass(10);
        heist
    }

    /// Rent and token accounts of the token's own.
    fn own_account(&mut self) {
        let suite = self.scene.world.suite.clone();
        let itself = self.paid.puppet.address.clone();
        let world = &mut self.scene.world;
        let open = EscrowMsg::Open {
            owner: Some(itself.to_string()),
            denom: world.rent_denom(),
        };
        let mallory = self.scene.mallory.clone();
        world.escrow_call(&mallory, &open, 1_000).unwrap();
        self.paid.puppet.mint(world, &itself, 1_000);
        let hook = Cw20HookMsg::Open { owner: None };
        let puppet = &self.paid.puppet;
        let send = PuppetMsg::Send {
            contract: suite.escrow.to_string(),
            amount: Uint128::new(1_000),
            msg: to_json_binary(&hook).unwrap(),
        };
        puppet.run(world, &itself, &send).unwrap();
        let asset = Asset {
            denom: puppet.denom(),
            amount: Uint128::new(1_000),
        };
        let unbond = ProviderMsg::Unbond { asset };
        puppet.run(world, &suite.provider, &unbond).unwrap();
    }

    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.scene.pass(1);
            self.beat();
        }
    }

    fn beat(&mut self) {
        let registry = self.scene.world.suite.provider.clone();
        let beat = ProviderMsg::Heartbeat {};
        let world = &mut self.scene.world;
        self.paid.puppet.run(world, &registry, &beat).unwrap();
    }

    /// What the token may try: for itself, against others, and things that only peers may do.
    fn strikes(&self) -> Vec<CosmosMsg> {
        let suite = &self.scene.world.suite;
        let (rent, token) = (self.scene.world.rent_denom(), self.paid.puppet.denom());
        let (lease, honest) = (self.paid.lease, self.honest);
        let itself = self.paid.puppet.address.to_string();
        let amount = Uint128::new(500);
        let escrow = [
            EscrowMsg::Collect {
                streams: vec![lease],
            },
            EscrowMsg::Collect {
                streams: vec![honest, lease],
            },
            EscrowMsg::Settle {
                account: self.paid.account,
            },
            EscrowMsg::Withdraw {
                account: 3,
                amount: Some(amount),
            },
            EscrowMsg::Withdraw {
                account: 4,
                amount: None,
            },
            EscrowMsg::Withdraw {
                account: 1,
                amount: None,
            },
            EscrowMsg::Move {
                from: 3,
                to: 4,
                amount: None,
            },
            EscrowMsg::Move {
                from: 4,
                to: self.paid.account,
                amount: None,
            },
            EscrowMsg::ClaimUnpaid {
                payee: itself.clone(),
                denom: token.clone(),
            },
            EscrowMsg::SweepFees { denom: token },
            EscrowMsg::SweepFees { denom: rent },
            EscrowMsg::CloseStream { stream: lease },
            EscrowMsg::CloseStream { stream: honest },
        ];
        let market = [
            MarketMsg::EndLease { lease_id: lease },
            MarketMsg::GiveNotice { lease_id: lease },
            MarketMsg::EndLease { lease_id: honest },
            MarketMsg::Failover { lease_id: honest },
            MarketMsg::Slash {
                order_id: self.paid.deployment * 8,
                number: 1,
            },
            MarketMsg::Claim {
                order_id: self.paid.deployment * 8,
            },
        ];
        let registry = [
            ProviderMsg::Claim {},
            ProviderMsg::Drain {},
            ProviderMsg::Unbond {
                asset: Asset {
                    denom: self.paid.puppet.denom(),
                    amount,
                },
            },
        ];
        let close = DeploymentMsg::Close {
            deployment_id: self.paid.deployment,
        };
        let mut all: Vec<CosmosMsg> = vec![call(&suite.deployment, &close)];
        all.extend(escrow.iter().map(|msg| call(&suite.escrow, msg)));
        all.extend(market.iter().map(|msg| call(&suite.market, msg)));
        all.extend(registry.iter().map(|msg| call(&suite.provider, msg)));
        all.extend(self.hooks(suite));
        all
    }

    /// Tokens that the token gives away in the middle of a payment in itself.
    fn hooks(&self, suite: &Suite<Addr>) -> Vec<CosmosMsg> {
        let itself = &self.paid.puppet.address;
        let deposit = Cw20HookMsg::Deposit {
            account: self.paid.account,
        };
        let deposit = to_json_binary(&deposit).unwrap();
        let bond = to_json_binary(&BondHook::Bond {}).unwrap();
        [(&suite.escrow, deposit), (&suite.provider, bond)]
            .into_iter()
            .flat_map(|(to, msg)| {
                let mint = PuppetMsg::Mint {
                    to: to.to_string(),
                    amount: Uint128::new(7),
                };
                let receive = Cw20ReceiveMsg {
                    sender: itself.to_string(),
                    amount: Uint128::new(7),
                    msg,
                };
                let told = receive.into_cosmos_msg(to.to_string()).unwrap();
                let both = PuppetMsg::Run {
                    msgs: vec![call(itself, &mint), told],
                };
                [call(itself, &both)]
            })
            .collect()
    }

    fn attack(&self) -> Attack {
        let scene = &self.scene;
        let [crooked, other] = &scene.crooked;
        let itself = &self.paid.puppet.address;
        let attackers = [itself, crooked, other, &scene.crook, &scene.mallory];
        let victims = [&scene.tenant, &scene.honest[0]];
        Attack::begin(&scene.world, &attackers, &victims).unwrap()
    }

    /// What must have happened before the payment can.
    fn approach(&mut self, payment: Payment) {
        let (mallory, lease) = (self.scene.mallory.clone(), self.paid.lease);
        match payment {
            Payment::ClaimUnpaid => {
                self.paid.puppet.freeze(&mut self.scene.world, true);
                self.scene.world.end_lease(&mallory, lease).unwrap();
                self.paid.puppet.freeze(&mut self.scene.world, false);
            }
            Payment::ClaimUnbonded => self.pass(30),
            Payment::Slash => {
                let market = self.scene.world.suite.market.clone();
                let quit = MarketMsg::EndLease { lease_id: lease };
                let world = &mut self.scene.world;
                self.paid.puppet.run(world, &market, &quit).unwrap();
                self.pass(10);
            }
            _ => {}
        }
    }

    fn pay(&mut self, payment: Payment) -> anyhow::Result<()> {
        let mallory = self.scene.mallory.clone();
        let itself = self.paid.puppet.address.clone();
        let denom = self.paid.puppet.denom();
        let registry = self.scene.world.suite.provider.clone();
        let world = &mut self.scene.world;
        match payment {
            Payment::Collect => world.collect(&mallory, &[self.paid.lease]),
            Payment::Close => world.close(&mallory, self.paid.deployment),
            Payment::EndLease => world.end_lease(&mallory, self.paid.lease),
            Payment::Withdraw => world.withdraw(&mallory, self.paid.account, 900),
            Payment::ClaimUnpaid => {
                let payee = itself.to_string();
                let claim = EscrowMsg::ClaimUnpaid { payee, denom };
                world.escrow_call(&mallory, &claim, 0)
            }
            Payment::ClaimUnbonded => {
                let claim = ProviderMsg::Claim {};
                return self.paid.puppet.run(world, &registry, &claim);
            }
            Payment::Slash => return world.slash_all(&mallory),
        }?;
        Ok(())
    }
}

fn call(to: &Addr, msg: &impl serde::Serialize) -> CosmosMsg {
    wasm_execute(to, msg, vec![]).unwrap().into()
}

/// Whatever the token does during whichever payment, nobody gains or loses a unit of honest money beyond the rent of the honest lease, and
/// the books of every denom, the token's own among them, agree with what is held.
#[test]
fn reentrancy_through_cw20() {
    let mut heist = Heist::prepare();
    let mut through = 0;
    for payment in PAYMENTS {
        let begun = heist.scene.world.save();
        heist.approach(payment);
        let approached = heist.scene.world.save();
        for strike in heist.strikes() {
            let attack = heist.attack();
            heist
                .paid
                .puppet
                .arm(&mut heist.scene.world, strike.clone());
            heist
                .pay(payment)
                .unwrap_or_else(|error| panic!("{payment:?} with {strike:?}: {error:#}"));
            through += heist.paid.puppet.succeeded(&heist.scene.world);
            heist.pass(5);
            attack.end(&heist.scene.world).unwrap().at_most(0, 0);
            heist.scene.world.restore(&approached);
        }
        heist.scene.world.restore(&begun);
    }
    assert!(through > 30, "only {through} strikes got through");
}
