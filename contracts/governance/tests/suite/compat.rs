//! cw3 and DAO DAO by JSON: cw3's own types go in and come out; DAO DAO's interface is written down here as JSON.

use cosmwasm_std::{
    coins, from_json, to_json_string, CosmosMsg, Decimal, Empty, Timestamp, Uint128, WasmMsg,
};
use cw3::{
    Cw3ExecuteMsg, Cw3QueryMsg, DepositInfo, ProposalListResponse, ProposalResponse, Status, Vote,
    VoteInfo, VoteListResponse, VoteResponse, VoterDetail, VoterListResponse, VoterResponse,
};
use cw_multi_test::Executor;
use cw_utils::{Expiration, ThresholdResponse};
use leasehold_api::governance::{ExecuteMsg, QueryMsg};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::{json, Value};

use crate::harness::{pay, Gov, DENOM};

fn same_json<T: Serialize + DeserializeOwned>(cw3: &impl Serialize) {
    let theirs = to_json_string(cw3).unwrap();
    let ours: T = from_json(&theirs).unwrap();
    assert_eq!(to_json_string(&ours).unwrap(), theirs);
}

#[test]
fn messages_are_cw3s() {
    let msgs: Vec<CosmosMsg> = vec![
        pay(&cosmwasm_std::Addr::unchecked("x"), 1, DENOM),
        WasmMsg::ClearAdmin {
            contract_addr: "y".to_owned(),
        }
        .into(),
    ];
    for msg in [
        Cw3ExecuteMsg::Propose {
            title: "t".to_owned(),
            description: "d".to_owned(),
            msgs,
            earliest: Some(Expiration::AtHeight(3)),
            latest: Some(Expiration::AtTime(Timestamp::from_seconds(9))),
        },
        Cw3ExecuteMsg::Vote {
            proposal_id: 1,
            vote: Vote::Abstain,
        },
        Cw3ExecuteMsg::Execute { proposal_id: 1 },
        Cw3ExecuteMsg::Close { proposal_id: 1 },
    ] {
        same_json::<ExecuteMsg>(&msg);
    }
}

#[test]
fn queries_are_cw3s() {
    let address = "x".to_owned();
    for msg in [
        Cw3QueryMsg::Threshold {},
        Cw3QueryMsg::Proposal { proposal_id: 1 },
        Cw3QueryMsg::ListProposals {
            start_after: Some(1),
            limit: None,
        },
        Cw3QueryMsg::ReverseProposals {
            start_before: None,
            limit: Some(2),
        },
        Cw3QueryMsg::Vote {
            proposal_id: 1,
            voter: address.clone(),
        },
        Cw3QueryMsg::ListVotes {
            proposal_id: 1,
            start_after: Some(address.clone()),
            limit: Some(3),
        },
        Cw3QueryMsg::Voter {
            address: address.clone(),
        },
        Cw3QueryMsg::ListVoters {
            start_after: Some(address),
            limit: Some(3),
        },
    ] {
        same_json::<QueryMsg>(&msg);
    }
}

