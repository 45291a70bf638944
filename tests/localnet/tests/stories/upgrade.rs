//! A migration that the stakers decide on, in the middle of life: from the code of the last release to that of today.

use std::path::Path;

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{from_json, to_json_binary, Empty, Uint128, WasmMsg};
use cw2::ContractVersion;
use leasehold_api::genesis::Genesis;
use leasehold_api::market::OrderPhase;
use leasehold_api::rules::auction::AuctionParams;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::{escrow, governance, market, provider, Asset, AuctionMode};
use leasehold_test_localnet::{
    connect, newcomers, posted, suite, Code, Town, COLLATERAL, FORTUNE, RENT, STAKE,
};
use leasehold_testing::node;
use leasehold_testing::verbs::rate;

const RELEASE: &str = "0.1.0";
const STAKED: u128 = 50_000_000;
const UNBONDING: u64 = 4;

/// Long enough for a vote while bids stand; what is taken out is paid soon.
fn genesis() -> Genesis {
    let usual = Town::genesis();
    Genesis {
        provider: provider::Params {
            unbonding: UNBONDING,
            ..usual.provider
        },
        market: market::Params {
            auction: AuctionParams {
                bidding: 20,
                hard_close: 40,
                ..usual.market.auction
            },
            ..usual.market
        },
        governance: governance::Params {
            unbonding: UNBONDING,
            ..usual.governance
        },
        ..usual
    }
}

/// A lease, an order with a bid and stake that waits go through it; then everybody gets what is his, to the unit.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_proposal_migrates_a_suite_of_the_last_release() -> Result<()> {
    let town = Town::of(&released().await?, 2, &genesis()).await?;
    let [one, two] = [0, 1].map(|i| &town.providers[i]);
    for who in [&town.tenant, &town.stranger] {
        town.stake(who, STAKED).await?;
    }
    town.stake(&town.tenant, 1).await?;
    let amount = Uint128::new(STAKED);
    let unstake = governance::ExecuteMsg::Unstake { amount };
    town.governance(&town.stranger, &unstake).await?;
    let (bidding, contested, account) = town
        .ask(20, AuctionMode::Descending { min_bidders: None })
        .await?;
    town.bid(one, contested, 12).await?;
    town.bid(two, contested, 10).await?;
    let (leased, order) = town.create(&town.tenant, posted(10), account).await?;
    town.claim(one, order).await?;
    let lease = town.lease_of(order).await?;
    town.collect(lease.id).await?;

    let before = town.versions().await?;
    let codes = Code::of(&town.client, &suite(&town.client).await?).await?;
    town.migrate(&codes).await?;
    for ((now, was), code) in town.codes().await?.iter().zip(&codes) {
        ensure!(*now == code.id, "{was} runs on {now}, not {}", code.id);
    }
    for (now, was) in town.versions().await?.iter().zip(&before) {
        ensure!(was.version == RELEASE && now.contract == was.contract);
        ensure!(now.version == env!("CARGO_PKG_VERSION"), "{now:?}");
    }
    town.invariants().await?;

    ensure!(town.lease_of(order).await? == lease, "it goes on as it was");
    ensure!(town.collect(lease.id).await? > 0, "… and is paid");
    town.until(contested, OrderPhase::AwardBest).await?;
    town.claim(two, contested).await?;
    ensure!(town.lease_of(contested).await?.rate == rate(10));
    let (last, order) = town.create(&town.tenant, posted(10), account).await?;
    town.claim(one, order).await?;
    town.pass(2).await?;
    for id in [leased, bidding, last] {
        town.close(&town.tenant, id).await?;
    }
    town.withdraw(account).await?;
    town.everybody_has_his_own(0).await?;
    town.everybody_leaves().await
}

/// The code of the last release, stored on this chain.
async fn released() -> Result<Vec<Code>> {
    let client = connect().await?;
    let author = newcomers(&client, 1).await?.pop().context("an author")?;
    let releases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gas/releases");
    let mut codes = vec![];
    for name in CONTRACTS {
        let path = releases
            .join(RELEASE)
            .join(format!("leasehold_{name}.wasm.gz"));
        let wasm = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let stored = author.store_code(wasm).await?;
        codes.push(Code {
            id: stored.code_id,
            checksum: stored.checksum,
        });
    }
    Ok(codes)
}

trait Upgrade {
    async fn migrate(&self, codes: &[Code]) -> Result<()>;
    async fn codes(&self) -> Result<Vec<(u64, String)>>;
    async fn versions(&self) -> Result<Vec<ContractVersion>>;
    async fn collect(&self, lease_id: u64) -> Result<u128>;
    async fn everybody_leaves(&self) -> Result<()>;
}

impl Upgrade for Town {
    /// All five, governance itself among them, in one proposal.
    async fn migrate(&self, codes: &[Code]) -> Result<()> {
        let contracts = self.suite.addresses().into_iter().zip(codes);
        let msgs = contracts.map(|(contract, code)| {
            let migrate = WasmMsg::Migrate {
                contract_addr: contract.clone(),
                new_code_id: code.id,
                msg: to_json_binary(&Empty {})?,
            };
            anyhow::Ok(migrate.into())
        });
        self.enact(msgs.collect::<Result<_>>()?).await?;
        Ok(())
    }

    /// What each contract runs on, and its label.
    async fn codes(&self) -> Result<Vec<(u64, String)>> {
        let mut codes = vec![];
        for contract in self.suite.addresses() {
            let info = self.client.contract_info(contract).await?;
            codes.push((info.code_id, info.label));
        }
        Ok(codes)
    }

    async fn versions(&self) -> Result<Vec<ContractVersion>> {
        let mut versions = vec![];
        for contract in self.suite.addresses() {
            let stored = self.client.query_raw(contract, b"contract_info").await?;
            versions.push(from_json(stored.context("every contract says")?)?);
        }
        Ok(versions)
    }

    /// What the first provider gets by it.
    async fn collect(&self, lease_id: u64) -> Result<u128> {
        let one = &self.providers[0];
        let before = self.pocket(one.address()).await?;
        let streams = vec![lease_id];
        let collect = escrow::ExecuteMsg::Collect { streams };
        self.escrow(one, &collect).await?;
        Ok(self.pocket(one.address()).await? - before)
    }

    /// Collateral and stake are paid back; the contracts keep nothing.
    async fn everybody_leaves(&self) -> Result<()> {
        for provider in &self.providers {
            let asset = Asset {
                denom: RENT.into(),
                amount: Uint128::new(COLLATERAL),
            };
            let unbond = provider::ExecuteMsg::Unbond { asset };
            self.registry(provider, &unbond, &[]).await?;
        }
        let amount = Uint128::new(STAKED + 1);
        let unstake = governance::ExecuteMsg::Unstake { amount };
        self.governance(&self.tenant, &unstake).await?;
        self.pass(UNBONDING + 1).await?;
        for provider in &self.providers {
            let claim = provider::ExecuteMsg::Claim {};
            self.registry(provider, &claim, &[]).await?;
        }
        for staker in [&self.tenant, &self.stranger] {
            let claim = governance::ExecuteMsg::Claim {};
            self.governance(staker, &claim).await?;
            let stake = STAKE.into();
            let owns = node::balance(&self.client, staker.address(), &stake).await?;
            ensure!(owns.u128() == FORTUNE, "{} owns {owns}", staker.address());
        }
        for contract in self.suite.addresses() {
            for denom in [RENT, STAKE] {
                let left = node::balance(&self.client, contract, &denom.into()).await?;
                ensure!(left.is_zero(), "{contract} keeps {left} {denom}");
            }
        }
        self.invariants().await
    }
}
