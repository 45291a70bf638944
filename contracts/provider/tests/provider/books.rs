//! The registry's books against bank and token, after every one of many random steps.

use std::collections::BTreeMap;

use cosmwasm_std::{coin, Addr, Uint128};
use leasehold_api::provider::{
    ExecuteMsg, InsuranceResponse, MembersResponse, ProvidersResponse, QueryMsg, Role, Share,
    BONDED,
};
use leasehold_api::{Asset, Denom};
use proptest::prelude::*;

use crate::setup::*;
use crate::signing::Signs;

#[derive(Debug, Clone)]
enum Step {
    Register {
        coins: Vec<(usize, u128)>,
    },
    Bond {
        denom: usize,
        amount: u128,
    },
    Unbond {
        denom: usize,
        amount: u128,
    },
    Lock {
        denom: usize,
        percent: u128,
    },
    Claim,
    Slash {
        denom: usize,
        amount: u128,
        parts: [u32; 2],
    },
    Drain,
    Resume,
    Heartbeat,
    Enrol {
        role: Role,
        bond: u128,
    },
    AddToBond {
        role: Role,
        amount: u128,
    },
    Retire(Role),
    WithdrawBond(Role),
    Judge {
        role: Role,
        slash: u128,
        jailed: bool,
    },
    /// Unbonds everything that is free, drains and leaves, if it can.
    Leave,
    Pass {
        seconds: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let denom = 0..4_usize;
    let amount = 0..500_u128;
    let role = prop_oneof![Just(Role::Auditor), Just(Role::Watcher)];
    prop_oneof![
        1 => proptest::collection::vec((0..2_usize, 1..300_u128), 0..2)
            .prop_map(|coins| Step::Register { coins }),
        3 => (denom.clone(), amount.clone()).prop_map(|(denom, amount)| Step::Bond { denom, amount }),
        3 => (denom.clone(), amount.clone()).prop_map(|(denom, amount)| Step::Unbond { denom, amount }),
        1 => (denom.clone(), 0..100_u128).prop_map(|(denom, percent)| Step::Lock { denom, percent }),
        2 => Just(Step::Claim),
        3 => (denom, amount, 0..=10_000_u32, 0..=10_000_u32).prop_map(|(denom, amount, a, b)| {
            let parts = [a, b.min(10_000 - a)];
            Step::Slash { denom, amount, parts }
        }),
        1 => Just(Step::Drain),
        1 => Just(Step::Resume),
        1 => Just(Step::Heartbeat),
        3 => (role.clone(), 400..1_500_u128).prop_map(|(role, bond)| Step::Enrol { role, bond }),
        1 => (role.clone(), 0..500_u128).prop_map(|(role, amount)| Step::AddToBond { role, amount }),
        1 => role.clone().prop_map(Step::Retire),
        2 => role.clone().prop_map(Step::WithdrawBond),
        2 => (role, 0..600_u128, any::<bool>())
            .prop_map(|(role, slash, jailed)| Step::Judge { role, slash, jailed }),
        1 => Just(Step::Leave),
        2 => (1..700_u64).prop_map(|seconds| Step::Pass { seconds }),
    ]
}

/// Two bank denoms, an honest token and one that never pays.
fn denoms(registry: &Registry) -> [Denom; 4] {
    [
        uakt(),
        Denom::Native(NATIVES[1].into()),
        registry.tok(),
        Denom::Cw20(registry.stingy.to_string()),
    ]
}

/// Whether the step went through. A refused one must leave everything as it was, which the check after it shows.
fn take(registry: &mut Registry, who: &Addr, step: &Step) -> bool {
    let denoms = denoms(registry);
    let outcome = match step {
        Step::Register { coins } => {
            let coins: Vec<_> = coins
                .iter()
                .map(|(denom, amount)| coin(*amount, NATIVES[*denom]))
                .collect();
            let outcome = registry.register(who, &coins);
            if outcome.is_ok() {
                for token in [registry.token.clone(), registry.stingy.clone()] {
                    registry.allow(who, &token).unwrap();
                }
            }
            outcome
        }
        Step::Bond { denom, amount } => match &denoms[*denom] {
            Denom::Native(native) => {
                let coins = [coin(*amount, native)];
                registry.send(who, &ExecuteMsg::Bond {}, &coins)
            }
            Denom::Cw20(token) => registry.bond_token(&Addr::unchecked(token), who, *amount),
        },
        Step::Unbond { denom, amount } => registry.unbond(who, asset(&denoms[*denom], *amount)),
        Step::Lock { denom, percent } => {
            let held = held(registry, who, &denoms[*denom]);
            registry.lock(who, &denoms[*denom], held * percent / 100);
            return true;
        }
        Step::Claim => registry.claim(who),
        Step::Slash {
            denom,
            amount,
            parts,
        } => {
            let to = [registry.stranger.clone(), registry.suite.escrow.clone()];
            let recipients = to
                .iter()
                .zip(parts)
                .map(|(to, part)| Share {
                    to: to.to_string(),
                    bps: *part,
                })
                .collect();
            let msg = ExecuteMsg::Slash {
                provider: who.to_string(),
                denom: denoms[*denom].clone(),
                amount: Uint128::new(*amount),
                bond: Uint128::new(*amount),
                at: registry.now(),
                recipients,
                reason: "test".into(),
            };
            let market = registry.suite.market.clone();
            // As the market does: what is slashed is no longer locked.
            registry.lock(who, &denoms[*denom], 0);
            registry.send(&market, &msg, &[])
        }
        Step::Drain => registry.send(who, &ExecuteMsg::Drain {}, &[]),
        Step::Resume => registry.send(who, &ExecuteMsg::Resume {}, &[]),
        Step::Heartbeat => registry.send(who, &ExecuteMsg::Heartbeat {}, &[]),
        Step::Enrol { role, bond } => {
            let key = Signs::secp256k1(7).key();
            let enrol = ExecuteMsg::Enrol { role: *role, key };
            registry.send(who, &enrol, &[coin(*bond, "uakt")])
        }
        Step::AddToBond { role, amount } => {
            let add = ExecuteMsg::AddToBond { role: *role };
            registry.send(who, &add, &[coin(*amount, "uakt")])
        }
        Step::Retire(role) => registry.send(who, &ExecuteMsg::Retire { role: *role }, &[]),
        Step::WithdrawBond(role) => {
            registry.send(who, &ExecuteMsg::WithdrawBond { role: *role }, &[])
        }
        Step::Judge {
            role,
            slash,
            jailed,
        } => registry.judge(*role, who, *slash, *jailed),
        Step::Leave => {
            for denom in &denoms {
                let held = held(registry, who, denom);
                if registry.unbond(who, asset(denom, held)).is_err() {
                    continue;
                }
            }
            if registry.send(who, &ExecuteMsg::Drain {}, &[]).is_err() {
                return false;
            }
            registry.send(who, &ExecuteMsg::Leave {}, &[])
        }
        Step::Pass { seconds } => {
            registry.pass(*seconds);
            return true;
        }
    };
    outcome.is_ok()
}

fn held(registry: &Registry, who: &Addr, denom: &Denom) -> u128 {
    leasehold_api::provider::hot(&registry.app.wrap(), &registry.address, who)
        .map_or(0, |hot| hot.collateral_in(denom).u128())
}

fn bonds(registry: &Registry) -> impl Iterator<Item = Asset> + '_ {
    let roles = [Role::Auditor, Role::Watcher];
    let members = roles.into_iter().flat_map(|role| {
        let all = QueryMsg::Members {
            role,
            start_after: None,
            limit: None,
        };
        registry.ask::<MembersResponse>(&all).unwrap().members
    });
    members
        .filter(|member| !member.bond.is_zero())
        .map(|member| asset(&uakt(), member.bond.u128()))
}

