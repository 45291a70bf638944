//! One accepted message of each kind.

mod deployment;
mod escrow;
mod governance;
mod market;
mod provider;
mod trust;

use cosmwasm_std::Addr;
use serde::Serialize;
use serde_json::Value;

use crate::stage::Stage;

pub struct Sample {
    pub contract: &'static str,
    pub to: Addr,
    pub sender: Addr,
    /// Whether the sender is a contract of the suite or a token, which no attacker is.
    pub trusted: bool,
    pub msg: Value,
    pub funds: Option<(u128, &'static str)>,
}

impl Sample {
    pub fn name(&self) -> &str {
        let fields = self.msg.as_object().expect("a variant");
        fields.keys().next().expect("one name")
    }
}

/// Collects samples for one contract.
struct Samples<'a> {
    contract: &'static str,
    to: Addr,
    all: &'a mut Vec<Sample>,
}

impl Samples<'_> {
    fn add(&mut self, sender: &Addr, msg: impl Serialize) {
        self.push(sender, msg, None, false);
    }

    fn paid(&mut self, sender: &Addr, msg: impl Serialize, funds: (u128, &'static str)) {
        self.push(sender, msg, Some(funds), false);
    }

    fn trusted(&mut self, sender: &Addr, msg: impl Serialize) {
        self.push(sender, msg, None, true);
    }

    fn trusted_paid(&mut self, sender: &Addr, msg: impl Serialize, funds: (u128, &'static str)) {
        self.push(sender, msg, Some(funds), true);
    }

    fn push(
        &mut self,
        sender: &Addr,
        msg: impl Serialize,
        funds: Option<(u128, &'static str)>,
        trusted: bool,
    ) {
        self.all.push(Sample {
            contract: self.contract,
            to: self.to.clone(),
            sender: sender.clone(),
            trusted,
            msg: serde_json::to_value(msg).expect("a message is JSON"),
            funds,
        });
    }
}

/// All messages of the suite, each accepted on the stage as it is set.
pub fn samples(stage: &Stage) -> Vec<Sample> {
    let mut all = vec![];
    let suite = &stage.world.suite;
    let mut of = |contract, to: &Addr, fill: fn(&Stage, &mut Samples)| {
        let to = to.clone();
        let all = &mut all;
        fill(stage, &mut Samples { contract, to, all });
    };
    of("deployment", &suite.deployment, deployment::fill);
    of("market", &suite.market, market::fill);
    of("escrow", &suite.escrow, escrow::fill);
    of("provider", &suite.provider, provider::fill);
    of("provider", &suite.provider, trust::auditing);
    of("provider", &suite.provider, trust::watching);
    of("governance", &suite.governance, governance::fill);
    all
}
