//! Notices that the chain stood still.

/// The blocks that this agent looked at last, and when the chain went on after a halt; block times in seconds.
#[derive(Debug, Default)]
pub struct Halts {
    seen: Option<(u64, u64)>,
    resumed_at: u64,
}

impl Halts {
    /// Enters the block `height` of time `now`; answers when the chain last went on after a halt: a stretch of at least a third of the
    /// grace with less than ten blocks a grace. Zero when none was seen.
    pub fn enter(&mut self, height: u64, now: u64, grace: u64) -> u64 {
        if let Some((former, at)) = self.seen.replace((height, now)) {
            let (blocks, seconds) = (height.saturating_sub(former), now.saturating_sub(at));
            let is_slow = blocks.saturating_mul(grace) < seconds.saturating_mul(10);
            if is_slow && seconds >= grace / 3 {
                self.resumed_at = now;
            }
        }
        self.resumed_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halt_is_a_long_time_with_few_blocks() {
        let mut halts = Halts::default();
        assert_eq!(halts.enter(10, 1_000, 60), 0, "nothing to compare it with");
        assert_eq!(halts.enter(13, 1_015, 60), 0, "slow, not halted");
        assert_eq!(halts.enter(33, 1_100, 60), 0, "the agent was away");
        assert_eq!(halts.enter(34, 1_120, 60), 1_120);
        assert_eq!(halts.enter(35, 1_125, 60), 1_120);
    }
}