/// Σ collateral + Σ unbondings + insurance + Σ bonds, by denom.
fn books(registry: &Registry) -> BTreeMap<Denom, u128> {
    let all = QueryMsg::Providers {
        start_after: None,
        limit: None,
    };
    let providers: ProvidersResponse = registry.ask(&all).unwrap();
    let all = QueryMsg::Insurance {
        start_after: None,
        limit: None,
    };
    let insurance: InsuranceResponse = registry.ask(&all).unwrap();
    let collateral = providers.providers.into_iter().flat_map(|p| p.collateral);
    let unbonding = registry
        .providers
        .iter()
        .flat_map(|who| registry.unbondings(who))
        .map(|unbonding| unbonding.asset);
    let mut sums = BTreeMap::new();
    for Asset { denom, amount } in collateral
        .chain(unbonding)
        .chain(insurance.insurance)
        .chain(bonds(registry))
    {
        assert!(
            !amount.is_zero(),
            "a zero amount of {denom} is on the books"
        );
        *sums.entry(denom).or_insert(0) += amount.u128();
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn books_equal_the_bank_to_the_unit(
        steps in proptest::collection::vec((0..3_usize, step()), 40..80),
    ) {
        let mut registry = registry();
        for who in registry.providers.clone() {
            let coins = vec![(0, 100)];
            prop_assert!(take(&mut registry, &who, &Step::Register { coins }), "registration");
        }
        // What the token that never pays has handed in: it keeps no balances of its own.
        let mut stingy = 0;
        for (who, step) in steps {
            let who = registry.providers[who].clone();
            let done = take(&mut registry, &who, &step);
            if let (true, Step::Bond { denom: 3, amount }) = (done, &step) {
                stingy += amount;
            }
            let books = books(&registry);
            for denom in denoms(&registry) {
                let on_books = books.get(&denom).copied().unwrap_or(0);
                let there = match &denom {
                    Denom::Cw20(token) if *token == registry.stingy.as_str() => stingy,
                    _ => registry.purse(&registry.address, &denom),
                };
                prop_assert_eq!(on_books, there, "{} after {:?}", denom, step);
            }
            for denom in denoms(&registry) {
                let sum: u128 = registry.providers.iter().map(|who| held(&registry, who, &denom)).sum();
                let storage = registry.app.contract_storage(&registry.address);
                let bonded = BONDED.may_load(storage.as_ref(), &denom.key()).unwrap();
                prop_assert_eq!(bonded.map_or(0, |bonded| bonded.u128()), sum, "{} after {:?}", denom, step);
            }
            for who in &registry.providers {
                prop_assert!(registry.unbondings(who).len() <= 8);
            }
        }
    }
}
