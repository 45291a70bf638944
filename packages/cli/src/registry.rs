//! The registry's auditors, watchers and what they said.

use std::path::Path;

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coins, Addr, Binary, Coin, Uint128};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::provider::{
    sign_bytes, AttestationResponse, AttestationsResponse, ConfigResponse, ExecuteMsg, Key,
    MemberResponse, MembersResponse, QueryMsg, Role, Trust,
};
use leasehold_api::Denom;
use leasehold_client::{TxOutcome, Wallet};
use serde::Serialize;
use serde_json::json;

use crate::args::EnrolArgs;
use crate::context::{Context, Market};
use crate::output;
use crate::signing::Signer;

pub struct Registry<'a> {
    pub context: &'a Context,
    pub market: Market,
    pub trust: Trust,
}

impl<'a> Registry<'a> {
    pub async fn open(context: &'a Context) -> Result<Self> {
        let market = context.market().await?;
        let config: ConfigResponse = market
            .ask(&market.suite.provider, &QueryMsg::Config {})
            .await?;
        Ok(Registry {
            context,
            market,
            trust: config.params.trust,
        })
    }

    pub fn json(&self) -> bool {
        self.context.global.json
    }

    pub fn denom(&self) -> Denom {
        Denom::Native(self.trust.denom.clone())
    }

    pub fn amount(&self, units: Uint128) -> String {
        output::amount(units.u128(), &self.denom())
    }

    pub fn coins(&self, units: Uint128) -> Vec<Coin> {
        coins(units.u128(), &self.trust.denom)
    }

    pub async fn wallet(&self) -> Result<Wallet> {
        self.context.wallet(&self.market.client).await
    }

    pub async fn send(&self, msg: &ExecuteMsg, funds: &[Coin]) -> Result<TxOutcome> {
        let wallet = self.wallet().await?;
        Ok(wallet
            .execute(&self.market.suite.provider, msg, funds)
            .await?)
    }

    /// What signs for this member: the key in `file`, or else the account's.
    ///
    /// # Errors
    /// It is no member whose word counts, or it joined with another key.
    pub async fn signer(&self, role: Role, file: Option<&Path>) -> Result<Signer> {
        let signer = self.open_signer(file).await?;
        let (address, name) = (&signer.address, role.as_str());
        let member = self
            .member(role, address)
            .await
            .with_context(|| format!("{address} is no {name}; `register` comes first"))?;
        ensure!(
            member.in_good_standing,
            "{address} is jailed or has retired: its word counts for nothing"
        );
        require_key(&member, &signer)?;
        Ok(signer)
    }

    /// The account is not unlocked where another key signs.
    async fn open_signer(&self, file: Option<&Path>) -> Result<Signer> {
        match file {
            Some(file) => {
                let name = self.context.signer_name()?;
                Signer::of_file(self.context.address(Some(&name))?, file)
            }
            None => Ok(Signer::of_account(self.wallet().await?.key())),
        }
    }

    /// A signature of `body`, for this chain and registry alone.
    pub fn sign(&self, signer: &Signer, purpose: &str, body: &impl Serialize) -> Result<Binary> {
        let registry = Addr::unchecked(&self.market.suite.provider);
        let bytes = sign_bytes(purpose, self.market.client.chain_id(), &registry, body)?;
        signer.sign(&bytes)
    }

    pub async fn member(&self, role: Role, address: &str) -> Result<MemberResponse> {
        let address = address.to_owned();
        self.ask(&QueryMsg::Member { role, address }).await
    }

    pub async fn members(&self, role: Role) -> Result<Vec<MemberResponse>> {
        let mut found: Vec<MemberResponse> = Vec::new();
        loop {
            let query = QueryMsg::Members {
                role,
                start_after: found.last().map(|last| last.address.to_string()),
                limit: Some(MAX_LIMIT),
            };
            let page: MembersResponse = self.ask(&query).await?;
            let is_last = page.members.len() < MAX_LIMIT as usize;
            found.extend(page.members);
            if is_last {
                return Ok(found);
            }
        }
    }

