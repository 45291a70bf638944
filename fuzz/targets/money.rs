//! Any amounts: books hold each denom once and no zero, a share is never more than the whole, a bond covers its rent, keys name one denom.

#![no_main]

use cosmwasm_std::Uint128;
use leasehold_rules::money::{bond, credit, debit, scale, share, whole, Asset, Denom, BPS, SCALE};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    changes: Vec<(bool, u8, u128)>,
    amount: u128,
    bps: u32,
    seconds: u64,
    key: String,
}

const MOST: usize = 3;

fuzz_target!(|input: Input| {
    books(&input.changes);
    let amount = Uint128::new(input.amount);
    if let Ok(part) = share(amount, input.bps % (BPS as u32 + 1)) {
        assert!(part <= amount);
    }
    if let Ok(scaled) = scale(amount) {
        assert_eq!(whole(scaled), amount);
    }
    assert!(whole(input.amount).u128() <= input.amount);
    if let Ok(locked) = bond(amount, input.seconds) {
        assert!(!locked.is_zero());
        let rent = input.amount.checked_mul(u128::from(input.seconds));
        let covered = locked.u128().checked_mul(SCALE);
        assert!(covered.is_none_or(|covered| covered >= rent.expect("no overflow")));
    }
    if let Some(denom) = Denom::from_key(&input.key) {
        assert_eq!(denom.key(), input.key);
    }
});

fn books(changes: &[(bool, u8, u128)]) {
    let mut assets: Vec<Asset> = vec![];
    let mut sums = [0_u128; 4];
    for (up, denom, amount) in changes {
        let index = usize::from(denom % 4);
        let asset = Asset {
            denom: match index {
                0 => Denom::Native("a".into()),
                1 => Denom::Cw20("a".into()),
                2 => Denom::Native("ca".into()),
                _ => Denom::Cw20("na".into()),
            },
            amount: Uint128::new(*amount),
        };
        let changed = match up {
            true => credit(&mut assets, &asset, MOST).map(|()| sums[index] += amount),
            false => debit(&mut assets, &asset).map(|()| sums[index] -= amount),
        };
        drop(changed);
        assert!(assets.len() <= MOST && assets.iter().all(|asset| !asset.amount.is_zero()));
        let held: Uint128 = assets
            .iter()
            .filter(|held| held.denom == asset.denom)
            .map(|held| held.amount)
            .sum();
        assert_eq!(held.u128(), sums[index]);
    }
}
