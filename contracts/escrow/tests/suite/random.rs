//! Random messages on a real bank: the books balance after each, and in the end every unit is back with someone.

use leasehold_api::escrow::{ExecuteMsg, FeesResponse, Limits, QueryMsg, Refill, StreamsResponse};
use leasehold_api::{Asset, SCALE};

use crate::allowance::limits;
use crate::harness::*;

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, good enough to pick actions.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }
}

/// Short enough that payees fall silent now and then.
const GRACE: u64 = 100;
/// The account that draws on account 1.
const DRAWN: u64 = 3;
const ORDER: u64 = 8;
const PAYEES: [&str; 3] = ["p0", "p1", "p2"];

fn open_streams(h: &Harness) -> Vec<u64> {
    let page: StreamsResponse = h.query(&QueryMsg::Streams {
        start_after: None,
        limit: Some(100),
    });
    page.streams.iter().map(|s| s.id).collect()
}

/// How often a run did what is rare.
#[derive(Default, Debug)]
struct Changed {
    moved: u32,
    jobs: u32,
    repriced: u32,
    /// Odd while something is held.
    held: u32,
}

fn step(h: &mut Harness, dice: &mut Dice, next_stream: &mut u64, changed: &mut Changed) {
    let account = dice.roll(3) + 1;
    let payee = PAYEES[dice.roll(3) as usize];
    let streams = open_streams(h);
    let stream = (!streams.is_empty()).then(|| streams[dice.roll(streams.len() as u64) as usize]);
    match (dice.roll(17), stream) {
        (0 | 1, _) => h.pass(dice.roll(40)),
        (2, _) => h.deposit(account, u128::from(dice.roll(200)) + 1),
        (3, _) => h.beat(payee, GRACE),
        (4, _) => {
            let most = h.account(account).withdrawable.u128();
            if most > 0 {
                h.withdraw(account, most.div_ceil(3)).unwrap();
            }
        }
        (5, _) => {
            let rate = SCALE / 7 * u128::from(dice.roll(60) + 1);
            *next_stream += u64::from(h.try_stream(*next_stream, account, payee, rate).is_ok());
        }
        (6, Some(stream)) => {
            h.close(stream);
        }
        (9, _) => {
            changed.moved += u32::from(h.draw(DRAWN, u128::from(dice.roll(60))).is_ok());
        }
        (10 | 11, _) => changed.moved += u32::from(h.top_up(DRAWN).is_ok()),
        (12, _) => {
            let rate = SCALE / 7 * u128::from(dice.roll(60) + 1);
            let opened = h.try_stream_of("spender", *next_stream, DRAWN, rate);
            *next_stream += u64::from(opened.is_ok());
        }
        (13, _) => {
            let msg = ExecuteMsg::Move {
                from: account,
                to: dice.roll(3) + 1,
                amount: None,
            };
            changed.moved += u32::from(h.execute(&h.tenant.clone(), &msg, &[]).is_ok());
        }
        (14, _) => {
            let (rate, seconds) = (SCALE / 7 * u128::from(dice.roll(30) + 1), dice.roll(90) + 1);
            let opened = h.try_job(*next_stream, account, payee, rate, seconds);
            changed.jobs += u32::from(opened.is_ok());
            *next_stream += u64::from(opened.is_ok());
        }
        // Held for one order at a time.
        (16, _) if changed.held.is_multiple_of(2) => {
            let held = h.try_hold("tenant", ORDER, account, u128::from(dice.roll(80)));
            changed.held += u32::from(held.is_ok());
        }
        (16, _) => {
            h.release(ORDER, Some(payee), u128::from(dice.roll(100)));
            changed.held += 1;
        }
        (15, Some(stream)) => {
            let rate = SCALE / 7 * u128::from(dice.roll(60));
            let repriced = h.try_reprice("tenant", stream, rate);
            changed.repriced += u32::from(repriced.is_ok());
        }
        (7, Some(_)) => {
            h.collect(&streams);
        }
        (_, Some(stream)) => {
            h.collect(&[stream]);
        }
        _ => {
            h.execute(&addr("anyone"), &ExecuteMsg::Settle { account }, &[])
                .unwrap();
        }
    }
}

#[test]
fn the_books_balance_after_every_message() {
    let (mut streams, mut payouts, mut changed) = (0, 0, Changed::default());
    for seed in 0..12 {
        let mut h = Harness::new();
        let mut dice = Dice(seed);
        let before = h.bank("tenant", AKT);
        let mut next_stream = 1;
        for payee in PAYEES {
            h.beat(payee, GRACE);
        }
        for _ in 0..2 {
            h.open(500);
        }
        let limits = Limits {
            max_total: 2_000u128.into(),
            refill: Some(Refill { below: 40, to: 90 }),
            ..limits()
        };
        assert_eq!(h.allow(1, limits), DRAWN);
        for _ in 0..120 {
            step(&mut h, &mut dice, &mut next_stream, &mut changed);
            h.check_books();
        }
        for stream in open_streams(&h) {
            h.close(stream);
        }
        if changed.held % 2 == 1 {
            h.release(ORDER, None, 0);
            changed.held += 1;
        }
        for account in [1, 2, DRAWN] {
            let left = h.account(account).balance.u128();
            assert_eq!(left % SCALE, 0, "closing returns every fraction");
            if left > 0 {
                h.withdraw(account, left / SCALE).unwrap();
            }
        }
        let fees: FeesResponse = h.query(&QueryMsg::Fees {
            start_after: None,
            limit: None,
        });
        for Asset { denom, .. } in fees.fees {
            h.execute(&addr("anyone"), &ExecuteMsg::SweepFees { denom }, &[])
                .unwrap();
        }
        let escrow = h.app.wrap().query_balance(&h.escrow, AKT).unwrap();
        assert!(escrow.amount.is_zero(), "seed {seed} leaves {escrow}");
        let paid: u128 = PAYEES
            .iter()
            .chain(&["provider"])
            .map(|p| h.bank(p, AKT))
            .sum();
        streams += next_stream - 1;
        payouts += paid;
        assert_eq!(
            before,
            h.bank("tenant", AKT) + paid + h.bank("governance", AKT)
        );
    }
    assert!(
        streams > 50 && payouts > 2_000,
        "{streams} streams and {payouts} units paid test too little"
    );
    assert!(
        changed.moved > 50 && changed.jobs > 20 && changed.repriced > 20 && changed.held > 20,
        "{changed:?} tests too little"
    );
}
