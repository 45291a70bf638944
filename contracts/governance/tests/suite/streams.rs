//! Streams of the treasury: earned evenly, paid to a fixed recipient, owed until then.

use cosmwasm_std::{coin, Uint128};
use leasehold_api::event::ExecutionFailed;
use leasehold_api::governance::{
    ExecuteMsg, LiabilitiesResponse, QueryMsg, StreamResponse, StreamsResponse,
};
use leasehold_api::{Asset, Denom};
use leasehold_governance::ContractError;

use crate::harness::{events, pay, Gov, DENOM};

const OTHER: &str = "uother";

impl Gov {
    fn start(&mut self, amount: u128, denom: &str, seconds: u64) -> Result<u64, ContractError> {
        let (itself, to) = (self.address.clone(), self.stranger.to_string());
        let asset = Asset {
            denom: Denom::Native(denom.into()),
            amount: amount.into(),
        };
        let start = ExecuteMsg::StartStream { to, asset, seconds };
        self.send(&itself, &start, &[])?;
        let all: StreamsResponse = self.query(&QueryMsg::Streams {
            start_after: None,
            limit: None,
        });
        Ok(all.streams.last().unwrap().id)
    }

    fn claim_stream(&mut self, id: u64) -> Result<u128, ContractError> {
        let (carol, stranger) = (self.carol.clone(), self.stranger.clone());
        let before = self.balance(&stranger, OTHER);
        self.send(&carol, &ExecuteMsg::ClaimStream { id }, &[])?;
        Ok(self.balance(&stranger, OTHER) - before)
    }

    fn set_aside(&self, denom: &str) -> u128 {
        let denom = Some(Denom::Native(denom.into()));
        let owed: LiabilitiesResponse = self.query(&QueryMsg::Liabilities { denom });
        owed.streams.u128()
    }

    fn stream(&self, id: u64) -> StreamResponse {
        self.query(&QueryMsg::Stream { id })
    }
}

#[test]
fn a_stream_is_earned_evenly_and_paid_by_anyone_to_its_recipient() {
    let mut gov = Gov::new();
    gov.donate(coin(100, OTHER));
    let id = gov.start(70, OTHER, 100).unwrap();
    assert_eq!((gov.treasury(OTHER), gov.set_aside(OTHER)), (30, 70));
    assert_eq!(
        gov.claim_stream(id),
        Err(ContractError::NothingEarned { id })
    );
    gov.wait(33);
    assert_eq!(gov.stream(id).claimable.u128(), 23);
    assert_eq!(gov.claim_stream(id), Ok(23));
    assert_eq!((gov.treasury(OTHER), gov.set_aside(OTHER)), (30, 47));
    gov.wait(67);
    assert_eq!(gov.claim_stream(id), Ok(47));
    assert_eq!((gov.treasury(OTHER), gov.set_aside(OTHER)), (30, 0));
    assert_eq!(
        gov.claim_stream(id),
        Err(ContractError::NoSuchStream { id })
    );
}

#[test]
fn a_stopped_stream_keeps_what_it_has_earned() {
    let mut gov = Gov::new();
    gov.donate(coin(100, OTHER));
    let itself = gov.address.clone();
    let id = gov.start(100, OTHER, 100).unwrap();
    gov.wait(40);
    assert_eq!(gov.claim_stream(id), Ok(40));
    gov.wait(10);
    let stop = ExecuteMsg::StopStream { id };
    gov.send(&itself, &stop, &[]).unwrap();
    assert_eq!((gov.treasury(OTHER), gov.set_aside(OTHER)), (50, 10));
    // Again, and later, it comes to the same.
    gov.wait(500);
    gov.send(&itself, &stop, &[]).unwrap();
    assert_eq!(gov.claim_stream(id), Ok(10));
    assert!(gov.send(&itself, &stop, &[]).is_err());

    let unearned = gov.start(50, OTHER, 10).unwrap();
    assert_eq!(unearned, 2);
    let stop = ExecuteMsg::StopStream { id: unearned };
    gov.send(&itself, &stop, &[]).unwrap();
    assert_eq!((gov.treasury(OTHER), gov.set_aside(OTHER)), (50, 0));
}

#[test]
fn only_what_the_treasury_has_can_be_set_aside_and_not_spent_twice() {
    let mut gov = Gov::new();
    gov.donate(coin(100, OTHER));
    gov.donate(coin(5, DENOM));
    assert!(matches!(
        gov.start(101, OTHER, 10),
        Err(ContractError::Insolvent { .. })
    ));
    // Stake is none of the treasury.
    assert!(matches!(
        gov.start(6, DENOM, 10),
        Err(ContractError::Insolvent { .. })
    ));
    for (amount, denom, seconds) in [
        (0, OTHER, 10),
        (1, OTHER, 0),
        (1, OTHER, 315_360_001),
        (1, "", 10),
    ] {
        assert!(matches!(
            gov.start(amount, denom, seconds),
            Err(ContractError::Rule(_))
        ));
    }
    gov.start(100, OTHER, 315_360_000).unwrap();
    let theft = gov.ripe(vec![pay(&gov.bob, 1, OTHER)]);
    let response = gov.execute(theft).unwrap();
    assert_eq!(events::<ExecutionFailed>(&response).len(), 1);
}

#[test]
fn a_proposal_starts_a_stream() {
    let mut gov = Gov::new();
    gov.donate(coin(100, OTHER));
    let start = |amount: u128| ExecuteMsg::StartStream {
        to: "cosmwasm1".to_owned(),
        asset: Asset {
            denom: Denom::Native(OTHER.into()),
            amount: Uint128::new(amount),
        },
        seconds: 10,
    };
    let mut wrong = start(100);
    let bad = gov.ripe(vec![gov.to_self(wrong.clone())]);
    let response = gov.execute(bad).unwrap();
    assert_eq!(events::<ExecutionFailed>(&response).len(), 1);
    if let ExecuteMsg::StartStream { to, .. } = &mut wrong {
        *to = gov.stranger.to_string();
    }
    // What it sets aside it cannot pay out as well, in whichever order.
    let spend = pay(&gov.bob, 1, OTHER);
    for msgs in [
        vec![gov.to_self(wrong.clone()), spend.clone()],
        vec![spend, gov.to_self(wrong.clone())],
    ] {
        let id = gov.ripe(msgs);
        let response = gov.execute(id).unwrap();
        assert_eq!(events::<ExecutionFailed>(&response).len(), 1);
    }
    let id = gov.ripe(vec![gov.to_self(wrong)]);
    let response = gov.execute(id).unwrap();
    assert!(events::<ExecutionFailed>(&response).is_empty());
    assert_eq!(gov.set_aside(OTHER), 100);
}
