use leasehold_client::Key as Account;

use super::*;

const QUESTION: Question = (80_001, 7);

struct Stage {
    bench: Bench,
    watchers: Vec<Account>,
}

/// A panel of five, of which three decide.
fn stage() -> Stage {
    let watchers: Vec<Account> = (0..5)
        .map(|_| Account::random("wasm").expect("a key"))
        .collect();
    let mut bench = Bench::new("chain-1".into(), Addr::unchecked("wasm1registry"));
    let members = watchers.iter().map(|key| {
        (
            key.address().to_owned(),
            Key::Secp256k1(key.public_key().into()),
        )
    });
    bench.open(QUESTION, members.collect(), 3);
    Stage { bench, watchers }
}

impl Stage {
    fn vote(&self, watcher: usize, down: bool) -> SignedVote {
        self.vote_on("chain-1", watcher, down)
    }

    fn vote_on(&self, chain_id: &str, watcher: usize, down: bool) -> SignedVote {
        let key = &self.watchers[watcher];
        let (lease_id, round) = QUESTION;
        let vote = Vote {
            lease_id,
            round,
            down,
        };
        let bytes = sign_bytes(VERDICT, chain_id, &self.bench.registry, &vote).expect("encodes");
        SignedVote {
            watcher: key.address().into(),
            lease_id,
            round,
            down,
            signature: key.sign(&bytes).into(),
        }
    }

    fn cast(&mut self, watcher: usize, down: bool) -> Result<Taken, VoteError> {
        self.bench.take(self.vote(watcher, down))
    }
}

const RUNNING: fn(u64) -> bool = |_| false;
const PAST: fn(u64) -> bool = |_| true;

#[test]
fn a_majority_waits_for_the_others_until_the_round_is_over() {
    let mut stage = stage();
    for watcher in 0..2 {
        assert_eq!(stage.cast(watcher, true), Ok(Taken::New));
    }
    assert!(stage.bench.ready(PAST).is_empty(), "two of five");
    stage.cast(2, true).expect("taken");
    stage.cast(3, false).expect("taken");
    assert!(stage.bench.ready(RUNNING).is_empty(), "one may yet come");
    let ready = stage.bench.ready(PAST);
    assert_eq!(
        (ready[0].0, ready[0].1, ready[0].2.len()),
        (QUESTION, true, 3)
    );
    stage.cast(4, true).expect("taken");
    assert_eq!(stage.bench.ready(RUNNING)[0].2.len(), 4);
    stage.bench.close(|question| question == QUESTION);
    assert_eq!(
        stage.cast(0, true),
        Err(VoteError::Unknown(QUESTION.0, QUESTION.1))
    );
}

#[test]
fn a_contrary_vote_is_proof_and_not_counted() {
    let mut stage = stage();
    stage.cast(0, false).expect("taken");
    assert_eq!(stage.cast(0, false), Ok(Taken::Known));
    let Ok(Taken::Contrary(accusation)) = stage.cast(0, true) else {
        panic!("a contrary vote is seen");
    };
    assert_eq!(accusation.watcher, stage.watchers[0].address());
    assert_eq!(accusation.down, stage.vote(0, true).signature);
    assert_eq!(accusation.up, stage.vote(0, false).signature);
    assert_eq!(stage.cast(0, false), Ok(Taken::Known), "the first stands");
}

#[test]
fn only_the_panels_own_signatures_count() {
    let mut stage = stage();
    let forged = SignedVote {
        watcher: stage.watchers[1].address().into(),
        ..stage.vote(0, true)
    };
    let turned = SignedVote {
        down: false,
        ..stage.vote(0, true)
    };
    let elsewhere = stage.vote_on("chain-2", 0, true);
    for vote in [forged, turned, elsewhere] {
        let watcher = vote.watcher.clone();
        assert_eq!(stage.bench.take(vote), Err(VoteError::Signature(watcher)));
    }
    let stranger = Account::random("wasm").expect("a key");
    let strange = SignedVote {
        watcher: stranger.address().into(),
        ..stage.vote(0, true)
    };
    assert_eq!(
        stage.bench.take(strange),
        Err(VoteError::NotOnPanel(stranger.address().into()))
    );
}

#[test]
fn who_is_jailed_meanwhile_does_not_spoil_the_verdict() {
    let mut stage = stage();
    for watcher in 0..4 {
        stage.cast(watcher, true).expect("taken");
    }
    let jailed = stage.watchers[0].address().to_owned();
    stage.bench.dismiss(|watcher| watcher != jailed);
    let ready = stage.bench.ready(PAST);
    assert_eq!(ready[0].2.len(), 3);
    assert!(ready[0].2.iter().all(|signed| signed.watcher != jailed));
    assert_eq!(stage.cast(0, true), Err(VoteError::NotOnPanel(jailed)));
}
