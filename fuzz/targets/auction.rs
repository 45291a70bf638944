//! Any course of an auction, in any mode: the runner-up is never cheaper than the winner and somebody else, only a leader is bound, nobody
//! is awarded more than the maximum, and times run on.

#![no_main]

use cosmwasm_std::{Addr, Binary, Uint128};
use leasehold_rules::auction::{Auction, AuctionMode, AuctionParams, Commitment, Pricing, Quote};
use leasehold_rules::resources::MAX_RATE;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Mode {
    Descending {
        min_bidders: Option<u8>,
    },
    Open {
        auto_after: Option<u16>,
    },
    Dutch {
        min_rate: Option<u128>,
    },
    Sealed {
        second: bool,
        min_bidders: Option<u8>,
    },
}

#[derive(Arbitrary, Debug)]
enum Step {
    Pass { seconds: u16, blocks: u8 },
    Roll,
    Bid { who: u8, rate: u128 },
    Withdraw(u8),
    Commit(u8),
    Reveal { who: u8, rate: u128 },
    Claim(u8),
    Reopen { last: u128 },
}

#[derive(Arbitrary, Debug)]
struct Input {
    mode: Mode,
    max_rate: u128,
    /// Seconds until the start of a reservation.
    ahead: Option<u16>,
    /// Bidding, extension, hard close, blocks, decrement, claim window, ramp, commit, reveal.
    times: [u8; 9],
    steps: Vec<Step>,
}

const BOND_SECONDS: u64 = 3_600;

fuzz_target!(|input: Input| {
    let params = params(input.times);
    let (mut now, mut height) = (1_000, 10);
    let max_rate = Uint128::new(input.max_rate % (MAX_RATE + 2));
    let Ok(mut auction) = Auction::open(mode(input.mode), max_rate, &params, now, height) else {
        return;
    };
    if let Some(ahead) = input.ahead {
        // Refused where nobody would be bound.
        drop(auction.reserve(now + u64::from(ahead), now));
    }
    let mut commitments: [Option<Commitment>; 4] = Default::default();
    for step in input.steps {
        match step {
            Step::Pass { seconds, blocks } => {
                now += u64::from(seconds);
                height += u64::from(blocks);
            }
            step => {
                auction.roll(now, height);
                // A refused step leaves nothing behind: a message that fails is undone.
                let mut tried = (auction.clone(), commitments.clone());
                if take(&mut tried, step, &params, now, height).is_some() {
                    (auction, commitments) = tried;
                }
            }
        }
        check(&auction, now, height);
    }
});

fn take(
    state: &mut (Auction, [Option<Commitment>; 4]),
    step: Step,
    params: &AuctionParams,
    now: u64,
    height: u64,
) -> Option<()> {
    let (auction, commitments) = state;
    let max_rate = auction.max_rate;
    let quote = |who: u8, rate: u128| Quote {
        provider: bidder(who),
        rate: Uint128::new(rate),
    };
    match step {
        Step::Pass { .. } | Step::Roll => {}
        Step::Bid { who, rate } => match auction.mode {
            AuctionMode::Open { .. } => {
                auction.offer(params, quote(who, rate), now, height).ok()?
            }
            _ => {
                let bid = quote(who, rate);
                auction.bid(params, BOND_SECONDS, bid, now, height).ok()?;
                if auction.mode.counts_bidders() {
                    auction.count_bidder(params, now).ok()?;
                }
            }
        },
        Step::Withdraw(who) => auction.withdraw(&bidder(who), now, height).ok()?,
        Step::Commit(who) => {
            let slot = &mut commitments[usize::from(who % 4)];
            let place = auction.commit(params, slot.as_ref(), now, height).ok()?;
            *slot = Some(Commitment {
                digest: Binary::default(),
                bond: Uint128::new(1_000),
                round: 1,
                place,
            });
        }
        Step::Reveal { who, rate } => {
            let commitment = commitments[usize::from(who % 4)].take()?;
            let bid = quote(who, rate);
            let revealed = auction.reveal(BOND_SECONDS, &commitment, bid, now, height);
            revealed.ok()?;
        }
        Step::Claim(who) => {
            let award = auction.claim(&bidder(who), now, height).ok()?;
            assert!(now >= auction.starts_at, "before the start");
            assert!(award.rate <= max_rate && !award.rate.is_zero());
            auction.rest();
        }
        Step::Reopen { last } => {
            let last = Uint128::new(last).clamp(Uint128::one(), max_rate);
            auction.reopen(params, last, &[], now, height).ok()?;
        }
    }
    Some(())
}

fn check(auction: &Auction, now: u64, height: u64) {
    if let (Some(best), Some(second)) = (&auction.best, &auction.second) {
        assert!(best.rate <= second.rate && best.provider != second.provider);
    }
    assert!(auction.bond.is_zero() || auction.best.is_some());
    let price = auction.price(now).expect("a price of a record of its own");
    assert!(price.is_none_or(|price| price <= auction.max_rate));
    let ends_at = auction.phase_ends_at(now, height);
    assert!(ends_at.is_none_or(|end| end > now));
}

fn bidder(who: u8) -> Addr {
    Addr::unchecked(["anna", "bert", "cleo", "dora"][usize::from(who % 4)])
}

fn mode(mode: Mode) -> AuctionMode {
    match mode {
        Mode::Descending { min_bidders } => AuctionMode::Descending {
            min_bidders: min_bidders.map(u32::from),
        },
        Mode::Open { auto_after } => AuctionMode::Open {
            auto_after: auto_after.map(u64::from),
        },
        Mode::Dutch { min_rate } => AuctionMode::Dutch {
            min_rate: min_rate.map(Uint128::new),
        },
        Mode::Sealed {
            second,
            min_bidders,
        } => AuctionMode::Sealed {
            pricing: if second {
                Pricing::Second
            } else {
                Pricing::First
            },
            min_bidders: min_bidders.map(u32::from),
        },
    }
}

fn params(times: [u8; 9]) -> AuctionParams {
    let [bidding, extension, hard, blocks, decrement, window, ramp, commit, reveal] =
        times.map(u64::from);
    let params = AuctionParams {
        bidding: bidding + 1,
        extension: extension.min(bidding + 1),
        hard_close: bidding + 1 + hard,
        min_blocks: blocks % 64,
        min_decrement_bps: (decrement * 20) as u32 % 5_001,
        claim_window: window + 1,
        ramp: ramp + 1,
        commit: commit + 1,
        reveal: reveal + 1,
    };
    params.validate().expect("within the ranges");
    params
}
