use cosmwasm_std::{coin, coins, AnyMsg, Binary, CosmosMsg, Timestamp};
use cw3::Vote;
use cw_utils::Expiration;
use leasehold_api::event::{ProposalClosed, Proposed, Voted};
use leasehold_api::governance::{
    ExecuteMsg, ProposalPhase, RefundPolicy, MAX_MESSAGES, MAX_PROPOSAL_BYTES,
};
use leasehold_api::RuleError;
use leasehold_governance::ContractError;

use crate::harness::{events, params, pay, proposal, Gov, DENOM};

fn vote_msg(proposal_id: u64, vote: Vote) -> ExecuteMsg {
    ExecuteMsg::Vote { proposal_id, vote }
}

fn expiring(earliest: Option<Expiration>, latest: Option<Expiration>) -> ExecuteMsg {
    ExecuteMsg::Propose {
        title: "t".to_owned(),
        description: "d".to_owned(),
        msgs: vec![],
        earliest,
        latest,
        expedited: None,
    }
}

#[test]
fn ids_count_from_one_and_events_tell() {
    let mut gov = Gov::new();
    let alice = gov.alice.clone();
    let response = gov
        .send(&alice, &proposal(vec![]), &coins(10, DENOM))
        .unwrap();
    let proposed = events::<Proposed>(&response).remove(0);
    assert_eq!((proposed.proposal_id, proposed.proposer), (1, alice));
    assert_eq!(proposed.expires_at, gov.now() + 1_000);
    assert_eq!(gov.propose(vec![]), 2);
    let bob = gov.bob.clone();
    let response = gov.send(&bob, &vote_msg(2, Vote::Veto), &[]).unwrap();
    let voted = events::<Voted>(&response).remove(0);
    assert_eq!((voted.vote.as_str(), voted.power.u128()), ("veto", 300));
    assert_eq!(gov.status(2).tally.veto.u128(), 300);
}

#[test]
fn a_majority_waits_for_the_minimum_voting_period() {
    let mut gov = Gov::new();
    let id = gov.propose(vec![]);
    let (alice, opened) = (gov.alice.clone(), gov.now());
    gov.vote(&alice, id, Vote::Yes);
    gov.wait(99);
    assert_eq!(gov.phase(id), ProposalPhase::Open);
    gov.wait(1);
    assert_eq!(gov.phase(id), ProposalPhase::Timelocked);
    assert_eq!(gov.status(id).passed_at, Some(opened + 100));
    assert_eq!(gov.status(id).executable_from, Some(opened + 300));
    assert_eq!(gov.status(id).lapses_at, Some(opened + 800));
}

#[test]
fn a_vote_that_could_be_turned_waits_for_the_end() {
    let mut gov = Gov::new();
    let id = gov.propose(vec![]);
    let (bob, carol) = (gov.bob.clone(), gov.carol.clone());
    gov.vote(&bob, id, Vote::Yes);
    gov.vote(&carol, id, Vote::No);
    gov.wait(999);
    assert_eq!(gov.phase(id), ProposalPhase::Open);
    gov.wait(1);
    assert_eq!(gov.phase(id), ProposalPhase::Timelocked);
}

#[test]
fn without_quorum_a_proposal_is_rejected_at_its_end() {
    let mut gov = Gov::new();
    let id = gov.propose(vec![]);
    let bob = gov.bob.clone();
    gov.vote(&bob, id, Vote::Yes);
    gov.wait(1_000);
    assert_eq!(gov.phase(id), ProposalPhase::Rejected);
    assert!(matches!(
        gov.execute(id),
        Err(ContractError::WrongPhase { .. })
    ));
    let closed = gov.close(id).unwrap();
    assert!(events::<ProposalClosed>(&closed)[0].refunded.is_zero());
    assert_eq!(gov.phase(id), ProposalPhase::Closed);
    assert!(matches!(
        gov.close(id),
        Err(ContractError::WrongPhase { .. })
    ));
}

#[test]
fn a_vote_is_cast_once_and_in_time() {
    let mut gov = Gov::new();
    let id = gov.propose(vec![]);
    let (alice, bob) = (gov.alice.clone(), gov.bob.clone());
    gov.vote(&alice, id, Vote::Yes);
    assert_eq!(
        gov.send(&alice, &vote_msg(id, Vote::No), &[]).unwrap_err(),
        ContractError::AlreadyVoted {
            proposal_id: id,
            voter: alice
        }
    );
    // Decided already: recorded all the same.
    gov.wait(150);
    gov.vote(&bob, id, Vote::No);
    assert_eq!(gov.phase(id), ProposalPhase::Timelocked);
    gov.wait(850);
    let carol = gov.carol.clone();
    assert_eq!(
        gov.send(&carol, &vote_msg(id, Vote::No), &[]).unwrap_err(),
        ContractError::VotingEnded { proposal_id: id }
    );
    assert_eq!(
        gov.send(&carol, &vote_msg(9, Vote::No), &[]).unwrap_err(),
        ContractError::NoSuchProposal { proposal_id: 9 }
    );
}

