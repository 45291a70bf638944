//! One accepted message of each kind.

use cosmwasm_std::{to_json_binary, Addr, Uint128};
use cw20::Cw20ReceiveMsg;
use cw3::Vote;
use leasehold_api::deployment::{ExecuteMsg as DeploymentMsg, GroupRequest};
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg as EscrowMsg, Limits, Refill};
use leasehold_api::governance::ExecuteMsg as GovernanceMsg;
use leasehold_api::market::{ExecuteMsg as MarketMsg, Exit, OfferTerms, Terms};
use leasehold_api::provider::{
    Cw20HookMsg as BondHook, ExecuteMsg as ProviderMsg, Role, Share, Vote as Finding, ATTESTATION,
};
use leasehold_api::{Asset, AuctionMode, Capability, GpuInventory};
use leasehold_testing::verbs::sealed::SALT;
use leasehold_testing::verbs::{contact, rate, small_group, small_terms, taking};
use leasehold_testing::world::{RENT, STAKE};
use serde::Serialize;
use serde_json::Value;
use sha2::Digest as _;

use crate::stage::Stage;
use crate::RATE;

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
    of("deployment", &suite.deployment, deployment);
    of("market", &suite.market, market);
    of("escrow", &suite.escrow, escrow);
    of("provider", &suite.provider, provider);
    of("provider", &suite.provider, trust);
    of("provider", &suite.provider, watching);
    of("governance", &suite.governance, governance);
    all
}

fn deployment(stage: &Stage, samples: &mut Samples) {
    let tenant = &stage.tenant;
    let min_rate = Some(rate(1));
    let group = |name: &str, auction| GroupRequest {
        auction: Some(auction),
        exit: Some(Exit {
            notice: 60,
            compensation_bps: 100,
        }),
        max_duration: Some(100),
        ..small_group(name, RATE).into()
    };
    let create = DeploymentMsg::Create {
        groups: vec![
            group("a", AuctionMode::Dutch { min_rate }),
            group("b", AuctionMode::Open { auto_after: None }),
            GroupRequest {
                offer: Some(taking(stage.offer, RATE)),
                ..small_group("c", RATE).into()
            },
            GroupRequest {
                starts_at: Some(stage.world.now() + 100),
                ..small_group("d", RATE).into()
            },
        ],
        manifest_hash: vec![1; 32].into(),
        denom: stage.world.rent_denom(),
        account: Some(stage.account),
    };
    samples.paid(tenant, create, (1_000, RENT));
    let deployment_id = stage.leased;
    let update = DeploymentMsg::Update {
        deployment_id,
        manifest_hash: vec![2; 32].into(),
    };
    samples.add(tenant, update);
    samples.add(tenant, DeploymentMsg::Close { deployment_id });
    let prune = DeploymentMsg::Prune {
        deployment_id: stage.bare,
    };
    samples.add(&stage.mallory, prune);
    let group = 0;
    let pause = DeploymentMsg::PauseGroup {
        deployment_id,
        group,
    };
    samples.add(tenant, pause);
    let propose = DeploymentMsg::ProposeChange {
        deployment_id,
        group,
        rate: rate(RATE / 2),
        spec: Some(small_group("group0", 2 * RATE)),
        manifest_hash: Some(vec![3; 32].into()),
        expires_at: stage.world.now() + 10,
    };
    samples.add(tenant, propose);
    let withdraw = DeploymentMsg::WithdrawChange {
        deployment_id,
        group,
    };
    samples.add(tenant, withdraw);
    let accept = DeploymentMsg::AcceptChange {
        deployment_id,
        group,
        change: stage
            .world
            .proposed(deployment_id, group)
            .expect("proposed"),
    };
    let [one, ..] = &stage.providers;
    samples.add(one, accept);
    let deployment_id = stage.paused;
    let start = DeploymentMsg::StartGroup {
        deployment_id,
        group,
    };
    samples.add(tenant, start);
    let transfer = DeploymentMsg::Transfer {
        deployment_id: stage.apart,
        new_owner: stage.heir.to_string(),
    };
    samples.add(tenant, transfer);
}

