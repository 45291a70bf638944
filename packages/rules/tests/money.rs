//! Units, shares, bonds and the lists of assets that contracts keep.

use cosmwasm_std::Uint128;
use leasehold_rules::money::*;
use leasehold_rules::RuleError;
use proptest::prelude::*;

fn native(denom: &str) -> Denom {
    Denom::Native(denom.into())
}

fn asset(denom: &str, amount: u128) -> Asset {
    Asset {
        denom: native(denom),
        amount: Uint128::new(amount),
    }
}

#[test]
fn scaling_is_exact_and_bounded() {
    assert_eq!(scale(Uint128::new(3)), Ok(3 * SCALE));
    let most = u128::MAX / SCALE;
    assert_eq!(whole(scale(Uint128::new(most)).unwrap()).u128(), most);
    let what = "scaled amount";
    assert_eq!(
        scale(Uint128::new(most + 1)),
        Err(RuleError::Overflow { what })
    );
    assert_eq!(whole(2 * SCALE - 1).u128(), 1);
}

#[test]
fn a_share_is_floored() {
    assert_eq!(share(Uint128::new(9_999), 1), Ok(Uint128::zero()));
    assert_eq!(share(Uint128::new(10_000), 1), Ok(Uint128::one()));
    assert_eq!(share(Uint128::MAX, 10_000), Ok(Uint128::MAX));
}

#[test]
fn a_bond_is_rounded_up_and_never_zero() {
    assert_eq!(bond(Uint128::zero(), 600), Ok(Uint128::one()));
    assert_eq!(bond(Uint128::one(), 1), Ok(Uint128::one()));
    assert_eq!(bond(Uint128::new(SCALE), 5), Ok(Uint128::new(5)));
    assert_eq!(bond(Uint128::new(SCALE + 1), 5), Ok(Uint128::new(6)));
    bond(Uint128::MAX, 2).unwrap_err();
}

#[test]
fn a_bank_denom_cannot_pass_for_a_token() {
    let text = "wasm1token";
    assert_ne!(native(text).key(), Denom::Cw20(text.into()).key());
    assert_ne!(
        native(text).to_string(),
        Denom::Cw20(text.into()).to_string()
    );
}

#[test]
fn credit_refuses_zero_overflow_and_one_denom_too_many() {
    let mut held = vec![];
    credit(&mut held, &asset("a", 0), 2).unwrap_err();
    credit(&mut held, &asset("a", u128::MAX), 2).unwrap();
    credit(&mut held, &asset("b", 1), 2).unwrap();
    let before = held.clone();
    let what = "sum of one denom";
    let refused = credit(&mut held, &asset("a", 1), 2);
    assert_eq!(refused, Err(RuleError::Overflow { what }));
    credit(&mut held, &asset("c", 1), 2).unwrap_err();
    assert_eq!(held, before);
    credit(&mut held, &asset("b", 1), 2).unwrap();
    assert_eq!(held[1], asset("b", 2));
}

#[test]
fn debit_refuses_more_than_is_held_and_drops_empty_denoms() {
    let mut held = vec![asset("a", 5), asset("b", 1)];
    debit(&mut held, &asset("a", 6)).unwrap_err();
    debit(&mut held, &asset("c", 1)).unwrap_err();
    assert_eq!(held.len(), 2);
    debit(&mut held, &asset("a", 4)).unwrap();
    debit(&mut held, &asset("b", 1)).unwrap();
    assert_eq!(held, [asset("a", 1)]);
}

proptest! {
    #[test]
    fn credit_and_debit_undo_each_other(amounts in proptest::collection::vec((0..4_u8, 1..1_000_u128), 1..20)) {
        let mut held = vec![];
        let assets: Vec<_> = amounts.iter().map(|(d, a)| asset(&d.to_string(), *a)).collect();
        for asset in &assets {
            credit(&mut held, asset, 4).unwrap();
        }
        let sum: u128 = held.iter().map(|a| a.amount.u128()).sum();
        prop_assert_eq!(sum, amounts.iter().map(|(_, a)| a).sum::<u128>());
        for asset in &assets {
            debit(&mut held, asset).unwrap();
        }
        prop_assert!(held.is_empty());
    }
}
