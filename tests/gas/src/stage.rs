//! The story on this chain: the suite with the design's parameters, and a cast with funds.

use std::path::Path;

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, to_json_vec, Coin};
use leasehold_api::genesis::Genesis;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::Suite;
use leasehold_test_story::{self as story, Cast, Story, Wait, DENOM, FORTUNE, STAKE};
use serde::Serialize;

use crate::address;
use crate::chain::{Chain, Receipt};
use crate::state::CHAIN_ID;

/// What the token's contract is called.
pub const TOKEN: &str = "token";

/// A new chain with its own folder for compiled code, ready for the story.
pub fn begin(artifacts: &Path, cache: &Path, pinned: bool) -> Result<Story<Chain>> {
    let chain = Chain::new(cache, pinned)?;
    with(&chain, |name| artifact(artifacts, name))
}

/// A chain with a suite of this code, ready for the story.
pub fn with(chain: &Chain, code: impl Fn(&str) -> Result<Vec<u8>>) -> Result<Story<Chain>> {
    let suite = deploy(chain, &story::genesis(), code)?;
    let cast = cast()?;
    fund(chain, &cast);
    Story::begin(chain.clone(), suite, cast)
}

pub fn fund(chain: &Chain, cast: &Cast) {
    for person in cast.providers.iter().chain([&cast.tenant, &cast.keeper]) {
        let bank = &mut chain.state.borrow_mut().bank;
        bank.mint(person, FORTUNE, DENOM);
        bank.mint(person, FORTUNE, STAKE);
    }
}

/// A token of which each of them has the same; answers its address.
pub fn token(chain: &Chain, artifacts: &Path, cast: &Cast) -> Result<String> {
    let token = chain.store(TOKEN, &read(artifacts, "test_cw20")?)?;
    let issuer = address::user("issuer")?;
    chain.instantiate(&token, &issuer, &to_json_vec(&story::Token::of(cast))?)?;
    Ok(token)
}

/// What `make wasm` made of a contract.
pub fn artifact(artifacts: &Path, name: &str) -> Result<Vec<u8>> {
    read(artifacts, &format!("leasehold_{name}"))
}

pub fn read(artifacts: &Path, name: &str) -> Result<Vec<u8>> {
    let path = artifacts.join(format!("{name}.wasm"));
    std::fs::read(&path).with_context(|| format!("{}: run `make wasm` first", path.display()))
}

pub fn deploy(
    chain: &Chain,
    genesis: &Genesis,
    code: impl Fn(&str) -> Result<Vec<u8>>,
) -> Result<Suite> {
    let mut addresses = vec![];
    for name in CONTRACTS {
        addresses.push(chain.store(name, &code(name)?)?);
    }
    let suite = Suite::from_addresses(addresses).context("five contracts")?;
    let deployer = address::user("deployer")?;
    let messages = genesis.instantiate_msgs(&suite)?;
    for (contract, msg) in suite.addresses().into_iter().zip(messages) {
        chain.instantiate(contract, &deployer, &msg)?;
    }
    Ok(suite)
}

pub fn cast() -> Result<Cast> {
    Ok(Cast {
        tenant: address::user("tenant")?,
        keeper: address::user("keeper")?,
        providers: [
            address::user("provider0")?,
            address::user("provider1")?,
            address::user("provider2")?,
        ],
    })
}

impl story::Chain for Chain {
    type Receipt = Receipt;

    fn id(&self) -> String {
        CHAIN_ID.into()
    }

    fn execute(
        &self,
        sender: &str,
        contract: &str,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<Receipt> {
        self.execute(sender, contract, msg, funds)
    }

    fn fee(&self, payer: &str) -> Result<Receipt> {
        self.fee(payer, &[coin(5_000, DENOM)])
    }

    fn stored(&self, contract: &str, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.state.borrow_mut().get(contract, key))
    }

    /// By production's parameters: 60 s of bidding, 120 s of commitments and of reveals, a claim window of 60 s, a grace of 1200 s, a day until a vote passes and another one's
    /// timelock, two weeks until what was taken out is paid.
    fn pass(&self, wait: Wait) -> Result<()> {
        let (seconds, blocks) = match wait {
            Wait::Bidding => (61, 12),
            Wait::Commitments | Wait::Window => (121, 24),
            Wait::Beat | Wait::Silence => (600, 100),
            Wait::Vote | Wait::Timelock => (86_401, 14_400),
            Wait::Unbonding => (1_209_601, 201_600),
        };
        let mut state = self.state.borrow_mut();
        state.time += seconds;
        state.height += blocks;
        Ok(())
    }
}

impl story::Receipt for Receipt {
    fn gas(&self) -> u64 {
        self.charges.iter().map(|charge| charge.gas).sum()
    }

    fn data(&self) -> Result<Vec<u8>> {
        let data = self
            .data
            .as_ref()
            .context("the contract answered no data")?;
        Ok(data.to_vec())
    }
}