fn market(stage: &Stage, samples: &mut Samples) {
    let suite = &stage.world.suite;
    let [one, two, three] = &stage.providers;
    let open = MarketMsg::OpenOrder {
        order_id: stage.paused * 8,
        account: stage.account,
        denom: stage.world.rent_denom(),
        max_rate: rate(RATE),
        terms: Terms {
            auction: AuctionMode::Dutch {
                min_rate: Some(rate(1)),
            },
            exit: Some(Exit {
                notice: 60,
                compensation_bps: 100,
            }),
            max_duration: Some(100),
            starts_at: Some(stage.world.now() + 100),
        },
        offer: Some(taking(stage.offer, RATE)),
    };
    samples.trusted(&suite.deployment, open);
    let order_id = stage.choice * 8;
    samples.trusted(&suite.deployment, MarketMsg::CloseOrder { order_id });
    let bid = rate(RATE - 1);
    let rate = bid;
    samples.add(one, MarketMsg::Bid { order_id, rate });
    samples.add(two, MarketMsg::WithdrawBid { order_id });
    let provider = two.to_string();
    let accept = MarketMsg::Accept { order_id, provider };
    samples.add(&stage.tenant, accept);
    let max_rate = leasehold_testing::verbs::rate(RATE);
    let commit = MarketMsg::Commit {
        order_id: stage.sealed * 8,
        commitment: stage
            .world
            .commitment(two, stage.sealed * 8, max_rate)
            .expect("it is open"),
    };
    samples.add(two, commit);
    let reveal = MarketMsg::Reveal {
        order_id: stage.revealing * 8,
        rate: max_rate,
        salt: SALT.into(),
    };
    samples.add(one, reveal);
    let order_id = stage.won * 8;
    samples.add(three, MarketMsg::Claim { order_id });
    let lease = |deployment: u64| stage.world.lease_of(deployment * 8).expect("leased");
    let lease_id = lease(stage.leased);
    samples.add(&stage.tenant, MarketMsg::EndLease { lease_id });
    samples.add(one, MarketMsg::GiveNotice { lease_id });
    let change = MarketMsg::ChangeLease {
        lease_id,
        provider: one.to_string(),
        rate,
        max_rate: Some(rate),
    };
    samples.trusted(&suite.deployment, change);
    let lease_id = lease(stage.down);
    samples.add(&stage.mallory, MarketMsg::Failover { lease_id });
    let order_id = stage.missed * 8;
    samples.add(
        &stage.mallory,
        MarketMsg::Expire {
            order_id,
            provider: None,
        },
    );
    let penalty = stage.world.penalties().expect("penalties").remove(0);
    let slash = MarketMsg::Slash {
        order_id: penalty.order_id,
        number: penalty.number,
    };
    samples.add(&stage.mallory, slash);
    let prune = MarketMsg::Prune {
        order_id: stage.old * 8,
    };
    samples.add(&stage.mallory, prune);
    let post = MarketMsg::PostOffer {
        denom: stage.world.rent_denom(),
        terms: small_terms(&stage.world, 3, RATE),
    };
    samples.add(one, post);
    let offer_id = stage.offer;
    let update = MarketMsg::UpdateOffer {
        offer_id,
        terms: OfferTerms {
            exit: Some(Exit {
                notice: 60,
                compensation_bps: 100,
            }),
            ..small_terms(&stage.world, 3, RATE / 2)
        },
    };
    samples.add(two, update);
    samples.add(two, MarketMsg::WithdrawOffer { offer_id });
    let config: leasehold_api::market::ConfigResponse = stage
        .world
        .query(&suite.market, &leasehold_api::market::QueryMsg::Config {})
        .expect("parameters");
    let params = config.params;
    samples.trusted(&suite.governance, MarketMsg::UpdateParams { params });
    let until = stage.world.now() + 60;
    samples.trusted(&suite.governance, MarketMsg::Pause { until });
}

