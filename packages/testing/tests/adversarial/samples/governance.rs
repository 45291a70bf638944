use cosmwasm_std::Uint128;
use cw20::Cw20ReceiveMsg;
use cw3::Vote;
use leasehold_api::governance::ExecuteMsg as GovernanceMsg;
use leasehold_api::Asset;
use leasehold_testing::world::{RENT, STAKE};
use sha2::Digest as _;

use super::Samples;
use crate::stage::Stage;

pub fn fill(stage: &Stage, samples: &mut Samples) {
    let suite = &stage.world.suite;
    let (tenant, itself) = (&stage.tenant, &suite.governance);
    samples.paid(tenant, GovernanceMsg::Stake {}, (1_000, STAKE));
    let amount = Uint128::new(10);
    samples.add(tenant, GovernanceMsg::Unstake { amount });
    samples.add(tenant, GovernanceMsg::Claim {});
    let to = Some(stage.heir.to_string());
    samples.add(tenant, GovernanceMsg::Delegate { to });
    samples.add(tenant, GovernanceMsg::ClaimRewards { denom: None });
    samples.trusted_paid(&suite.escrow, GovernanceMsg::AddFees {}, (100, RENT));
    let token = stage.world.token.clone();
    let told = GovernanceMsg::Receive(Cw20ReceiveMsg {
        sender: suite.escrow.to_string(),
        amount: Uint128::new(100),
        msg: leasehold_api::governance::ADD_FEES.into(),
    });
    // Anyone may say so of its own token: it is treasury, and of no listed denom.
    samples.add(&token, told);
    let propose = GovernanceMsg::Propose {
        title: "a gift".into(),
        description: "to the heir".into(),
        msgs: vec![stage.gift()],
        earliest: None,
        latest: None,
        expedited: None,
    };
    samples.paid(tenant, propose, (1_000_000, STAKE));
    let vote = GovernanceMsg::Vote {
        proposal_id: stage.open,
        vote: Vote::No,
    };
    samples.add(tenant, vote);
    let proposal_id = stage.executable;
    samples.add(&stage.mallory, GovernanceMsg::Execute { proposal_id });
    samples.trusted(itself, GovernanceMsg::Run { proposal_id });
    let proposal_id = stage.closable;
    samples.add(&stage.mallory, GovernanceMsg::Close { proposal_id });
    let proposal_id = stage.vetoable;
    samples.add(&stage.mallory, GovernanceMsg::Veto { proposal_id });
    samples.add(&stage.mallory, GovernanceMsg::Pause {});
    let config: leasehold_api::governance::ConfigResponse = stage
        .world
        .query(itself, &leasehold_api::governance::QueryMsg::Config {})
        .expect("parameters");
    let params = config.params;
    samples.trusted(itself, GovernanceMsg::UpdateParams { params });
    let asset = Asset {
        denom: stage.world.rent_denom(),
        amount: Uint128::one(),
    };
    let to = stage.heir.to_string();
    let seconds = 10;
    samples.trusted(itself, GovernanceMsg::StartStream { to, asset, seconds });
    let id = stage.treasury_stream;
    samples.trusted(itself, GovernanceMsg::StopStream { id });
    samples.add(&stage.mallory, GovernanceMsg::ClaimStream { id });
    let query = br#"{"info":{}}"#;
    let answer: leasehold_api::governance::InfoResponse = stage
        .world
        .query(itself, &leasehold_api::governance::QueryMsg::Info {})
        .expect("a version");
    let answer = cosmwasm_std::to_json_vec(&answer).expect("JSON");
    let require = GovernanceMsg::Require {
        contract: itself.to_string(),
        query: query.into(),
        answer_hash: sha2::Sha256::digest(answer).as_slice().into(),
    };
    samples.trusted(itself, require);
}
