//! Groups that start later: some are kept, some are not, by either side.

use leasehold_api::AuctionMode;
use rand::Rng;

use super::Life;

impl Life {
    pub(super) fn reserve(&mut self) -> anyhow::Result<()> {
        let (who, provider) = (self.tenant(), self.provider());
        let deposit = self.dice.gen_range(1..=4_000);
        let account = self.world.open_account(&who, deposit)?;
        let (units, seconds) = (self.dice.gen_range(1..=30), self.dice.gen_range(1..=60));
        let group = (units, self.auction(units));
        let id = self.world.reserve(&who, account, group, seconds)?;
        if let (AuctionMode::Descending { .. }, true) = (group.1, self.dice.gen_ratio(2, 3)) {
            self.world.bid(&provider, id * 8, units)?;
        }
        if self.dice.gen_ratio(1, 3) {
            self.world.withdraw_all(&who, account)?;
        }
        Ok(())
    }
}
