//! A vote is one record and one tally, however many have voted before.

use cosmwasm_std::{coin, from_json, Addr};
use cw3::Vote;
use cw_multi_test::MockApiBech32;
use leasehold_api::governance::ExecuteMsg;
use leasehold_testing::meter::Tally;
use leasehold_testing::world::{World, STAKE};

const VOTERS: usize = 1_000;
const STAKED: u128 = 1_000_000;

fn send(world: &mut World, who: &Addr, msg: &ExecuteMsg, stake: u128) -> (Tally, Option<u64>) {
    let governance = world.suite.governance.clone();
    let funds: Vec<_> = (stake > 0)
        .then(|| coin(stake, STAKE))
        .into_iter()
        .collect();
    world.meter.take();
    let response = world.execute(who, &governance, msg, &funds).unwrap();
    let id = response.data.map(|data| from_json(data).unwrap());
    (world.meter.take(), id)
}

/// Half of them are for it and half against, so that it stays open to the last.
#[test]
fn the_thousandth_vote_costs_what_the_first_did() {
    let mut world = World::new();
    let voters: Vec<Addr> = (0..VOTERS)
        .map(|number| MockApiBech32::new("wasm").addr_make(&format!("voter{number}")))
        .collect();
    let mut staked = vec![];
    for voter in &voters {
        world.mint(voter, coin(2 * STAKED, STAKE)).unwrap();
        staked.push(send(&mut world, voter, &ExecuteMsg::Stake {}, STAKED).0);
    }
    world.pass(1);
    let propose = ExecuteMsg::Propose {
        title: "text".into(),
        description: "alone".into(),
        msgs: vec![],
        earliest: None,
        latest: None,
        expedited: None,
    };
    let (_, id) = send(&mut world, &voters[0], &propose, STAKED);
    let proposal_id = id.unwrap();
    let votes = [Vote::Yes, Vote::No].into_iter().cycle();
    let mut cast = vec![];
    for (voter, vote) in voters.iter().zip(votes) {
        let vote = ExecuteMsg::Vote { proposal_id, vote };
        cast.push(send(&mut world, voter, &vote, 0).0);
    }
    // The first stake writes a total where there was none.
    for (tallies, from) in [(&staked, 2), (&cast, 0)] {
        let (first, last) = (tallies[from], tallies[tallies.len() - 1]);
        assert_eq!((first.reads, first.writes), (last.reads, last.writes));
        assert_eq!((first.steps, last.steps), (0, 0));
        // `yes` and `no`, and digits in addresses.
        assert!(last.bytes.abs_diff(first.bytes) <= 40, "{first:?} {last:?}");
    }
    world.check();
}
