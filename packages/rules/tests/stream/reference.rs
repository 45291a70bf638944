//! The naive meaning of the rule: each second the account pays all open streams or none, and each payee is alive or not. A prepaid
//! stream is paid each second until its end, from what was set aside.

/// What one open stream has seen since its last reconcile, in seconds.
#[derive(Debug, Default, Clone, Copy)]
pub struct Seen {
    pub funded_alive: u64,
    pub funded_dead: u64,
    pub dry_alive: u64,
    pub dry_dead: u64,
    /// Of a prepaid stream: silent after its end and, so far, without a heartbeat since.
    pub late_dead: u64,
}

#[derive(Debug)]
pub struct RefStream {
    pub payee: usize,
    pub rate: u128,
    pub seen: Seen,
    /// Scaled, not yet paid out.
    pub unclaimed: u128,
    /// End of a prepaid stream.
    pub until: Option<u64>,
}

impl RefStream {
    /// Rent that is still set aside.
    pub fn ahead(&self, now: u64) -> u128 {
        let seconds = self.until.map_or(0, |until| until.saturating_sub(now));
        self.rate * u128::from(seconds)
    }
}

#[derive(Debug, Default)]
pub struct Reference {
    pub now: u64,
    /// Scaled.
    pub balance: u128,
    pub funded: u64,
    /// End of the last second that was paid for and left less than another second.
    pub dry_at: Option<u64>,
    /// By payee: silent from then on.
    pub until: Vec<u64>,
    /// By payee.
    pub alive: Vec<u64>,
    pub streams: Vec<Option<RefStream>>,
}

impl Reference {
    pub fn rate(&self) -> u128 {
        let streams = self.streams.iter().flatten();
        streams.filter(|s| s.until.is_none()).map(|s| s.rate).sum()
    }

    pub fn second(&mut self) {
        let rate = self.rate();
        let funded = rate > 0 && self.balance >= rate;
        if funded {
            self.balance -= rate;
            self.funded += 1;
            if self.balance < rate {
                self.dry_at = Some(self.now + 1);
            }
        }
        for (payee, seconds) in self.alive.iter_mut().enumerate() {
            *seconds += u64::from(self.now < self.until[payee]);
        }
        for stream in self.streams.iter_mut().flatten() {
            let seen = &mut stream.seen;
            let is_over = stream.until.is_some_and(|until| self.now >= until);
            let paid = stream.until.map_or(funded, |_| !is_over);
            *match (paid, self.now < self.until[stream.payee]) {
                (false, false) if is_over => &mut seen.late_dead,
                (true, true) => &mut seen.funded_alive,
                (true, false) => &mut seen.funded_dead,
                (false, true) => &mut seen.dry_alive,
                (false, false) => &mut seen.dry_dead,
            } += 1;
        }
        self.now += 1;
    }

    /// Only now is it known how long the payee has lived since the end of its prepaid streams.
    pub fn beat(&mut self, payee: usize, until: u64) {
        self.until[payee] = until;
        for stream in self.streams.iter_mut().flatten() {
            if stream.payee == payee {
                stream.seen.dry_dead += std::mem::take(&mut stream.seen.late_dead);
            }
        }
    }

    /// Seconds that the stream earns: funded and alive, less the seconds in which both the account was dry and the payee silent.
    pub fn reconcile(&mut self, stream: usize) -> (Seen, u64) {
        let stream = self.streams[stream].as_mut().unwrap();
        let seen = std::mem::take(&mut stream.seen);
        let earned = seen.funded_alive.saturating_sub(seen.dry_dead);
        let returned = seen.funded_alive + seen.funded_dead - earned;
        stream.unclaimed += stream.rate * u128::from(earned);
        self.balance += stream.rate * u128::from(returned);
        (seen, earned)
    }

    /// When the account runs out, or did.
    pub fn depletes_at(&self) -> Option<u64> {
        match self.balance.checked_div(self.rate())? {
            0 => self.dry_at,
            runway => self.now.checked_add(u64::try_from(runway).ok()?),
        }
    }
}
