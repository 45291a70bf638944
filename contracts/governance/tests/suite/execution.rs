use cosmwasm_std::{coin, coins, to_json_binary, BankMsg, CosmosMsg, WasmMsg};
use cw3::Vote;
use cw_multi_test::Executor;
use leasehold_api::event::{ExecutionFailed, ProposalExecuted, ProposalVetoed};
use leasehold_api::governance::{ExecuteMsg, ProposalPhase, QueryMsg};
use leasehold_governance::ContractError;

use crate::harness::{call, events, pay, Gov, PeerMsg, DENOM};

#[test]
fn stakers_change_a_peers_parameters_and_spend_the_treasury() {
    let mut gov = Gov::new();
    gov.donate(coin(70, DENOM));
    gov.donate(coin(40, "uother"));
    assert_eq!((gov.treasury(DENOM), gov.treasury("uother")), (70, 40));

    // Nobody but governance may.
    let (stranger, peer) = (gov.stranger.clone(), gov.peer.clone());
    let alone = gov.app.execute(
        stranger.clone(),
        call(&peer, &PeerMsg::UpdateParams { value: 250 }),
    );
    assert!(alone.is_err());

    let before = gov.balance(&stranger, DENOM);
    let id = gov.ripe(vec![
        gov.to_peer(PeerMsg::UpdateParams { value: 250 }),
        pay(&stranger, 70, DENOM),
        pay(&stranger, 40, "uother"),
    ]);
    let response = gov.execute(id).unwrap();
    assert_eq!(events::<ProposalExecuted>(&response)[0].refunded.u128(), 10);
    assert_eq!(gov.phase(id), ProposalPhase::Executed);
    assert_eq!(gov.peer_value(), 250);
    assert_eq!(gov.balance(&stranger, DENOM), before + 70);
    assert_eq!((gov.treasury(DENOM), gov.treasury("uother")), (0, 0));
}

#[test]
fn a_proposal_executes_once() {
    let mut gov = Gov::new();
    gov.donate(coin(100, DENOM));
    let id = gov.ripe(vec![pay(&gov.stranger, 10, DENOM)]);
    gov.execute(id).unwrap();
    assert_eq!(
        gov.execute(id).unwrap_err(),
        ContractError::WrongPhase {
            proposal_id: id,
            phase: "executed",
            allowed: "executable"
        }
    );
    assert_eq!(gov.treasury(DENOM), 90);
}

#[test]
fn a_proposal_cannot_run_itself_again_from_within() {
    let mut gov = Gov::new();
    gov.donate(coin(100, DENOM));
    let again = ExecuteMsg::Execute { proposal_id: 1 };
    let through_peer = gov.to_peer(PeerMsg::Forward {
        contract: gov.address.to_string(),
        msg: to_json_binary(&again).unwrap(),
    });
    let id = gov.ripe(vec![pay(&gov.stranger, 10, DENOM), through_peer]);
    assert_eq!(id, 1);
    let response = gov.execute(id).unwrap();
    assert_eq!(events::<ExecutionFailed>(&response).len(), 1);
    assert_eq!(gov.treasury(DENOM), 100);
    assert_eq!(gov.phase(id), ProposalPhase::Executable);

    let id = gov.ripe(vec![gov.to_self(ExecuteMsg::Run { proposal_id: 2 })]);
    assert_eq!(id, 2);
    gov.execute(id).unwrap();
    assert_eq!(gov.phase(id), ProposalPhase::Executable);
}

#[test]
fn a_proposal_cannot_run_one_that_has_not_passed() {
    let mut gov = Gov::new();
    gov.donate(coin(100, DENOM));
    let robber = gov.propose(vec![pay(&gov.stranger, 100, DENOM)]);
    let id = gov.ripe(vec![gov.to_self(ExecuteMsg::Run {
        proposal_id: robber,
    })]);
    let response = gov.execute(id).unwrap();
    assert_eq!(events::<ExecutionFailed>(&response).len(), 1);
    assert_eq!(gov.treasury(DENOM), 100);
}

#[test]
fn failing_messages_leave_nothing_half_applied_and_may_be_retried() {
    let mut gov = Gov::new();
    let stranger = gov.stranger.clone();
    gov.donate(coin(5, "uother"));
    let id = gov.ripe(vec![
        gov.to_peer(PeerMsg::UpdateParams { value: 9 }),
        pay(&stranger, 8, "uother"),
    ]);
    let liabilities = gov.liabilities();
    let response = gov.execute(id).unwrap();
    assert_eq!(events::<ExecutionFailed>(&response)[0].proposal_id, id);
    assert!(events::<ProposalExecuted>(&response).is_empty());
    assert_eq!(gov.peer_value(), 0);
    assert_eq!(gov.liabilities(), liabilities);
    assert_eq!(gov.phase(id), ProposalPhase::Executable);
    assert_eq!(gov.status(id).failure.unwrap().at, gov.now());
    let shown: cw3::ProposalResponse = gov.query(&QueryMsg::Proposal { proposal_id: id });
    assert_eq!(shown.status, cw3::Status::Passed);

    gov.donate(coin(3, "uother"));
    gov.execute(id).unwrap();
    assert_eq!(gov.peer_value(), 9);
    assert_eq!(gov.status(id).failure, None);
    assert_eq!(gov.phase(id), ProposalPhase::Executed);
}