fn escrow(stage: &Stage, samples: &mut Samples) {
    let suite = &stage.world.suite;
    let (tenant, account) = (&stage.tenant, stage.account);
    let [one, two, _] = &stage.providers;
    let denom = stage.world.rent_denom();
    let open = EscrowMsg::Open {
        owner: None,
        denom: denom.clone(),
    };
    samples.paid(tenant, open, (1_000, RENT));
    samples.paid(tenant, EscrowMsg::Deposit { account }, (1_000, RENT));
    let hook = Cw20HookMsg::Deposit {
        account: stage.token_account,
    };
    let receive = EscrowMsg::Receive(Cw20ReceiveMsg {
        sender: tenant.to_string(),
        amount: Uint128::new(10),
        msg: to_json_binary(&hook).expect("a hook is JSON"),
    });
    samples.trusted(&stage.world.token, receive);
    let amount = Uint128::new(10);
    let amount = Some(amount);
    samples.add(tenant, EscrowMsg::Withdraw { account, amount });
    let (from, to) = (account, stage.drawn);
    samples.add(tenant, EscrowMsg::Move { from, to, amount });
    allowances(stage, samples);
    samples.add(&stage.mallory, EscrowMsg::Settle { account });
    let stream = stage.world.lease_of(stage.leased * 8).expect("leased");
    let streams = vec![stream];
    samples.add(&stage.mallory, EscrowMsg::Collect { streams });
    let claim = EscrowMsg::ClaimUnpaid {
        payee: one.to_string(),
        denom: denom.clone(),
    };
    samples.add(&stage.mallory, claim);
    samples.add(&stage.mallory, EscrowMsg::SweepFees { denom });
    let open = EscrowMsg::OpenStream {
        stream: 1,
        account,
        tenant: tenant.to_string(),
        payee: two.to_string(),
        rate: rate(1),
        until: Some(stage.world.now() + 100),
    };
    samples.trusted(&suite.market, open);
    let reprice = EscrowMsg::RepriceStream {
        stream,
        tenant: tenant.to_string(),
        rate: rate(2),
    };
    samples.trusted(&suite.market, reprice);
    samples.trusted(&suite.market, EscrowMsg::CloseStream { stream });
    let hold = EscrowMsg::Hold {
        order_id: 1,
        account,
        tenant: tenant.to_string(),
        rate: rate(1),
        amount: Uint128::new(10),
    };
    samples.trusted(&suite.market, hold);
    let release = EscrowMsg::Release {
        order_id: stage.reserved * 8,
        payee: Some(two.to_string()),
        amount: Uint128::new(10),
    };
    samples.trusted(&suite.market, release);
    let transfer = EscrowMsg::TransferAccount {
        account,
        owner: tenant.to_string(),
        new_owner: stage.heir.to_string(),
    };
    samples.trusted(&suite.deployment, transfer);
    let config: leasehold_api::escrow::ConfigResponse = stage
        .world
        .query(&suite.escrow, &leasehold_api::escrow::QueryMsg::Config {})
        .expect("parameters");
    let params = config.params;
    samples.trusted(&suite.governance, EscrowMsg::UpdateParams { params });
}

fn allowances(stage: &Stage, samples: &mut Samples) {
    let (tenant, account) = (&stage.tenant, stage.drawn);
    let limits = Limits {
        max_rate: rate(RATE),
        max_total: Uint128::new(9_000),
        expires: Some(stage.world.now() + 1_000),
        refill: Some(Refill { below: 10, to: 20 }),
    };
    let allow = EscrowMsg::Allow {
        account: stage.account,
        spender: stage.heir.to_string(),
        limits: limits.clone(),
    };
    samples.add(tenant, allow);
    samples.add(tenant, EscrowMsg::Adjust { account, limits });
    samples.add(tenant, EscrowMsg::Revoke { account });
    let amount = Uint128::new(10);
    samples.add(&stage.heir, EscrowMsg::Draw { account, amount });
    samples.add(&stage.mallory, EscrowMsg::TopUp { account });
}

fn provider(stage: &Stage, samples: &mut Samples) {
    let suite = &stage.world.suite;
    let [one, two, _] = &stage.providers;
    let capability = Capability {
        attributes: vec![],
        gpus: vec![GpuInventory {
            vendor: "nvidia".into(),
            model: "h100".into(),
            vram_mib: 81_920,
            interface: "sxm".into(),
            count: 8,
        }],
    };
    let register = ProviderMsg::Register {
        contact: contact(),
        capability: capability.clone(),
    };
    samples.paid(&stage.newcomer, register, (1_000, RENT));
    let update = ProviderMsg::Update {
        contact: None,
        capability: Some(capability),
    };
    samples.add(one, update);
    samples.add(one, ProviderMsg::Heartbeat {});
    samples.paid(one, ProviderMsg::Bond {}, (1_000, RENT));
    let token = stage.world.token.to_string();
    samples.add(two, ProviderMsg::AllowToken { token });
    let receive = ProviderMsg::Receive(Cw20ReceiveMsg {
        sender: one.to_string(),
        amount: Uint128::new(10),
        msg: to_json_binary(&BondHook::Bond {}).expect("a hook is JSON"),
    });
    samples.trusted(&stage.world.token, receive);
    let asset = Asset {
        denom: stage.world.rent_denom(),
        amount: Uint128::new(10),
    };
    let unbond = ProviderMsg::Unbond {
        asset: asset.clone(),
    };
    samples.add(one, unbond);
    samples.add(two, ProviderMsg::Claim {});
    samples.add(one, ProviderMsg::Drain {});
    samples.add(&stage.draining, ProviderMsg::Resume {});
    samples.add(&stage.leaver, ProviderMsg::Leave {});
    let from = stage.world.now() + 10;
    let until = from + 60;
    samples.add(one, ProviderMsg::AnnounceMaintenance { from, until });
    let providers = vec![stage.silent.to_string()];
    samples.add(&stage.mallory, ProviderMsg::CountLapses { providers });
    let slash = ProviderMsg::Slash {
        provider: one.to_string(),
        denom: asset.denom.clone(),
        amount: Uint128::new(10),
        bond: Uint128::new(100),
        at: stage.world.now() - 1,
        recipients: vec![Share {
            to: stage.tenant.to_string(),
            bps: 7_000,
        }],
        reason: "down".into(),
    };
    samples.trusted(&suite.market, slash);
    let to = stage.tenant.to_string();
    let compensate = ProviderMsg::Compensate {
        provider: one.to_string(),
        denom: asset.denom.clone(),
        amount: asset.amount,
        to: to.clone(),
    };
    samples.trusted(&suite.market, compensate);
    samples.trusted(&suite.governance, ProviderMsg::PayInsurance { to, asset });
    let config: leasehold_api::provider::ConfigResponse = stage
        .world
        .query(
            &suite.provider,
            &leasehold_api::provider::QueryMsg::Config {},
        )
        .expect("parameters");
    let params = config.params;
    samples.trusted(&suite.governance, ProviderMsg::UpdateParams { params });
}

