//! A proposal on which many vote.

use std::path::Path;

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, from_json};
use cw3::Vote;
use leasehold_api::governance::ExecuteMsg;
use leasehold_test_story::{genesis, Flat, Receipt as _, STAKE};

use crate::address;
use crate::chain::Chain;
use crate::stage::{artifact, deploy};

const STAKED: u128 = 1_000_000_000;

/// The first and the last of so many votes. Half are for it and half against, so that it stays undecided.
pub fn votes(artifacts: &Path, cache: &Path, count: u64) -> Result<Flat> {
    let chain = Chain::new(cache, true)?;
    let governance = deploy(&chain, &genesis(), |name| artifact(artifacts, name))?.governance;
    let send = |who: &str, msg: &ExecuteMsg, amount: u128| {
        let funds = (amount > 0).then(|| coin(amount, STAKE));
        chain.execute(who, &governance, msg, funds.as_slice())
    };
    let voters = (0..count)
        .map(|number| address::user(&format!("voter{number}")))
        .collect::<Result<Vec<_>>>()?;
    for voter in &voters {
        chain.state.borrow_mut().bank.mint(voter, 2 * STAKED, STAKE);
        send(voter, &ExecuteMsg::Stake {}, STAKED)?;
    }
    chain.state.borrow_mut().height += 1;
    let propose = ExecuteMsg::Propose {
        title: "A text".into(),
        description: "of which nothing follows".into(),
        msgs: vec![],
        earliest: None,
        latest: None,
        expedited: None,
    };
    let proposer = voters.first().context("one voter")?;
    let deposit = genesis().governance.deposit.u128();
    let proposal_id = from_json(send(proposer, &propose, deposit)?.data()?)?;
    let mut gas = vec![];
    for (voter, vote) in voters.iter().zip([Vote::Yes, Vote::No].into_iter().cycle()) {
        let vote = ExecuteMsg::Vote { proposal_id, vote };
        gas.push(send(voter, &vote, 0)?.gas());
    }
    Ok(Flat {
        operation: "vote",
        first: *gas.first().context("one vote")?,
        last: *gas.last().context("one vote")?,
    })
}