#[test]
fn a_failure_in_the_last_message_undoes_the_first() {
    let mut gov = Gov::new();
    let id = gov.ripe(vec![
        gov.to_peer(PeerMsg::UpdateParams { value: 9 }),
        gov.to_peer(PeerMsg::Fail {}),
    ]);
    gov.execute(id).unwrap();
    assert_eq!(gov.peer_value(), 0);
    assert!(gov.status(id).failure.unwrap().error.contains("Error"));
    // Only time ends it: nobody closes a passed proposal by making it fail.
    assert!(matches!(
        gov.close(id),
        Err(ContractError::WrongPhase { .. })
    ));
    gov.wait(500);
    assert_eq!(gov.phase(id), ProposalPhase::Lapsed);
    assert!(matches!(
        gov.execute(id),
        Err(ContractError::WrongPhase { .. })
    ));
    gov.close(id).unwrap();
    assert_eq!(gov.liabilities(), (1_000, 0, 0));
}

#[test]
fn a_majority_cannot_spend_stake_unstaking_or_deposits() {
    let mut gov = Gov::new();
    let (bob, stranger) = (gov.bob.clone(), gov.stranger.clone());
    gov.donate(coin(30, DENOM));
    gov.send(
        &bob,
        &ExecuteMsg::Unstake {
            amount: 100u128.into(),
        },
        &[],
    )
    .unwrap();
    gov.wait(1);
    // Another proposal's deposit is held too; the executed one's goes back.
    let other = gov.propose(vec![]);
    let too_much = gov.ripe(vec![
        gov.to_peer(PeerMsg::UpdateParams { value: 9 }),
        pay(&stranger, 31, DENOM),
    ]);
    assert_eq!(gov.liabilities(), (900, 100, 20));
    let balance = gov.balance(&gov.address, DENOM);
    let response = gov.execute(too_much).unwrap();
    assert_eq!(events::<ExecutionFailed>(&response).len(), 1);
    assert_eq!(gov.balance(&gov.address, DENOM), balance);
    assert_eq!(gov.peer_value(), 0);

    let burn: CosmosMsg = BankMsg::Burn {
        amount: coins(31, DENOM),
    }
    .into();
    let into_own_stake: CosmosMsg = WasmMsg::Execute {
        contract_addr: gov.address.to_string(),
        msg: to_json_binary(&ExecuteMsg::Stake {}).unwrap(),
        funds: coins(31, DENOM),
    }
    .into();
    for theft in [burn, into_own_stake] {
        // A treasury message last must not hide the theft before it.
        let harmless = gov.to_peer(PeerMsg::UpdateParams { value: 9 });
        let id = gov.ripe(vec![theft, harmless]);
        gov.execute(id).unwrap();
        assert_eq!(gov.phase(id), ProposalPhase::Executable);
        assert_eq!(gov.balance(&gov.address, DENOM), balance + 10);
        gov.wait(500);
        gov.close(id).unwrap();
    }

    let all_there_is = gov.ripe(vec![pay(&stranger, 30, DENOM)]);
    gov.execute(all_there_is).unwrap();
    assert_eq!(gov.phase(all_there_is), ProposalPhase::Executed);
    assert_eq!(gov.treasury(DENOM), 0);
    assert_eq!(gov.status(other).deposit.u128(), 10);
    gov.send(&bob, &ExecuteMsg::Claim {}, &[]).unwrap();
}

#[test]
fn the_timelock_holds_until_its_last_second() {
    let mut gov = Gov::new();
    let id = gov.pass(vec![]);
    gov.wait(199);
    assert_eq!(
        gov.execute(id).unwrap_err(),
        ContractError::WrongPhase {
            proposal_id: id,
            phase: "timelocked",
            allowed: "executable"
        }
    );
    gov.wait(1);
    gov.execute(id).unwrap();
}

#[test]
fn the_guardian_vetoes_within_the_timelock_only() {
    let mut gov = Gov::new();
    let open = gov.propose(vec![]);
    assert!(matches!(
        gov.veto(open),
        Err(ContractError::WrongPhase { phase: "open", .. })
    ));
    let id = gov.pass(vec![gov.to_peer(PeerMsg::UpdateParams { value: 9 })]);
    let response = gov.veto(id).unwrap();
    assert_eq!(
        events::<ProposalVetoed>(&response)[0].guardian,
        gov.guardian
    );
    gov.wait(200);
    assert_eq!(gov.phase(id), ProposalPhase::Vetoed);
    assert!(gov.execute(id).is_err());
    assert!(gov.close(id).is_err());
    let bob = gov.bob.clone();
    let late = ExecuteMsg::Vote {
        proposal_id: id,
        vote: Vote::No,
    };
    assert_eq!(
        gov.send(&bob, &late, &[]).unwrap_err(),
        ContractError::VotingEnded { proposal_id: id }
    );
    let ripe = gov.ripe(vec![]);
    assert!(matches!(
        gov.veto(ripe),
        Err(ContractError::WrongPhase {
            phase: "executable",
            ..
        })
    ));
}

#[test]
fn an_unknown_reply_and_a_missing_proposal_are_errors() {
    let mut gov = Gov::new();
    let missing = ContractError::NoSuchProposal { proposal_id: 5 };
    assert_eq!(gov.execute(5).unwrap_err(), missing);
    assert_eq!(gov.close(5).unwrap_err().to_string(), missing.to_string());
    let mut deps = cosmwasm_std::testing::mock_dependencies();
    let reply = cosmwasm_std::Reply {
        id: 7,
        payload: Default::default(),
        gas_used: 0,
        result: cosmwasm_std::SubMsgResult::Err("x".to_owned()),
    };
    assert_eq!(
        leasehold_governance::contract::reply(
            deps.as_mut(),
            cosmwasm_std::testing::mock_env(),
            reply
        )
        .unwrap_err(),
        ContractError::UnknownReply { id: 7 }
    );
}