/// A cw3 client's session, with nothing but cw3's types.
#[test]
fn a_cw3_client_gets_cw3_answers() {
    let mut gov = Gov::new();
    let (alice, bob, carol) = (gov.alice.clone(), gov.bob.clone(), gov.carol.clone());
    let msgs = vec![pay(&carol, 1, "uother")];
    let opened = gov.now();
    let propose: Cw3ExecuteMsg = Cw3ExecuteMsg::Propose {
        title: "A title".to_owned(),
        description: "Why".to_owned(),
        msgs: msgs.clone(),
        earliest: None,
        latest: None,
    };
    let address = gov.address.clone();
    let response = gov
        .app
        .execute_contract(alice.clone(), address.clone(), &propose, &coins(10, DENOM))
        .unwrap();
    let attribute = |key: &str| {
        let wasm = response.events.iter().find(|event| event.ty == "wasm");
        let found = wasm.unwrap().attributes.iter().find(|a| a.key == key);
        found.unwrap().value.clone()
    };
    assert_eq!(
        ["action", "sender", "proposal_id", "status"].map(attribute),
        ["propose", alice.as_str(), "1", "open"]
    );
    for (who, vote) in [(&alice, Vote::Yes), (&bob, Vote::No)] {
        let msg: Cw3ExecuteMsg = Cw3ExecuteMsg::Vote {
            proposal_id: 1,
            vote,
        };
        gov.app
            .execute_contract(who.clone(), address.clone(), &msg, &[])
            .unwrap();
    }

    let rule = ThresholdResponse::ThresholdQuorum {
        threshold: Decimal::percent(50),
        quorum: Decimal::percent(40),
        total_weight: 1_000,
    };
    let shown = |status| ProposalResponse::<Empty> {
        id: 1,
        title: "A title".to_owned(),
        description: "Why".to_owned(),
        msgs: msgs.clone(),
        status,
        expires: Expiration::AtTime(Timestamp::from_seconds(opened + 1_000)),
        threshold: rule.clone(),
        proposer: alice.clone(),
        deposit: Some(DepositInfo {
            amount: Uint128::new(10),
            denom: cw20::Denom::Native(DENOM.to_owned()),
            refund_failed_proposals: false,
        }),
    };
    let cast = |voter: &cosmwasm_std::Addr, vote, weight| VoteInfo {
        proposal_id: 1,
        voter: voter.to_string(),
        vote,
        weight,
    };

    answers(&gov, &Cw3QueryMsg::Threshold {}, &rule);
    answers(
        &gov,
        &Cw3QueryMsg::Proposal { proposal_id: 1 },
        &shown(Status::Open),
    );
    for vote in [(&alice, Some(cast(&alice, Vote::Yes, 600))), (&carol, None)] {
        let msg = Cw3QueryMsg::Vote {
            proposal_id: 1,
            voter: vote.0.to_string(),
        };
        answers(&gov, &msg, &VoteResponse { vote: vote.1 });
    }
    let mut votes = vec![cast(&alice, Vote::Yes, 600), cast(&bob, Vote::No, 300)];
    votes.sort_by(|a, b| a.voter.cmp(&b.voter));
    let msg = Cw3QueryMsg::ListVotes {
        proposal_id: 1,
        start_after: None,
        limit: None,
    };
    answers(
        &gov,
        &msg,
        &VoteListResponse {
            votes: votes.clone(),
        },
    );
    let msg = Cw3QueryMsg::ListVotes {
        proposal_id: 1,
        start_after: Some(votes[0].voter.clone()),
        limit: Some(5),
    };
    let votes = vec![votes[1].clone()];
    answers(&gov, &msg, &VoteListResponse { votes });
    for (who, weight) in [(&carol, Some(100)), (&gov.stranger, None)] {
        let address = who.to_string();
        answers(
            &gov,
            &Cw3QueryMsg::Voter { address },
            &VoterResponse { weight },
        );
    }
    let mut voters: Vec<VoterDetail> = [(&alice, 600), (&bob, 300), (&carol, 100)]
        .map(|(who, weight)| VoterDetail {
            addr: who.to_string(),
            weight,
        })
        .into();
    voters.sort_by(|a, b| a.addr.cmp(&b.addr));
    let msg = Cw3QueryMsg::ListVoters {
        start_after: None,
        limit: None,
    };
    answers(
        &gov,
        &msg,
        &VoterListResponse {
            voters: voters.clone(),
        },
    );
    let msg = Cw3QueryMsg::ListVoters {
        start_after: Some(voters[0].addr.clone()),
        limit: Some(1),
    };
    let voters = vec![voters[1].clone()];
    answers(&gov, &msg, &VoterListResponse { voters });

    gov.wait(100);
    answers(
        &gov,
        &Cw3QueryMsg::Proposal { proposal_id: 1 },
        &shown(Status::Passed),
    );
    gov.donate(cosmwasm_std::coin(1, "uother"));
    gov.wait(200);
    let msg: Cw3ExecuteMsg = Cw3ExecuteMsg::Execute { proposal_id: 1 };
    gov.app
        .execute_contract(carol.clone(), address, &msg, &[])
        .unwrap();
    let listed = ProposalListResponse {
        proposals: vec![shown(Status::Executed)],
    };
    let msg = Cw3QueryMsg::ListProposals {
        start_after: None,
        limit: None,
    };
    answers(&gov, &msg, &listed);
    let msg = Cw3QueryMsg::ReverseProposals {
        start_before: Some(2),
        limit: None,
    };
    answers(&gov, &msg, &listed);
}

fn answers(gov: &Gov, query: &Cw3QueryMsg, expected: &impl Serialize) {
    let answer: Value = gov
        .app
        .wrap()
        .query_wasm_smart(&gov.address, query)
        .unwrap();
    assert_eq!(answer, serde_json::to_value(expected).unwrap(), "{query:?}");
}

#[test]
fn proposals_page_both_ways() {
    let mut gov = Gov::new();
    for _ in 0..4 {
        gov.propose(vec![]);
    }
    let ids = |msg: QueryMsg| -> Vec<u64> {
        let list: ProposalListResponse = gov.query(&msg);
        list.proposals.iter().map(|proposal| proposal.id).collect()
    };
    let forward = |start_after, limit| ids(QueryMsg::ListProposals { start_after, limit });
    let reverse = |start_before, limit| {
        ids(QueryMsg::ReverseProposals {
            start_before,
            limit,
        })
    };
    assert_eq!(forward(None, None), [1, 2, 3, 4]);
    assert_eq!(forward(Some(1), Some(2)), [2, 3]);
    assert_eq!(reverse(None, Some(3)), [4, 3, 2]);
    assert_eq!(reverse(Some(3), None), [2, 1]);
}

/// DAO DAO's voting-module interface (dao-interface 2, `voting.rs`), as JSON.
#[test]
fn a_dao_dao_core_gets_its_answers() {
    let gov = Gov::new();
    let alice = gov.alice.as_str();
    let height = gov.app.block_info().height;
    for (query, expected) in [
        (
            json!({"voting_power_at_height": {"address": alice, "height": height}}),
            json!({"power": "600", "height": height}),
        ),
        (
            json!({"voting_power_at_height": {"address": alice}}),
            json!({"power": "600", "height": height}),
        ),
        (
            json!({"voting_power_at_height": {"address": alice, "height": height - 1}}),
            json!({"power": "0", "height": height - 1}),
        ),
        (
            json!({"total_power_at_height": {"height": null}}),
            json!({"power": "1000", "height": height}),
        ),
        (json!({"dao": {}}), json!(gov.address)),
        (
            json!({"info": {}}),
            json!({"info": {
                "contract": "leasehold-governance",
                "version": env!("CARGO_PKG_VERSION"),
            }}),
        ),
    ] {
        let answer: Value = gov
            .app
            .wrap()
            .query_wasm_smart(&gov.address, &query)
            .unwrap();
        assert_eq!(answer, expected, "{query}");
    }
}