fn trust(stage: &Stage, samples: &mut Samples) {
    let (world, suite) = (&stage.world, &stage.world.suite);
    let ([one, two, _], [first, second, third]) = (&stage.providers, &stage.auditors);
    let rules = world.trust().expect("parameters");
    let role = Role::Auditor;
    let enrol = ProviderMsg::Enrol {
        role,
        key: second.key().expect("a key"),
    };
    samples.paid(&stage.tenant, enrol, (rules.auditor_bond.u128(), STAKE));
    let add = ProviderMsg::AddToBond { role };
    samples.paid(&first.address, add, (1_000, STAKE));
    samples.add(&first.address, ProviderMsg::Retire { role });
    samples.add(&third.address, ProviderMsg::WithdrawBond { role });
    let judge = ProviderMsg::Judge {
        role,
        member: first.address.to_string(),
        slash: Uint128::new(10),
        jailed: true,
    };
    samples.trusted(&suite.governance, judge);
    let attestation = world.attestation(one, 3).expect("parameters");
    let attest = ProviderMsg::Attest {
        auditor: first.address.to_string(),
        signature: first
            .sign(world, ATTESTATION, &attestation)
            .expect("a signature"),
        attestation,
    };
    samples.add(&stage.mallory, attest);
    let provider = one.to_string();
    samples.add(&first.address, ProviderMsg::RevokeAttestation { provider });
    let auditor = first.address.to_string();
    let challenge = ProviderMsg::ChallengeAttestation {
        provider: one.to_string(),
        auditor: auditor.clone(),
        evidence_hash: vec![6; 32].into(),
    };
    let deposit = (rules.challenge_deposit.u128(), STAKE);
    samples.paid(&second.address, challenge, deposit);
    let uphold = ProviderMsg::UpholdChallenge {
        provider: two.to_string(),
        auditor,
        slash: Uint128::new(10),
    };
    samples.trusted(&suite.governance, uphold);
}

fn watching(stage: &Stage, samples: &mut Samples) {
    let world = &stage.world;
    let lease_id = world.lease_of(stage.leased * 8).expect("leased");
    let watch = ProviderMsg::WatchLease { lease_id };
    samples.paid(&stage.tenant, watch, (1_000, STAKE));
    samples.add(&stage.tenant, ProviderMsg::UnwatchLease { lease_id });
    let round = world.watch_round().expect("parameters");
    let finding = |down| Finding {
        lease_id,
        round,
        down,
    };
    let signers: Vec<_> = stage.watchers.iter().collect();
    let verdict = world.verdict(finding(true), &signers).expect("signatures");
    samples.add(&stage.mallory, verdict);
    let watcher = &stage.watchers[0];
    let sign = |down| {
        let signed = world.vote(watcher, &finding(down)).expect("a signature");
        signed.signature
    };
    let accuse = ProviderMsg::AccuseWatcher {
        watcher: watcher.address.to_string(),
        lease_id,
        round,
        down: sign(true),
        up: sign(false),
    };
    samples.add(&stage.mallory, accuse);
    samples.add(&watcher.address, ProviderMsg::ClaimFees {});
}

fn governance(stage: &Stage, samples: &mut Samples) {
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
