//! A DAO whose stake is a cw20 token, on a market where rent is paid in it.

use leasehold_client::{Instantiate2, Key, TxConfig, Wallet};
use leasehold_devchain::{native_codes, DEV_ACCOUNTS};
use serde_json::{json, Value};

use super::{address, ask, await_claim, await_phase, gov, param, propose};
use crate::town::{variant, Town};

/// Tokens of each holder at the start.
const FORTUNE: u128 = 10_000_000_000;
const HOLDERS: [&str; 4] = ["alice", "bob", "tenant", "provider0"];

struct Dao {
    town: Town,
    token: String,
}

impl Dao {
    /// A token, and a suite in which it is staked.
    fn found() -> Self {
        let town = Town::new();
        let token = issue(&town);
        let dao = Dao { town, token };
        let deploy = ["suite", "deploy", "--profile", "development"];
        let other = ["--salt", "token", "--from", "deployer"];
        let denom = dao.denom();
        let stake = ["--stake-denom", &denom];
        dao.town.json(&[&deploy[..], &stake, &other].concat());
        dao
    }

    fn denom(&self) -> String {
        format!("cw20:{}", self.token)
    }

    /// Tokens of a person or a contract.
    fn held(&self, address: &str) -> u128 {
        let query = json!({"balance": {"address": address}});
        let told: Value = ask(&self.town, |client| async move {
            client.query_smart(&self.token, &query).await
        });
        number(&told["balance"])
    }

    fn held_by(&self, name: &str) -> u128 {
        self.held(&address(&self.town, name))
    }
}

fn number(amount: &Value) -> u128 {
    let text = amount.as_str().expect("an amount");
    text.parse().expect("a number")
}

/// A cw20 token, which the devchain has the code of.
fn issue(town: &Town) -> String {
    let balances =
        HOLDERS.map(|name| json!({"address": address(town, name), "amount": FORTUNE.to_string()}));
    let msg =
        json!({"name": "Stake", "symbol": "STAKE", "decimals": 6, "initial_balances": balances});
    let code = (1..)
        .zip(native_codes())
        .find(|(_, code)| code.name == "cw20-base");
    let (code_id, _) = code.expect("the devchain has it");
    let issue = Instantiate2::new(code_id, &msg, "token", "token", None).expect("encodes");
    let deployer = Key::from_words(DEV_ACCOUNTS[0].1, "wasm").expect("a key");
    let price = "0ustake".parse().expect("a price");
    let issued = ask(town, |client| async move {
        let wallet = Wallet::new(client, deployer, TxConfig::new(price));
        wallet.instantiate2(issue).await
    });
    issued.instantiated(0).expect("an address")
}

#[test]
fn a_token_is_staked_decides_earns_and_comes_back() {
    let mut dao = Dao::found();
    let governance = dao.town.json(&["suite", "show"])["governance"].clone();
    let governance = governance.as_str().expect("an address").to_owned();
    for (staker, amount) in [("alice", "600000"), ("bob", "400000")] {
        let staked = gov(&dao.town, staker, &["stake", amount]);
        assert_eq!(staked["stake"]["amount"], amount);
    }
    assert_eq!(dao.held_by("alice"), FORTUNE - 600_000);
    assert_eq!(dao.held(&governance), 1_000_000);

    // The deposit comes by an allowance of bob's, and back when the proposal passes.
    gov(&dao.town, "alice", &["delegate", "bob"]);
    let fee = propose(&dao.town, "bob", &["param", "escrow.fee_bps", "500"]);
    assert_eq!(dao.held_by("bob"), FORTUNE - 1_400_000);
    let voted = gov(&dao.town, "bob", &["vote", &fee, "yes"]);
    assert_eq!(voted["proposal"]["standing"]["tally"]["yes"], "1000000");
    await_phase(&dao.town, &fee, "executable");
    gov(&dao.town, "tenant", &["execute", &fee]);
    assert_eq!(param(&dao.town, "escrow.fee_bps"), 500);
    assert_eq!(dao.held_by("bob"), FORTUNE - 400_000);

    // Six tenths of the stakers' half of the fees are alice's, whoever votes for her.
    let stakers = earn(&mut dao);
    let claimed = gov(&dao.town, "alice", &["claim-rewards"]);
    let reward = number(&claimed["claimed"][0]["amount"]);
    assert_eq!(reward, stakers * 6 / 10);
    assert_eq!(dao.held_by("alice"), FORTUNE - 600_000 + reward);

    gov(&dao.town, "alice", &["unstake", "600000"]);
    dao.town.advance(30);
    let paid = await_claim(&dao.town, "alice");
    assert_eq!(paid["stake"]["amount"], "0");
    assert_eq!(dao.held_by("alice"), FORTUNE + reward);
}

/// Rent in the token, by a provider whose bond is in it. Answers the stakers' part of the fees.
fn earn(dao: &mut Dao) -> u128 {
    let denom = dao.denom();
    let bond = format!("1000000000{denom}");
    let sells = [
        "--denom",
        &denom,
        "--price-cpu",
        "200000000",
        "--bond",
        &bond,
    ];
    dao.town.provider_with("provider0", &sells);
    let town = &dao.town;
    let app = variant(town, &[("denom: uakt", &format!("denom: {denom}"))]);
    let of_tenant = |args: &[&str]| town.json(&[args, &["--from", "tenant"]].concat());
    let opened = of_tenant(&["account", "open", &denom, "1000000"]);
    let account = opened["account"]["id"].to_string();
    of_tenant(&["account", "deposit", &account, "500000"]);
    let rent = ["deploy", &app, "--yes", "--deposit", "500000"];
    let deployed = of_tenant(&[&rent[..], &["--account", &account]].concat());
    of_tenant(&["top-up", &deployed["deployment"].to_string(), "1000000"]);
    // Without an account, the deposit makes one.
    let second = of_tenant(&[&rent[..], &["--no-wait"]].concat());
    assert_eq!(
        of_tenant(&["account", "ls"]).as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(dao.held_by("tenant"), FORTUNE - 3_500_000);

    for deployment in [&deployed, &second] {
        of_tenant(&["close", &deployment["deployment"].to_string(), "--yes"]);
    }
    let swept = gov(town, "provider1", &["sweep", &denom]);
    let (fees, stakers) = (number(&swept["amount"]), number(&swept["stakers"]));
    assert!(stakers > 10 && stakers == fees / 2, "{swept}");
    let spent = FORTUNE - dao.held_by("tenant");
    let earned = dao.held_by("provider0") + 1_000_000_000 - FORTUNE;
    assert_eq!(spent, earned + fees);
    stakers
}
