use cosmwasm_std::Binary;
use leasehold_rules::auction::{Auction, Commitment, Opening, Phase, Placed};
use leasehold_rules::RuleError;

use crate::*;

const SALT: [u8; 16] = [7; 16];
const BOND: u128 = 1_000;

fn first() -> Auction {
    opened(sealed(Pricing::First, None))
}

fn commit(auction: &mut Auction, now: u64) -> Commitment {
    Commitment {
        digest: Binary::default(),
        bond: rate(BOND),
        round: 1,
        place: auction.commit(&PARAMS, None, now, 0).unwrap(),
    }
}

fn reveal(
    auction: &mut Auction,
    commitment: &Commitment,
    who: &str,
    amount: u128,
    now: u64,
) -> Result<Placed, RuleError> {
    auction.reveal(BOND_SECONDS, commitment, quote(who, amount), now, 5)
}

#[test]
fn commitments_then_reveals_then_the_lowest_claims() {
    let mut auction = first();
    let (a, b) = (commit(&mut auction, 0), commit(&mut auction, 39));
    assert_eq!((a.place, b.place), (1, 2));
    assert_eq!(auction.phase_ends_at(39, LATE), Some(40));
    assert!(reveal(&mut auction.clone(), &a, "a", 500, 39).is_err());
    assert_eq!(auction.phase(40, LATE), Phase::Revealing);
    assert_eq!(auction.phase_ends_at(40, LATE), Some(60));
    assert!(auction.commit(&PARAMS, None, 40, LATE).is_err());
    assert!(auction.commit(&PARAMS, Some(&a), 40, LATE).is_err());
    let placed = reveal(&mut auction, &a, "a", 500, 40).unwrap();
    assert_eq!((placed.leader, placed.bond), (true, rate(500)));
    assert!(auction.clone().claim(&addr("a"), 59, LATE).is_err());
    // B never reveals: the time decides.
    assert_eq!(auction.phase(59, LATE), Phase::Revealing);
    assert_eq!(auction.phase(60, LATE), Phase::AwardBest);
    assert!(
        reveal(&mut auction.clone(), &b, "b", 1, 60).is_ok(),
        "few blocks"
    );
    let late = auction.reveal(1, &b, quote("b", 1), 60, LATE);
    assert!(matches!(late, Err(RuleError::WrongPhase { .. })));
    assert_eq!(auction.forfeits(60, LATE), Ok(true));
    assert!(auction.forfeits(59, LATE).is_err());
    let award = auction.claim(&addr("a"), 89, LATE).unwrap();
    assert_eq!((award.rate, award.bond), (rate(500), rate(500)));
    auction.rest();
    assert_eq!(auction.forfeits(500, LATE), Ok(true), "with the lease on");
}

#[test]
fn the_last_reveal_ends_the_phase() {
    let mut auction = first();
    let (a, b) = (commit(&mut auction, 0), commit(&mut auction, 0));
    reveal(&mut auction, &b, "b", 600, 45).unwrap();
    let placed = reveal(&mut auction, &a, "a", 500, 50).unwrap();
    let released = placed.released.unwrap();
    assert_eq!((released.provider, released.bond), (addr("b"), rate(600)));
    assert_eq!(auction.phase(50, 5), Phase::AwardBest);
    assert_eq!(auction.phase_ends_at(50, 5), Some(80));
    // Windows need blocks.
    assert_eq!(auction.phase(80, 7), Phase::AwardBest);
    assert_eq!(auction.phase(80, 8), Phase::AwardSecond);
    auction.claim(&addr("a"), 50, 5).unwrap();
    auction.rest();
    assert_eq!(auction.sealed, None, "nothing was left unrevealed");
    assert_eq!(auction.second, Some(quote("b", 600)));
}

#[test]
fn a_halted_chain_cuts_nobodys_reveal_short() {
    let mut auction = first();
    let a = commit(&mut auction, 0);
    let day = 86_400;
    assert_eq!(auction.phase(day, 3), Phase::Bidding);
    assert_eq!(auction.phase(day, 4), Phase::Revealing);
    assert_eq!(auction.phase(day, 5), Phase::Revealing);
    let mut revealed = auction.clone();
    reveal(&mut revealed, &a, "a", 500, day).unwrap();
    assert_eq!(revealed.phase(day + 29, LATE), Phase::AwardBest);
    assert_eq!(auction.phase(day, 6), Phase::Lapsed);
}

