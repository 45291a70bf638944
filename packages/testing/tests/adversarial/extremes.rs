//! Extreme numbers everywhere, and every message from the wrong sender.

use std::collections::BTreeSet;
use std::panic::{catch_unwind, AssertUnwindSafe};

use anyhow::Result;
use cosmwasm_std::{coin, Binary, WasmMsg};
use cw_multi_test::Executor;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::SCALE;
use leasehold_testing::messages::execute_messages;
use leasehold_testing::world::RENT;
use serde_json::{json, Value};

use crate::samples::{samples, Sample};
use crate::stage::Stage;

impl Stage {
    fn send(&mut self, sample: &Sample, msg: &Value) -> Result<()> {
        let funds = sample.funds.map(|(amount, denom)| coin(amount, denom));
        let execute = WasmMsg::Execute {
            contract_addr: sample.to.to_string(),
            msg: Binary::from(serde_json::to_vec(msg)?),
            funds: funds
                .into_iter()
                .filter(|coin| !coin.amount.is_zero())
                .collect(),
        };
        let sender = sample.sender.clone();
        self.world.app.execute(sender, execute.into())?;
        Ok(())
    }

    /// Everybody still gets out what is theirs: leases end, rent is paid, the rest goes back.
    fn leave(&mut self) -> Result<()> {
        let tenant = self.tenant.clone();
        for id in [self.leased, self.down] {
            if !self.world.deployment(id)?.closed {
                self.world.close(&tenant, id)?;
            }
        }
        let account = self.world.account(self.account)?;
        if !account.withdrawable.is_zero() {
            self.world.withdraw_all(&tenant, self.account)?;
        }
        Ok(())
    }
}

/// Every message is among the samples, and each sample is accepted: what is varied below works as it is.
#[test]
fn every_message_is_tried() {
    let mut stage = Stage::set();
    let start = stage.world.save();
    let all = samples(&stage);
    for contract in CONTRACTS {
        let of = |sample: &&Sample| sample.contract == contract;
        let tried: BTreeSet<String> = all.iter().filter(of).map(|s| s.name().into()).collect();
        assert_eq!(tried, execute_messages(contract).unwrap(), "{contract}");
    }
    for sample in &all {
        stage
            .send(sample, &sample.msg)
            .unwrap_or_else(|error| panic!("{} {}: {error:#}", sample.contract, sample.name()));
        stage.world.restore(&start);
    }
}

/// Mallory sends what only a peer, a token or governance may send. All is refused.
#[test]
fn impersonation() {
    let mut stage = Stage::set();
    let mallory = stage.mallory.clone();
    for mut sample in samples(&stage).into_iter().filter(|sample| sample.trusted) {
        sample.sender = mallory.clone();
        let sent = stage.send(&sample, &sample.msg);
        assert!(sent.is_err(), "{} {}", sample.contract, sample.name());
    }
    stage.world.check();
}

/// Zero, one, the largest and what lies beside the edges of 32, 64 and 128 bits and of the scale, in every number of every message. Each
/// is refused or done: nothing panics, no invariant breaks, and everybody still gets out what is theirs.
#[test]
fn u128_extremes() {
    let mut stage = Stage::set();
    let start = stage.world.save();
    let mut tried = 0;
    for sample in samples(&stage) {
        for msg in varied(&sample.msg) {
            tried += 1;
            try_one(&mut stage, &sample, &msg);
            stage.world.restore(&start);
        }
    }
    assert!(tried > 1_000, "{tried} variations");
}

/// The same for the coins that come along.
#[test]
fn u128_extremes_of_coins() {
    let mut stage = Stage::set();
    let rich = u128::MAX - 10_u128.pow(30);
    for who in [
        stage.tenant.clone(),
        stage.newcomer.clone(),
        stage.providers[0].clone(),
    ] {
        for denom in [RENT, leasehold_testing::world::STAKE] {
            let held = stage.world.app.wrap().query_balance(&who, denom).unwrap();
            let more = rich - held.amount.u128();
            stage.world.mint(&who, coin(more, denom)).unwrap();
        }
    }
    let start = stage.world.save();
    for mut sample in samples(&stage) {
        let Some((_, denom)) = sample.funds else {
            continue;
        };
        for amount in numbers().into_iter().filter(|amount| *amount <= rich) {
            sample.funds = Some((amount, denom));
            let msg = sample.msg.clone();
            try_one(&mut stage, &sample, &msg);
            stage.world.restore(&start);
        }
    }
}

fn try_one(stage: &mut Stage, sample: &Sample, msg: &Value) {
    let what = || format!("{} {msg} with {:?}", sample.contract, sample.funds);
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        if stage.send(sample, msg).is_err() {
            return Ok(());
        }
        // A peer that does something which the suite never would, breaks what both know; governance may do as it likes.
        let governs = sample.sender == stage.world.suite.governance;
        if sample.trusted && !governs {
            return Ok(());
        }
        stage.world.check();
        stage.leave()?;
        stage.world.check();
        Ok::<(), anyhow::Error>(())
    }));
    match attempt {
        Err(_) => panic!("{} panicked", what()),
        Ok(Err(error)) => panic!("after {}: {error:#}", what()),
        Ok(Ok(())) => {}
    }
}

fn numbers() -> Vec<u128> {
    let edges = [
        1 << 32,
        1 << 53,
        1 << 63,
        1 << 64,
        1 << 127,
        SCALE,
        u128::MAX / SCALE,
        10_u128.pow(28),
    ];
    let mut all: Vec<u128> = edges.into_iter().flat_map(|n| [n - 1, n, n + 1]).collect();
    all.extend([0, 1, 2, u128::MAX - 1, u128::MAX]);
    all
}

/// The message with each of its numbers, one at a time, at each extreme.
fn varied(msg: &Value) -> Vec<Value> {
    let mut paths = vec![];
    number_paths(msg, String::new(), &mut paths);
    let vary = |path: &String| {
        let path = path.clone();
        let stands = msg.pointer(&path).expect("a path found before").clone();
        extremes(&stands).into_iter().map(move |extreme| {
            let mut varied = msg.clone();
            *varied.pointer_mut(&path).expect("the same path") = extreme;
            varied
        })
    };
    paths.iter().flat_map(vary).collect()
}

fn number_paths(value: &Value, path: String, found: &mut Vec<String>) {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match value {
        Value::Number(_) => found.push(path),
        Value::String(text) if is_number(text) => found.push(path),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                number_paths(item, format!("{path}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                number_paths(field, format!("{path}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Of the same JSON type; besides, what is no number at all.
fn extremes(stands: &Value) -> Vec<Value> {
    let too_large = "340282366920938463463374607431768211456";
    match stands {
        Value::String(_) => numbers()
            .into_iter()
            .map(|number| json!(number.to_string()))
            .chain([json!(too_large), json!("-1"), json!("1.5"), json!("")])
            .collect(),
        _ => numbers()
            .into_iter()
            .filter_map(|number| u64::try_from(number).ok())
            .map(|number| json!(number))
            .chain([json!(-1), json!(1.5), json!(1e30)])
            .collect(),
    }
}
