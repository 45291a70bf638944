//! What holds of money, rates and counts at any time.

use super::*;

impl Harness {
    /// Invariants 1 and 5: what the bank holds for escrow is what the books say, and rates and counts add up.
    pub fn check_books(&self) {
        let storage = self.app.contract_storage(&self.escrow);
        let storage = storage.as_ref();
        let mut accounts: Vec<_> = ACCOUNTS
            .range(storage, None, None, Order::Ascending)
            .collect::<StdResult<_>>()
            .unwrap();
        for (_, account) in &mut accounts {
            // A collect leaves an account unsettled when it has nothing to give back to it.
            account.settle(self.now()).unwrap();
        }
        let streams: Vec<_> = STREAMS
            .range(storage, None, None, Order::Ascending)
            .collect::<StdResult<_>>()
            .unwrap();
        let holds: Vec<(u64, Hold)> = HOLDS
            .range(storage, None, None, Order::Ascending)
            .collect::<StdResult<_>>()
            .unwrap();
        let set_aside = |account: u64| -> u128 {
            let own = holds.iter().filter(|(_, hold)| hold.account == account);
            own.map(|(_, hold)| hold.amount.u128() * SCALE).sum()
        };
        for (id, account) in &accounts {
            let own = || streams.iter().filter(|(_, s)| s.account == *id);
            let by_second = own().filter(|(_, s)| s.until.is_none());
            let rate: u128 = by_second.map(|(_, s)| s.rate.u128()).sum();
            assert_eq!(account.rate.u128(), rate, "rate of account {id}");
            let ahead = |s: &Stream| s.until.map_or(0, |until| until.saturating_sub(s.at));
            let prepaid = own().map(|(_, s)| s.rate.u128() * u128::from(ahead(s)));
            assert_eq!(
                account.prepaid.u128(),
                prepaid.sum::<u128>() + set_aside(*id)
            );
            assert_eq!(account.streams as usize, own().count());
        }
        let token = Denom::Cw20(self.token.to_string());
        for denom in [akt(), Denom::Native(ATOM.into()), token] {
            let held = match &denom {
                Denom::Native(name) => self
                    .app
                    .wrap()
                    .query_balance(&self.escrow, name)
                    .unwrap()
                    .amount
                    .u128(),
                Denom::Cw20(_) => self.tokens(&self.escrow),
            };
            let fees = FEES
                .may_load(storage, &denom.key())
                .unwrap()
                .map_or(0, |amount| amount.u128());
            let of_accounts: u128 = accounts
                .iter()
                .filter(|(_, a)| a.denom == denom)
                .map(|(id, a)| {
                    let owed: u128 = streams
                        .iter()
                        .filter(|(_, s)| s.account == *id)
                        .map(|(_, s)| s.owed(a).unwrap())
                        .sum();
                    a.balance.u128() + owed + set_aside(*id)
                })
                .sum();
            assert_eq!(held * SCALE, of_accounts + fees * SCALE, "books of {denom}");
        }
    }
}