#[test]
fn a_tie_goes_to_the_earlier_commitment_in_whatever_order_it_is_revealed() {
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for order in orders {
        let mut auction = first();
        let names = ["a", "b", "c"];
        let made: Vec<_> = names.iter().map(|_| commit(&mut auction, 0)).collect();
        for i in order {
            reveal(&mut auction, &made[i], names[i], 500, 45).unwrap();
        }
        assert_eq!(auction.best, Some(quote("a", 500)), "{order:?}");
        assert_eq!(auction.second, Some(quote("b", 500)), "{order:?}");
        assert_eq!(auction.bond, rate(500));
    }
}

#[test]
fn the_second_price_is_the_runner_ups_or_the_maximum() {
    let mut auction = opened(sealed(Pricing::Second, None));
    let (a, b) = (commit(&mut auction, 0), commit(&mut auction, 0));
    reveal(&mut auction, &a, "a", 500, 45).unwrap();
    let mut alone = auction.clone();
    reveal(&mut auction, &b, "b", 700, 45).unwrap();
    let award = auction.clone().claim(&addr("a"), 50, 5).unwrap();
    assert_eq!((award.rate, award.bond), (rate(700), rate(500)));
    // Alone: the maximum. B did not reveal.
    let award = alone.claim(&addr("a"), 60, LATE).unwrap();
    assert_eq!(award.rate, rate(1_000));
    // After a no-show the runner-up serves at its own rate.
    assert_eq!(auction.roll(75, LATE), dropped("a", 500, true));
    let award = auction.claim(&addr("b"), 75, LATE).unwrap();
    assert_eq!((award.rate, award.bond), (rate(700), rate(0)));
}

#[test]
fn a_revealed_bid_cannot_be_taken_back_to_raise_the_winners_price() {
    let mut auction = opened(sealed(Pricing::Second, None));
    let (a, b) = (commit(&mut auction, 0), commit(&mut auction, 0));
    reveal(&mut auction, &a, "a", 500, 45).unwrap();
    reveal(&mut auction, &b, "b", 700, 45).unwrap();
    for (now, who) in [(45, "b"), (45, "a"), (60, "b"), (80, "b")] {
        let mut auction = auction.clone();
        auction.roll(now, LATE);
        let refused = auction.withdraw(&addr(who), now, LATE);
        assert!(matches!(refused, Err(RuleError::WrongPhase { .. })));
    }
}

#[test]
fn a_rate_that_cannot_win_cannot_be_revealed() {
    let mut auction = first();
    let a = commit(&mut auction, 0);
    assert_eq!(
        reveal(&mut auction, &a, "a", 1_001, 45),
        too_high(1_001, 1_000)
    );
    assert_eq!(
        reveal(&mut auction, &a, "a", 0, 45),
        Err(RuleError::ZeroRate)
    );
}

#[test]
fn a_leader_is_never_bound_by_more_than_its_commitment_locked() {
    let mut auction = first();
    let mut a = commit(&mut auction, 0);
    a.bond = rate(300);
    let placed = reveal(&mut auction, &a, "a", 500, 45).unwrap();
    assert_eq!((placed.bond, auction.bond), (rate(300), rate(300)));
}

#[test]
fn too_few_commitments_free_everybody_and_too_few_reveals_the_leader() {
    let mut auction = opened(sealed(Pricing::First, Some(2)));
    let a = commit(&mut auction, 0);
    assert_eq!(auction.phase(39, LATE), Phase::Bidding);
    assert_eq!(auction.phase(40, LATE), Phase::Lapsed);
    let mut few = auction.clone();
    assert_eq!(few.roll(40, LATE), None);
    assert_eq!(few.forfeits(40, LATE), Ok(false));
    assert_eq!(
        (few.price(40), few.price(90)),
        (Ok(Some(rate(100))), Ok(Some(rate(550))))
    );

    commit(&mut auction, 0);
    reveal(&mut auction, &a, "a", 500, 45).unwrap();
    assert_eq!(auction.phase(59, LATE), Phase::Revealing);
    assert_eq!(auction.phase(60, LATE), Phase::Lapsed);
    assert_eq!(auction.roll(70, LATE), dropped("a", 500, false));
    assert_eq!(auction.forfeits(70, LATE), Ok(true));
    assert_eq!(auction.price(110), Ok(Some(rate(550))));
}

