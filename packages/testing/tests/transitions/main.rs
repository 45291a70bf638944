//! The transition tables of `docs/spec`, run: every row is taken, and every message that a state's rows do not name is refused in it. A
//! row that nobody knows how to drive fails.

mod deployment;
mod escrow;
mod market;
mod provider;
mod stage;
mod trust;

use std::collections::BTreeSet;

use anyhow::{bail, ensure, Context as _, Result};
use leasehold_testing::markdown::{names, tables, Table};
use leasehold_testing::messages::execute_messages;

use stage::Stage;

const COLUMNS: [&str; 5] = ["from", "message", "when", "to", "also"];
const OUTSIDE: &str = "Outside th";
/// Time alone, as a message.
const TIME: &str = "time";

/// How to drive one table. `when` is a list of circumstances, comma between.
struct Machine {
    page: &'static str,
    heading: &'static str,
    /// A world in which the thing is in `state` and `message` could be sent as `when` says; `None` for a name that nobody knows.
    stage: fn(state: &str, message: &str, when: &str) -> Option<Stage>,
    state: fn(&Stage) -> String,
    /// Sends the message; `None` for a name that nobody knows.
    send: fn(&mut Stage, message: &str, when: &str) -> Option<Result<()>>,
}

/// One expanded row.
#[derive(Debug)]
struct Row {
    from: String,
    message: String,
    /// Does not name the thing.
    foreign: bool,
    when: String,
    to: String,
}

impl Machine {
    /// Runs the whole table.
    fn run(&self) {
        let rows = self.rows().unwrap();
        let mut failed = vec![];
        for row in &rows {
            if let Err(error) = self.take(row) {
                failed.push(format!("{row:?}: {error:#}"));
            }
        }
        for (state, message) in absent(&rows) {
            if let Err(error) = self.refuse(state, message) {
                failed.push(format!("{message} is no row of {state}: {error:#}"));
            }
        }
        assert!(failed.is_empty(), "{}: {failed:#?}", self.heading);
    }

    fn rows(&self) -> Result<Vec<Row>> {
        let tables = tables(self.page)?;
        let table = tables
            .iter()
            .find(|table| table.heading == self.heading && table.columns == COLUMNS);
        expand(table.with_context(|| format!("a table of {}", self.heading))?)
    }

    fn take(&self, row: &Row) -> Result<()> {
        let mut stage = self.prepare(&row.from, &row.message, &row.when)?;
        let sent = (self.send)(&mut stage, &row.message, &row.when).context("nobody sends it")?;
        let now = (self.state)(&stage);
        match row.to.as_str() {
            "refused" => {
                ensure!(sent.is_err(), "it was accepted, now {now}");
                ensure!(now == row.from, "it was refused and is {now} now");
            }
            to => {
                sent?;
                let to = if to == "same" { &row.from } else { to };
                ensure!(now == to, "it is {now} now");
                stage.world.check();
            }
        }
        Ok(())
    }

    fn refuse(&self, state: &str, message: &str) -> Result<()> {
        let mut stage = self.prepare(state, message, "")?;
        let sent = (self.send)(&mut stage, message, "").context("nobody sends it")?;
        ensure!(message == TIME || sent.is_err(), "it was accepted");
        let now = (self.state)(&stage);
        ensure!(now == state, "it is {now} now");
        Ok(())
    }

    fn prepare(&self, state: &str, message: &str, when: &str) -> Result<Stage> {
        let stage = (self.stage)(state, message, when).context("nobody knows how to get there")?;
        let now = (self.state)(&stage);
        ensure!(now == state, "the stage is set to {now}");
        Ok(stage)
    }
}

fn expand(table: &Table) -> Result<Vec<Row>> {
    let mut rows = vec![];
    for cells in &table.rows {
        let [from, message, when, to, _] = cells.as_slice() else {
            bail!("five cells: {cells:?}");
        };
        for from in from.split(", ") {
            for message in message.split(", ") {
                rows.push(Row {
                    from: from.into(),
                    message: message.trim_matches('*').into(),
                    foreign: message.starts_with('*'),
                    when: when.clone(),
                    to: to.clone(),
                });
            }
        }
    }
    Ok(rows)
}

/// Pairs of a state and a message of the table that no row names.
fn absent(rows: &[Row]) -> Vec<(&str, &str)> {
    let named = |row: &&Row| !["refused", "same"].contains(&row.to.as_str());
    let from = rows.iter().map(|row| row.from.as_str());
    let to = rows.iter().filter(named).map(|row| row.to.as_str());
    let states: BTreeSet<&str> = from.chain(to).collect();
    let own = rows.iter().filter(|row| !row.foreign);
    let messages: BTreeSet<&str> = own.map(|row| row.message.as_str()).collect();
    let pairs = states
        .into_iter()
        .flat_map(|state| messages.iter().map(move |message| (state, *message)));
    pairs
        .filter(|pair| !rows.iter().any(|row| (&*row.from, &*row.message) == *pair))
        .collect()
}

/// Every message of the contract has a place: in a table of its page, or in the line that says which have none.
fn complete(contract: &str, page: &str) {
    let mut placed = BTreeSet::new();
    for table in tables(page).unwrap() {
        if table.columns == COLUMNS {
            placed.extend(expand(&table).unwrap().into_iter().map(|row| row.message));
        }
    }
    placed.remove(TIME);
    let outside = page.lines().filter(|line| line.starts_with(OUTSIDE));
    placed.extend(outside.flat_map(names).map(String::from));
    assert_eq!(placed, execute_messages(contract).unwrap(), "{contract}");
}

#[test]
fn every_message_has_a_place() {
    complete("deployment", deployment::PAGE);
    complete("market", market::PAGE);
    complete("escrow", escrow::PAGE);
    complete("provider", provider::PAGE);
}

#[test]
fn absent_pairs_are_found() {
    let row = |from: &str, message: &str, foreign, to: &str| Row {
        from: from.into(),
        message: message.into(),
        foreign,
        when: String::new(),
        to: to.into(),
    };
    let rows = [
        row("none", "open", true, "idle"),
        row("idle", "close", false, "none"),
        row("idle", "look", false, "same"),
    ];
    assert_eq!(absent(&rows), [("none", "close"), ("none", "look")]);
}
