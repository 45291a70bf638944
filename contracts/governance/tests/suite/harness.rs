//! One governance contract with three stakers, and verbs for it.

mod peers;

use cosmwasm_std::{
    coin, instantiate2_address, to_json_binary, Addr, Api, Coin, CosmosMsg, Decimal, Empty,
    Uint128, WasmMsg,
};
use cw3::Vote;
use cw_multi_test::{App, AppResponse, ContractWrapper, Executor, IntoAddr};
use cw_utils::Threshold;
use leasehold_api::event::TypedEvent;
use leasehold_api::governance::{
    ExecuteMsg, Guardian, InstantiateMsg, LiabilitiesResponse, Params, ProposalPhase,
    ProposalStatusResponse, QueryMsg, RefundPolicy,
};
use leasehold_api::{Asset, Denom, Suite};
use leasehold_governance::{contract, ContractError};
use serde::de::DeserializeOwned;

pub use peers::PeerMsg;
use peers::{market, peer_execute, peer_instantiate, peer_query};

pub const DENOM: &str = "ustake";
pub const DEPOSIT: u128 = 10;
/// About eleven days after the test chain begins.
pub const GUARDED_UNTIL: u64 = 1_572_800_000;

pub fn params() -> Params {
    Params {
        threshold: Threshold::ThresholdQuorum {
            threshold: Decimal::percent(50),
            quorum: Decimal::percent(40),
        },
        voting_period: 1_000,
        min_voting_period: 100,
        timelock: 200,
        expedited: None,
        execution_window: 500,
        unbonding: 300,
        deposit: Uint128::new(DEPOSIT),
        refund: RefundPolicy::OnlyPassed,
        staker_bps: 5_000,
        reward_denoms: vec![],
        guardian: Some(Guardian {
            address: "guardian".into_addr().into(),
            until: GUARDED_UNTIL,
        }),
        pause_seconds: 50,
        pause_rest: 70,
    }
}

pub struct Gov {
    pub app: App,
    pub address: Addr,
    pub peer: Addr,
    pub alice: Addr,
    pub bob: Addr,
    pub carol: Addr,
    pub guardian: Addr,
    pub stranger: Addr,
}

impl Gov {
    /// alice 600, bob 300, carol 100 staked in an earlier block; everybody has 1 000 more.
    pub fn new() -> Self {
        Self::with(params(), Uint128::one())
    }

    pub fn with(params: Params, weight_unit: Uint128) -> Self {
        let mut gov = Self::unstaked(params, weight_unit);
        for (who, amount) in [
            (gov.alice.clone(), 600),
            (gov.bob.clone(), 300),
            (gov.carol.clone(), 100),
        ] {
            gov.stake(&who, amount);
        }
        gov.wait(1);
        gov
    }

    pub fn unstaked(params: Params, weight_unit: Uint128) -> Self {
        let people = ["alice", "bob", "carol", "guardian", "stranger"].map(IntoAddr::into_addr);
        let app = App::new(|router, _, storage| {
            for (who, amount) in people.iter().zip([1_600, 1_300, 1_100, 1_000, 1_000]) {
                let funds = vec![coin(amount, DENOM), coin(1_000, "uother")];
                router.bank.init_balance(storage, who, funds).unwrap();
            }
        });
        Self::deployed(app, people, params, weight_unit, None)
    }

    pub fn deployed(
        mut app: App,
        people: [Addr; 5],
        params: Params,
        weight_unit: Uint128,
        denom: Option<Denom>,
    ) -> Self {
        let (address, outcome) = instantiate(&mut app, params, weight_unit, None, denom);
        outcome.unwrap();
        let peer_code = app.store_code(Box::new(ContractWrapper::new(
            peer_execute,
            peer_instantiate,
            peer_query,
        )));
        let peer = app
            .instantiate_contract(peer_code, address.clone(), &address, &[], "peer", None)
            .unwrap();
        let [alice, bob, carol, guardian, stranger] = people;
        Gov {
            app,
            address,
            peer,
            alice,
            bob,
            carol,
            guardian,
            stranger,
        }
    }