#[test]
fn without_a_reveal_the_order_is_dutch_when_the_phase_ends() {
    let mut auction = first();
    commit(&mut auction, 0);
    assert_eq!(auction.roll(300, LATE), None);
    assert_eq!(auction.price(110), Ok(Some(rate(550))));
    assert_eq!(auction.forfeits(300, LATE), Ok(true));
}

#[test]
fn stopping_in_time_frees_the_commitments_stopping_later_does_not() {
    let mut auction = first();
    let a = commit(&mut auction, 0);
    commit(&mut auction, 0);
    let stopped = |auction: &Auction, now| {
        let mut auction = auction.clone();
        auction.roll(now, LATE);
        let leader = auction.stop(now, LATE).map(|bound| bound.bond);
        (leader, auction.forfeits(now, LATE))
    };
    assert_eq!(stopped(&auction, 10), (None, Ok(false)));
    assert_eq!(stopped(&auction, 59), (None, Ok(false)));
    assert_eq!(stopped(&auction, 60), (None, Ok(true)));
    reveal(&mut auction, &a, "a", 500, 45).unwrap();
    assert_eq!(stopped(&auction, 59), (Some(rate(500)), Ok(false)));
    assert_eq!(stopped(&auction, 60), (Some(rate(500)), Ok(true)));
}

#[test]
fn a_new_commitment_keeps_the_place_of_the_former_one() {
    let mut auction = first();
    let a = commit(&mut auction, 0);
    commit(&mut auction, 0);
    assert_eq!(auction.commit(&PARAMS, Some(&a), 39, 0), Ok(1));
    assert_eq!(auction.sealed.unwrap().committed, 2);
}

#[test]
fn the_first_commitment_after_a_long_silence_starts_the_time_again() {
    let mut auction = first();
    assert_eq!(auction.phase(500, LATE), Phase::Bidding);
    auction.commit(&PARAMS, None, 500, LATE).unwrap();
    assert_eq!((auction.closes_at, auction.hard_close_at), (540, 560));
    assert_eq!(auction.phase(540, LATE + 3), Phase::Bidding);
    assert_eq!(auction.phase(540, LATE + 4), Phase::Revealing);
}

const OPENING: Opening = Opening {
    chain_id: "chain-1",
    market: "market",
    order_id: 8,
    round: 1,
    bidder: "alice",
    rate: cosmwasm_std::Uint128::new(500),
    salt: &SALT,
};

fn by(opening: &Opening) -> Commitment {
    Commitment {
        digest: opening.digest().unwrap(),
        bond: rate(BOND),
        round: 1,
        place: 1,
    }
}

#[test]
fn a_copied_commitment_opens_nowhere_else_for_nobody_else() {
    let commitment = by(&OPENING);
    assert_eq!(commitment.verify(&OPENING), Ok(()));
    let salt = [8; 16];
    let others = [
        Opening {
            chain_id: "chain-2",
            ..OPENING
        },
        Opening {
            market: "other",
            ..OPENING
        },
        Opening {
            order_id: 9,
            ..OPENING
        },
        Opening {
            round: 2,
            ..OPENING
        },
        Opening {
            bidder: "mallory",
            ..OPENING
        },
        Opening {
            rate: rate(499),
            ..OPENING
        },
        Opening {
            salt: &salt,
            ..OPENING
        },
        // The same bytes in a row, cut elsewhere.
        Opening {
            chain_id: "chain-1m",
            market: "arket",
            ..OPENING
        },
    ];
    for other in others {
        let refused = commitment.verify(&other);
        assert!(
            matches!(refused, Err(RuleError::WrongOpening { .. })),
            "{other:?}"
        );
    }
}

#[test]
fn a_salt_has_sixteen_to_sixty_four_bytes() {
    let bytes = [1; 65];
    for (length, fine) in [(0, false), (15, false), (16, true), (64, true), (65, false)] {
        let opening = Opening {
            salt: &bytes[..length],
            ..OPENING
        };
        assert_eq!(opening.digest().is_ok(), fine, "{length}");
    }
}

/// Computed by another implementation.
#[test]
fn the_encoding_is_frozen() {
    let digest = OPENING.digest().unwrap();
    assert_eq!(
        digest.to_base64(),
        "6aL+6zmz1n6W7ZD4Pj76EghSF7rmyJBtO3p0lPXjVU0="
    );
}