    pub async fn attestations(&self, provider: &str) -> Result<Vec<AttestationResponse>> {
        let mut found: Vec<AttestationResponse> = Vec::new();
        loop {
            let query = QueryMsg::Attestations {
                provider: provider.into(),
                start_after: found.last().map(|last| last.auditor.to_string()),
                limit: Some(MAX_LIMIT),
            };
            let page: AttestationsResponse = self.ask(&query).await?;
            let is_last = page.attestations.len() < MAX_LIMIT as usize;
            found.extend(page.attestations);
            if is_last {
                return Ok(found);
            }
        }
    }

    pub async fn ask<T: serde::de::DeserializeOwned>(&self, query: &QueryMsg) -> Result<T> {
        self.market.ask(&self.market.suite.provider, query).await
    }
}

/// Joins, or adds to the bond of one that has joined. Without an amount, the least bond.
pub async fn enrol(context: &Context, role: Role, args: &EnrolArgs) -> Result<()> {
    let registry = Registry::open(context).await?;
    let signer = registry.open_signer(args.key.as_deref()).await?;
    let joined = registry.members(role).await?;
    let member = joined
        .iter()
        .find(|one| one.address.as_str() == signer.address);
    let msg = match (member, &args.key) {
        (Some(member), Some(_)) => {
            require_key(member, &signer)?;
            ExecuteMsg::AddToBond { role }
        }
        (Some(_), None) => ExecuteMsg::AddToBond { role },
        (None, _) => ExecuteMsg::Enrol {
            role,
            key: signer.public(),
        },
    };
    let amount = args.bond.map_or(registry.trust.bond(role), Uint128::new);
    let outcome = registry.send(&msg, &registry.coins(amount)).await?;
    done(&registry, role, &outcome).await
}

/// Nobody is to find out from a refused signature.
fn require_key(member: &MemberResponse, signer: &Signer) -> Result<()> {
    ensure!(
        member.key == signer.public(),
        "{} joined with another key, {}",
        member.address,
        match member.key {
            Key::Secp256k1(_) => "its account's: leave --key out",
            Key::Ed25519(_) => "an Ed25519 key: name its file with --key",
        }
    );
    Ok(())
}

pub async fn retire(context: &Context, role: Role) -> Result<()> {
    let registry = Registry::open(context).await?;
    let outcome = registry.send(&ExecuteMsg::Retire { role }, &[]).await?;
    done(&registry, role, &outcome).await
}

pub async fn withdraw(context: &Context, role: Role) -> Result<()> {
    let registry = Registry::open(context).await?;
    let address = context.address(None)?;
    let member = registry.member(role, &address).await?;
    let outcome = registry
        .send(&ExecuteMsg::WithdrawBond { role }, &[])
        .await?;
    let paid = member.bond.saturating_add(member.fees);
    if registry.json() {
        return output::json(&json!({"tx": outcome.hash, "paid": paid}));
    }
    println!("{address} has back {}", registry.amount(paid));
    Ok(())
}

async fn done(registry: &Registry<'_>, role: Role, outcome: &TxOutcome) -> Result<()> {
    let address = registry.context.address(None)?;
    let member = registry.member(role, &address).await?;
    if registry.json() {
        return output::json(&json!({"tx": outcome.hash, "member": member}));
    }
    let now = registry.market.now().await?;
    println!(
        "{} {address}: bond {}, {}",
        role.as_str(),
        registry.amount(member.bond),
        standing(&member, now)
    );
    Ok(())
}

/// In words.
pub fn standing(member: &MemberResponse, now: u64) -> String {
    match member.leaves_at {
        _ if member.jailed => "jailed".into(),
        Some(at) => format!(
            "retired, bond back in {}",
            output::span(at.saturating_sub(now))
        ),
        None => "in good standing".into(),
    }
}

/// All members of a role.
pub async fn list(registry: &Registry<'_>, role: Role) -> Result<()> {
    let members = registry.members(role).await?;
    if registry.json() {
        return output::json(&members);
    }
    let now = registry.market.now().await?;
    let rows = members.iter().map(|member| {
        [
            member.address.to_string(),
            registry.amount(member.bond),
            registry.amount(member.fees),
            standing(member, now),
        ]
    });
    println!(
        "{}",
        output::table([role.as_str(), "bond", "fees", "standing"], rows)
    );
    Ok(())
}