    /// One block, `seconds` later.
    pub fn wait(&mut self, seconds: u64) {
        self.app.update_block(|block| {
            block.height += 1;
            block.time = block.time.plus_seconds(seconds);
        });
    }

    pub fn now(&self) -> u64 {
        self.app.block_info().time.seconds()
    }

    pub fn send(
        &mut self,
        sender: &Addr,
        msg: &ExecuteMsg,
        funds: &[Coin],
    ) -> Result<AppResponse, ContractError> {
        self.app
            .execute_contract(sender.clone(), self.address.clone(), msg, funds)
            .map_err(|error| error.downcast().unwrap())
    }

    pub fn query<T: DeserializeOwned>(&self, msg: &QueryMsg) -> T {
        self.app
            .wrap()
            .query_wasm_smart(&self.address, msg)
            .unwrap()
    }

    pub fn stake(&mut self, who: &Addr, amount: u128) {
        self.send(who, &ExecuteMsg::Stake {}, &[coin(amount, DENOM)])
            .unwrap();
    }

    /// alice's proposal, in a fresh block, with the deposit of the present parameters.
    pub fn propose(&mut self, msgs: Vec<CosmosMsg>) -> u64 {
        let deposit = self.params().deposit;
        let funds: Vec<Coin> = (!deposit.is_zero())
            .then(|| coin(deposit.u128(), DENOM))
            .into_iter()
            .collect();
        let response = self.send(&self.alice.clone(), &proposal(msgs), &funds);
        cosmwasm_std::from_json(response.unwrap().data.unwrap()).unwrap()
    }

    pub fn vote(&mut self, who: &Addr, proposal_id: u64, vote: Vote) {
        self.send(who, &ExecuteMsg::Vote { proposal_id, vote }, &[])
            .unwrap();
    }

    /// Proposed, voted for by alice alone (a majority) and past its minimum period: in its timelock.
    pub fn pass(&mut self, msgs: Vec<CosmosMsg>) -> u64 {
        let id = self.propose(msgs);
        self.vote(&self.alice.clone(), id, Vote::Yes);
        self.wait(100);
        assert_eq!(self.phase(id), ProposalPhase::Timelocked);
        id
    }

    /// Past its timelock.
    pub fn ripe(&mut self, msgs: Vec<CosmosMsg>) -> u64 {
        let id = self.pass(msgs);
        self.wait(200);
        assert_eq!(self.phase(id), ProposalPhase::Executable);
        id
    }

    pub fn execute(&mut self, proposal_id: u64) -> Result<AppResponse, ContractError> {
        let stranger = self.stranger.clone();
        self.send(&stranger, &ExecuteMsg::Execute { proposal_id }, &[])
    }

    pub fn close(&mut self, proposal_id: u64) -> Result<AppResponse, ContractError> {
        let stranger = self.stranger.clone();
        self.send(&stranger, &ExecuteMsg::Close { proposal_id }, &[])
    }

    pub fn veto(&mut self, proposal_id: u64) -> Result<AppResponse, ContractError> {
        let guardian = self.guardian.clone();
        self.send(&guardian, &ExecuteMsg::Veto { proposal_id }, &[])
    }

    pub fn status(&self, proposal_id: u64) -> ProposalStatusResponse {
        self.query(&QueryMsg::ProposalStatus { proposal_id })
    }

    pub fn phase(&self, proposal_id: u64) -> ProposalPhase {
        self.status(proposal_id).phase
    }

    pub fn params(&self) -> Params {
        let config: leasehold_api::governance::ConfigResponse = self.query(&QueryMsg::Config {});
        config.params
    }

    pub fn liabilities(&self) -> (u128, u128, u128) {
        let owed: LiabilitiesResponse = self.query(&QueryMsg::Liabilities { denom: None });
        (
            owed.staked.u128(),
            owed.unstaking.u128(),
            owed.deposits.u128(),
        )
    }

