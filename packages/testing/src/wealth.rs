//! What a party owns, wherever it lies: so that an attack's gain and its victim's loss are measured and not argued.

use std::collections::BTreeMap;

use anyhow::Result;
use cosmwasm_std::{Addr, Storage};
use cw_storage_plus::Map;
use leasehold_api::provider::{HOT, UNBONDINGS};
use leasehold_api::{escrow, Asset, Denom, SCALE};
use leasehold_rules::stream::{Account, Stream};
use serde::{de::DeserializeOwned, Serialize};

use crate::snapshot::Snapshot;
use crate::world::World;

/// Scaled amounts by denom, of one party or of several together.
pub type Wealth = BTreeMap<Denom, i128>;

impl World {
    /// What `parties` own together now, scaled: in their pockets, as collateral and on its way out of it, in accounts, as rent earned and
    /// not collected (before the fee) or paid ahead for a silent payee, and as payments that wait. Bonds count as owned until slashed.
    ///
    /// # Errors
    /// A record that does not decode; a sum beyond 127 bits.
    pub fn wealth(&self, parties: &[&Addr]) -> Result<Wealth> {
        let snapshot = self.snapshot();
        let mut wealth = Wealth::new();
        for party in parties {
            let mut own = |denom: &Denom, scaled: u128| -> Result<()> {
                *wealth.entry(denom.clone()).or_default() += i128::try_from(scaled)?;
                Ok(())
            };
            for denom in [self.rent_denom(), self.token_denom()] {
                own(&denom, units(self.balance(party, &denom).u128()))?;
            }
            for asset in held(&snapshot, party)? {
                own(&asset.denom, units(asset.amount.u128()))?;
            }
            for (denom, scaled) in streaming(&snapshot, party)? {
                own(&denom, scaled)?;
            }
        }
        Ok(wealth)
    }
}

/// Collateral, unbondings and refused payments.
fn held(snapshot: &Snapshot, party: &Addr) -> Result<Vec<Asset>> {
    let registry = &snapshot.storages.provider;
    let collateral = HOT.may_load(registry, party)?.map(|hot| hot.collateral);
    let unbonding = UNBONDINGS.may_load(registry, party)?.unwrap_or_default();
    let unpaid = escrow::UNPAID
        .prefix(party)
        .range(
            &snapshot.storages.escrow,
            None,
            None,
            cosmwasm_std::Order::Ascending,
        )
        .map(|entry| entry.map(|(_, asset)| asset))
        .collect::<Result<Vec<Asset>, _>>()?;
    Ok(collateral
        .unwrap_or_default()
        .into_iter()
        .chain(unbonding.into_iter().map(|unbonding| unbonding.asset))
        .chain(unpaid)
        .collect())
}

/// Accounts of a party and streams to it, all brought up to the snapshot's time.
fn streaming(snapshot: &Snapshot, party: &Addr) -> Result<Vec<(Denom, u128)>> {
    let storage = &snapshot.storages.escrow;
    let mut accounts: BTreeMap<u64, Account> = load(&escrow::ACCOUNTS, storage)?;
    for account in accounts.values_mut() {
        account.settle(snapshot.now)?;
    }
    let streams: BTreeMap<u64, Stream> = load(&escrow::STREAMS, storage)?;
    let mut found = vec![];
    for mut stream in streams.into_values() {
        let Some(account) = accounts.get_mut(&stream.account) else {
            continue;
        };
        let live = HOT.load(&snapshot.storages.provider, &stream.payee)?.live;
        let (alive, moment) = stream.witness(Some(&live), snapshot.now)?;
        stream.reconcile(account, alive, moment)?;
        if stream.payee == *party {
            found.push((account.denom.clone(), stream.unclaimed.u128()));
        }
    }
    let own = accounts.into_values().filter(|a| a.owner == *party);
    // What is set aside for jobs returns unless it is earned.
    found.extend(own.map(|a| (a.denom, a.balance.u128() + a.prepaid.u128())));
    Ok(found)
}

fn load<T: Serialize + DeserializeOwned>(
    map: &Map<u64, T>,
    storage: &dyn Storage,
) -> Result<BTreeMap<u64, T>> {
    let all = map.range(storage, None, None, cosmwasm_std::Order::Ascending);
    Ok(all.collect::<Result<_, _>>()?)
}

fn units(amount: u128) -> u128 {
    amount.saturating_mul(SCALE)
}

/// Two sides of an attack and what they owned before it.
pub struct Attack {
    attackers: Vec<Addr>,
    victims: Vec<Addr>,
    before: [Wealth; 2],
}

/// What an attack did, in scaled units of the denoms that matter: rent and the honest token.
#[derive(Debug)]
pub struct Outcome {
    /// Of all attackers together, by denom.
    pub gain: Wealth,
    /// Of all victims together, by denom.
    pub loss: Wealth,
}

impl Attack {
    /// # Errors
    /// See [`World::wealth`].
    pub fn begin(world: &World, attackers: &[&Addr], victims: &[&Addr]) -> Result<Self> {
        let own = |parties: &[&Addr]| parties.iter().map(|party| (*party).clone()).collect();
        Ok(Attack {
            before: [world.wealth(attackers)?, world.wealth(victims)?],
            attackers: own(attackers),
            victims: own(victims),
        })
    }

    /// What it came to, with the invariants checked.
    ///
    /// # Errors
    /// See [`World::wealth`].
    pub fn end(&self, world: &World) -> Result<Outcome> {
        world.check();
        let now = |parties: &[Addr]| world.wealth(&parties.iter().collect::<Vec<_>>());
        let [attackers, victims] = &self.before;
        Ok(Outcome {
            gain: difference(&now(&self.attackers)?, attackers, &denoms(world)),
            loss: difference(victims, &now(&self.victims)?, &denoms(world)),
        })
    }
}

fn denoms(world: &World) -> [Denom; 2] {
    [world.rent_denom(), world.token_denom()]
}

fn difference(more: &Wealth, less: &Wealth, denoms: &[Denom]) -> Wealth {
    let of = |wealth: &Wealth, denom| wealth.get(denom).copied().unwrap_or(0);
    denoms
        .iter()
        .map(|denom| (denom.clone(), of(more, denom) - of(less, denom)))
        .collect()
}

impl Outcome {
    /// Asserts that the attackers gained at most `gain` and the victims lost at most `loss`, whole units of rent; of the honest token
    /// nobody gained or lost anything.
    ///
    /// # Panics
    /// When they did.
    pub fn at_most(&self, gain: u128, loss: u128) {
        for (wealth, most, what) in [(&self.gain, gain, "gain"), (&self.loss, loss, "loss")] {
            for (denom, scaled) in wealth {
                let most = match denom {
                    Denom::Native(_) => units(most),
                    Denom::Cw20(_) => 0,
                };
                let fits = i128::try_from(most).is_ok_and(|most| *scaled <= most);
                assert!(
                    fits,
                    "{what} of {scaled} {denom}, at most {most}: {self:#?}"
                );
            }
        }
    }

    /// What the attackers lost of the rent denom, in whole units.
    pub fn cost(&self) -> i128 {
        let rent = self
            .gain
            .iter()
            .find(|(denom, _)| matches!(denom, Denom::Native(_)));
        rent.map_or(0, |(_, scaled)| -scaled / SCALE as i128)
    }
}
