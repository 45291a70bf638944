//! Every message, sent by whom it is for.

use super::*;

impl World {
    /// The deployment contract passes on that the provider accepts a change of the order's lease of that number.
    pub fn change(
        &mut self,
        provider: &str,
        number: u32,
        units: u128,
        max: Option<u128>,
    ) -> Result<AppResponse, ContractError> {
        let msg = ExecuteMsg::ChangeLease {
            lease_id: lease(number),
            provider: self.addr(provider).to_string(),
            rate: rate(units),
            max_rate: max.map(rate),
        };
        let deployment = self.suite.deployment.clone();
        self.send(&deployment, &msg, &[])
    }

    pub fn by(&mut self, name: &str, msg: ExecuteMsg) -> Result<AppResponse, ContractError> {
        let sender = self.addr(name);
        self.send(&sender, &msg, &[])
    }

    pub fn open(&mut self, mode: AuctionMode, max: u128) -> Result<AppResponse, ContractError> {
        let msg = open_msg(mode, rate(max));
        let deployment = self.suite.deployment.clone();
        self.send(&deployment, &msg, &[])
    }

    pub fn close(&mut self) -> Result<AppResponse, ContractError> {
        let deployment = self.suite.deployment.clone();
        self.send(
            &deployment,
            &ExecuteMsg::CloseOrder { order_id: order() },
            &[],
        )
    }

    pub fn bid(&mut self, name: &str, units: u128) -> Result<AppResponse, ContractError> {
        self.by(
            name,
            ExecuteMsg::Bid {
                order_id: order(),
                rate: rate(units),
            },
        )
    }

    pub fn withdraw(&mut self, name: &str) -> Result<AppResponse, ContractError> {
        self.by(name, ExecuteMsg::WithdrawBid { order_id: order() })
    }

    pub fn claim(&mut self, name: &str) -> Result<AppResponse, ContractError> {
        self.by(name, ExecuteMsg::Claim { order_id: order() })
    }

    pub fn accept(&mut self, provider: &str) -> Result<AppResponse, ContractError> {
        let provider = self.addr(provider).to_string();
        let msg = ExecuteMsg::Accept {
            order_id: order(),
            provider,
        };
        self.by("tenant", msg)
    }

    /// Opens the order on these terms.
    pub fn open_on(&mut self, terms: Terms, max: u128) -> Result<AppResponse, ContractError> {
        let ExecuteMsg::OpenOrder {
            order_id,
            account,
            denom,
            max_rate,
            ..
        } = open_msg(descending(), rate(max))
        else {
            unreachable!("it opens an order")
        };
        let msg = ExecuteMsg::OpenOrder {
            order_id,
            account,
            denom,
            max_rate,
            terms,
            offer: None,
        };
        let deployment = self.suite.deployment.clone();
        self.send(&deployment, &msg, &[])
    }

    pub fn give_notice(&mut self, name: &str, number: u32) -> Result<AppResponse, ContractError> {
        let lease_id = lease(number);
        self.by(name, ExecuteMsg::GiveNotice { lease_id })
    }

    /// Ends the order's lease of that number.
    pub fn end(&mut self, name: &str, number: u32) -> Result<AppResponse, ContractError> {
        let lease_id = lease(number);
        self.by(name, ExecuteMsg::EndLease { lease_id })
    }

    pub fn failover(&mut self, name: &str, number: u32) -> Result<AppResponse, ContractError> {
        let lease_id = lease(number);
        self.by(name, ExecuteMsg::Failover { lease_id })
    }

    pub fn expire(&mut self, name: &str) -> Result<AppResponse, ContractError> {
        self.by(
            name,
            ExecuteMsg::Expire {
                order_id: order(),
                provider: None,
            },
        )
    }

    pub fn slash(&mut self, name: &str, number: u32) -> Result<AppResponse, ContractError> {
        self.by(
            name,
            ExecuteMsg::Slash {
                order_id: order(),
                number,
            },
        )
    }

    /// Waits for the one penalty that there is and has it carried out.
    pub fn carry_out(&mut self) {
        let now = self.now();
        let found: PenaltiesResponse = self.query(&QueryMsg::Penalties {
            start_after: None,
            limit: None,
        });
        let [penalty] = &found.penalties[..] else {
            panic!("one penalty, not {:?}", found.penalties);
        };
        self.wait(penalty.due_at.saturating_sub(now));
        self.slash("dave", penalty.number).unwrap();
    }
}