    pub fn treasury(&self, denom: &str) -> u128 {
        let denom = Denom::Native(denom.to_owned());
        let asset: Asset = self.query(&QueryMsg::Treasury { denom });
        asset.amount.u128()
    }

    pub fn balance(&self, who: &Addr, denom: &str) -> u128 {
        let balance = self.app.wrap().query_balance(who, denom).unwrap();
        balance.amount.u128()
    }

    /// A plain transfer to the contract, which makes treasury.
    pub fn donate(&mut self, amount: Coin) {
        self.app
            .send_tokens(self.stranger.clone(), self.address.clone(), &[amount])
            .unwrap();
    }

    pub fn peer_value(&self) -> u64 {
        self.app
            .wrap()
            .query_wasm_smart(&self.peer, &Empty {})
            .unwrap()
    }

    pub fn to_peer(&self, msg: PeerMsg) -> CosmosMsg {
        call(&self.peer, &msg)
    }

    pub fn to_self(&self, msg: ExecuteMsg) -> CosmosMsg {
        call(&self.address, &msg)
    }
}

/// Instantiates at the address that Instantiate2 predicts; `named` is what the message says instead of it. Without a
/// `denom` the stake is coins.
pub fn instantiate(
    app: &mut App,
    params: Params,
    weight_unit: Uint128,
    named: Option<Addr>,
    denom: Option<Denom>,
) -> (Addr, Result<Addr, ContractError>) {
    let code = app.store_code(Box::new(
        ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
            .with_reply(contract::reply)
            .with_migrate(contract::migrate),
    ));
    let deployer = "deployer".into_addr();
    let checksum = app.wrap().query_wasm_code_info(code).unwrap().checksum;
    let creator = app.api().addr_canonicalize(deployer.as_str()).unwrap();
    let canonical = instantiate2_address(checksum.as_slice(), &creator, b"salt").unwrap();
    let address = app.api().addr_humanize(&canonical).unwrap();
    let msg = InstantiateMsg {
        suite: Suite {
            deployment: "deployment".into_addr().into(),
            market: market(app).into(),
            escrow: "escrow".into_addr().into(),
            provider: "provider".into_addr().into(),
            governance: named.unwrap_or(address.clone()).into(),
        },
        denom: denom.unwrap_or(DENOM.into()),
        weight_unit,
        params,
    };
    let admin = Some(deployer.to_string());
    let outcome = app
        .instantiate2_contract(
            code,
            deployer,
            &msg,
            &[],
            "governance",
            admin,
            b"salt".to_vec(),
        )
        .map_err(|error| error.downcast().unwrap());
    (address, outcome)
}

pub fn proposal(msgs: Vec<CosmosMsg>) -> ExecuteMsg {
    ExecuteMsg::Propose {
        title: "A title".to_owned(),
        description: "What it is for.".to_owned(),
        msgs,
        earliest: None,
        latest: None,
        expedited: None,
    }
}

pub fn call(contract: &Addr, msg: &impl serde::Serialize) -> CosmosMsg {
    WasmMsg::Execute {
        contract_addr: contract.to_string(),
        msg: to_json_binary(msg).unwrap(),
        funds: vec![],
    }
    .into()
}

pub fn pay(to: &Addr, amount: u128, denom: &str) -> CosmosMsg {
    cosmwasm_std::BankMsg::Send {
        to_address: to.to_string(),
        amount: vec![coin(amount, denom)],
    }
    .into()
}

/// The typed events of one kind in a response.
pub fn events<T: TypedEvent>(response: &AppResponse) -> Vec<T> {
    let name = format!("wasm-{}", T::NAME);
    response
        .events
        .iter()
        .filter(|event| event.ty == name)
        .map(|event| T::parse(&event.attributes).unwrap())
        .collect()
}
