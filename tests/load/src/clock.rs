//! Which blocks a phase took, and how much processor time.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::agents::Agent;
use crate::blocks::{Block, Stretch};
use crate::ground::Ground;
use crate::phase::Phase;
use crate::process::{node_pid, processors, ByName, Watch};

pub struct Clock<'a> {
    ground: &'a Ground,
    pub watch: Watch,
    pub laps: Vec<Lap>,
}

pub struct Start {
    at: Instant,
    height: u64,
    taken: ByName,
}

pub struct Lap {
    name: &'static str,
    pub heights: RangeInclusive<u64>,
    cores: BTreeMap<String, f64>,
}

impl<'a> Clock<'a> {
    /// Of node, crowd and agents.
    pub fn new(ground: &'a Ground, home: &str, agents: &[Agent]) -> Result<Self> {
        Ok(Clock {
            ground,
            watch: watch(home, agents)?,
            laps: vec![],
        })
    }

    pub async fn start(&self) -> Result<Start> {
        self.ground.beat().await?;
        Ok(Start {
            height: self.ground.client.status().await?.height,
            taken: self.watch.now(),
            at: Instant::now(),
        })
    }

    pub async fn lap(&mut self, name: &'static str, start: Start) -> Result<()> {
        let milliseconds = start.at.elapsed().as_millis() as f64;
        let taken = self.watch.now();
        let cores = taken.iter().map(|(name, taken)| {
            let before = start.taken.get(name).copied().unwrap_or_default();
            let cores = (taken.cpu_ms - before.cpu_ms) as f64 / milliseconds;
            (name.clone(), cores)
        });
        let cores = cores.collect();
        let heights = start.height + 1..=self.ground.client.status().await?.height;
        println!("{name}: {:.1} s", milliseconds / 1_000.0);
        self.laps.push(Lap {
            name,
            heights,
            cores,
        });
        Ok(())
    }
}

impl Lap {
    pub fn phase(self, blocks: &[Block], block_gas: u64) -> Result<Phase> {
        let with_before = self.heights.start() - 1..=*self.heights.end();
        let mut own = blocks.to_vec();
        own.retain(|block| with_before.contains(&block.height));
        let stretch = Stretch::of(&own).context(self.name)?;
        let processors = processors()?;
        Ok(Phase::new(
            self.name, stretch, self.cores, block_gas, processors,
        ))
    }
}

fn watch(home: &str, agents: &[Agent]) -> Result<Watch> {
    let mut pids = vec![
        ("node".to_owned(), node_pid(home)?),
        ("crowd".to_owned(), std::process::id()),
    ];
    for (i, agent) in agents.iter().enumerate() {
        pids.push((format!("agent {i}"), agent.pid()?));
    }
    Ok(Watch::start(pids))
}