#[test]
fn latest_shortens_the_vote_within_bounds() {
    let mut gov = Gov::new();
    let (alice, now) = (gov.alice.clone(), gov.now());
    let deposit = coins(10, DENOM);
    let at = |seconds| Some(Expiration::AtTime(Timestamp::from_seconds(seconds)));
    for bad in [
        at(now + 99),
        at(now + 1_001),
        Some(Expiration::AtHeight(1_000_000)),
        Some(Expiration::Never {}),
        Some(Expiration::AtTime(
            Timestamp::from_seconds(now + 500).plus_nanos(1),
        )),
    ] {
        assert!(
            matches!(
                gov.send(&alice, &expiring(None, bad), &deposit),
                Err(ContractError::Rule(RuleError::OutOfRange { .. }))
            ),
            "{bad:?}"
        );
    }
    assert_eq!(
        gov.send(&alice, &expiring(at(now), None), &deposit)
            .unwrap_err(),
        ContractError::EarliestNotSupported
    );
    gov.send(&alice, &expiring(None, at(now + 100)), &deposit)
        .unwrap();
    assert_eq!(gov.status(1).expires_at, now + 100);
}

#[test]
fn size_count_and_kind_of_messages_are_limited() {
    let mut gov = Gov::new();
    let alice = gov.alice.clone();
    let deposit = coins(10, DENOM);
    let titled = |bytes: usize| ExecuteMsg::Propose {
        title: "x".repeat(bytes),
        description: String::new(),
        msgs: vec![],
        earliest: None,
        latest: None,
        expedited: None,
    };
    let frame = r#"{"title":"","description":"","msgs":[]}"#.len();
    let refused = gov.send(&alice, &titled(MAX_PROPOSAL_BYTES - frame + 1), &deposit);
    assert!(refused.unwrap_err().to_string().contains("30001"));
    gov.send(&alice, &titled(MAX_PROPOSAL_BYTES - frame), &deposit)
        .unwrap();

    let many = |count| proposal(vec![pay(&alice, 1, "uother"); count]);
    assert!(gov.send(&alice, &many(MAX_MESSAGES + 1), &deposit).is_err());
    gov.send(&alice, &many(MAX_MESSAGES), &deposit).unwrap();

    let grant = CosmosMsg::Any(AnyMsg {
        type_url: "/cosmos.authz.v1beta1.MsgGrant".to_owned(),
        value: Binary::default(),
    });
    assert_eq!(
        gov.send(
            &alice,
            &proposal(vec![pay(&alice, 1, "uother"), grant]),
            &deposit
        )
        .unwrap_err(),
        ContractError::MessageNotAllowed { index: 1 }
    );
}

#[test]
fn the_deposit_is_exact() {
    let mut gov = Gov::new();
    let alice = gov.alice.clone();
    for funds in [
        vec![],
        vec![coin(9, DENOM)],
        vec![coin(11, DENOM)],
        vec![coin(10, "uother")],
        vec![coin(10, "uother"), coin(10, DENOM)],
    ] {
        assert!(
            gov.send(&alice, &proposal(vec![]), &funds).is_err(),
            "{funds:?}"
        );
    }
    assert_eq!(gov.liabilities(), (1_000, 0, 0));

    let mut free = params();
    free.deposit = cosmwasm_std::Uint128::zero();
    let mut gov = Gov::with(free, cosmwasm_std::Uint128::one());
    assert_eq!(
        gov.send(&alice, &proposal(vec![]), &coins(1, DENOM))
            .unwrap_err(),
        ContractError::FundsNotAllowed {
            denom: DENOM.to_owned()
        }
    );
    let id = gov.ripe(vec![]);
    gov.execute(id).unwrap();
}

/// What the proposer gets back of 10 when the proposal is executed, rejected, lapses, is vetoed.
#[test]
fn each_refund_policy_settles_each_ending() {
    for (refund, expected) in [
        (RefundPolicy::Always, [10, 10, 10, 10]),
        (RefundPolicy::OnlyPassed, [10, 0, 10, 0]),
        (RefundPolicy::Never, [0, 0, 0, 0]),
    ] {
        let endings: [fn(&mut Gov) -> u64; 4] = [
            |gov| {
                let id = gov.ripe(vec![]);
                gov.execute(id).unwrap();
                id
            },
            |gov| {
                let (id, alice) = (gov.propose(vec![]), gov.alice.clone());
                gov.vote(&alice, id, Vote::No);
                gov.close(id).unwrap();
                id
            },
            |gov| {
                let id = gov.ripe(vec![]);
                gov.wait(500);
                gov.close(id).unwrap();
                id
            },
            |gov| {
                let id = gov.pass(vec![]);
                gov.veto(id).unwrap();
                id
            },
        ];
        for (ending, refunded) in endings.into_iter().zip(expected) {
            let mut terms = params();
            terms.refund = refund;
            let mut gov = Gov::with(terms, cosmwasm_std::Uint128::one());
            let before = gov.balance(&gov.alice, DENOM);
            let id = ending(&mut gov);
            let what = format!("{refund:?} {:?}", gov.phase(id));
            assert_eq!(gov.liabilities(), (1_000, 0, 0), "{what}");
            assert_eq!(
                gov.balance(&gov.alice, DENOM),
                before - 10 + refunded,
                "{what}"
            );
            assert_eq!(gov.treasury(DENOM), 10 - refunded, "{what}");
        }
    }
}
