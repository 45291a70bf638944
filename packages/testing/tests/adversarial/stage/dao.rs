//! The DAO of the stage: stake, proposals at every step, fees and a stream of the treasury.

use cosmwasm_std::{coin, CosmosMsg, Uint128};
use cw3::Vote;
use leasehold_api::governance::ExecuteMsg as GovernanceMsg;
use leasehold_api::Asset;
use leasehold_testing::world::{RENT, STAKE};

use super::{Stage, STAKED};

impl Stage {
    /// Stake, some of it on its way out, a proposal that passed and one that nobody voted on.
    pub(super) fn govern(&mut self) {
        self.governance_call(&GovernanceMsg::Stake {}, STAKED);
        let amount = Uint128::new(1_000);
        self.governance_call(&GovernanceMsg::Unstake { amount }, 0);
        self.pass(1);
        self.executable = self.propose();
        self.closable = self.propose();
        self.vote(self.executable);
    }

    /// Fees of which the staker has a part, and a stream of the rest.
    pub(super) fn reward(&mut self) {
        let (fees, escrow) = (coin(100, RENT), self.world.suite.escrow.clone());
        self.world.mint(&escrow, fees.clone()).unwrap();
        let governance = self.world.suite.governance.clone();
        let add = GovernanceMsg::AddFees {};
        self.world
            .execute(&escrow, &governance, &add, &[fees])
            .unwrap();
        self.treasury_stream = 1;
        let start = GovernanceMsg::StartStream {
            to: self.heir.to_string(),
            asset: Asset {
                denom: self.world.rent_denom(),
                amount: Uint128::new(40),
            },
            seconds: 20,
        };
        self.world
            .execute(&governance, &governance, &start, &[])
            .unwrap();
    }

    pub(super) fn propose_late(&mut self) {
        self.vetoable = self.propose();
        self.open = self.propose();
        self.vote(self.vetoable);
    }

    fn propose(&mut self) -> u64 {
        let propose = GovernanceMsg::Propose {
            title: "fees".into(),
            description: "to the heir".into(),
            msgs: vec![self.gift()],
            earliest: None,
            latest: None,
            expedited: None,
        };
        let response = self.governance_call(&propose, 1_000_000);
        cosmwasm_std::from_json(response.data.unwrap()).unwrap()
    }

    /// Of nothing that the treasury lacks.
    pub fn gift(&self) -> CosmosMsg {
        cosmwasm_std::BankMsg::Send {
            to_address: self.heir.to_string(),
            amount: vec![coin(1, RENT)],
        }
        .into()
    }

    fn vote(&mut self, proposal_id: u64) {
        let vote = Vote::Yes;
        self.governance_call(&GovernanceMsg::Vote { proposal_id, vote }, 0);
    }

    fn governance_call(&mut self, msg: &GovernanceMsg, stake: u128) -> cw_multi_test::AppResponse {
        let (who, to) = (self.tenant.clone(), self.world.suite.governance.clone());
        let funds = if stake == 0 {
            vec![]
        } else {
            vec![coin(stake, STAKE)]
        };
        self.world.execute(&who, &to, msg, &funds).unwrap()
    }
}
