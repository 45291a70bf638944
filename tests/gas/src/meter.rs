//! What everything costs: the Cosmos SDK's store prices and wasmd's gas register (SDK 0.53, wasmd 0.61), and the record of what was
//! charged for what.

/// CosmWasm gas for one unit of SDK gas.
pub const MULTIPLIER: u64 = 140_000;
/// Loading a contract that is in memory for sure: pinned, seen in this transaction, or replied to.
pub const INSTANCE_WARM: u64 = 2_000;
pub const INSTANCE_COLD: u64 = 60_000;
pub const TX_BYTE: u64 = 10;
pub const SIGNATURE: u64 = 1_000;
const ATTRIBUTE: u64 = 10;
const CUSTOM_EVENT: u64 = 20;
/// Attribute bytes of one response that cost nothing.
const FREE_ATTRIBUTE_BYTES: u64 = 100;
const HAS: u64 = 1_000;
const DELETE: u64 = 1_000;
const READ: u64 = 1_000;
const READ_BYTE: u64 = 3;
const WRITE: u64 = 2_000;
const WRITE_BYTE: u64 = 30;
const NEXT: u64 = 30;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Read,
    Write,
    Delete,
    Has,
    Next,
    /// Loading a contract.
    Load,
    /// The contract's own work and its answer.
    Run,
    Events,
    Transaction,
}

/// One charge.
#[derive(Clone, Debug)]
pub struct Charge {
    /// How deep in the tree of calls.
    pub depth: usize,
    pub kind: Kind,
    /// Whose: a contract's name, or the chain's module.
    pub of: String,
    pub what: String,
    /// Key and value, the chain's prefix of a contract's keys included.
    pub bytes: usize,
    pub gas: u64,
}

/// What a contract was told, and did.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Message {
    /// A contract's name, or who else sends messages.
    pub from: String,
    pub to: String,
    pub name: String,
}

#[derive(Default)]
pub struct Meter {
    pub charges: Vec<Charge>,
    pub messages: Vec<Message>,
    pub depth: usize,
    total: u64,
}

impl Meter {
    pub fn charge(
        &mut self,
        kind: Kind,
        of: &str,
        what: impl Into<String>,
        bytes: usize,
        gas: u64,
    ) {
        self.total += gas;
        let charge = Charge {
            depth: self.depth,
            kind,
            of: of.into(),
            what: what.into(),
            bytes,
            gas,
        };
        self.charges.push(charge);
    }

    /// Gas so far.
    pub fn total(&self) -> u64 {
        self.total
    }

    pub fn read(&mut self, of: &str, what: impl Into<String>, bytes: usize) {
        self.charge(Kind::Read, of, what, bytes, READ + READ_BYTE * bytes as u64);
    }

    pub fn write(&mut self, of: &str, what: impl Into<String>, bytes: usize) {
        self.charge(
            Kind::Write,
            of,
            what,
            bytes,
            WRITE + WRITE_BYTE * bytes as u64,
        );
    }

    pub fn delete(&mut self, of: &str, what: impl Into<String>) {
        self.charge(Kind::Delete, of, what, 0, DELETE);
    }

    pub fn has(&mut self, of: &str, what: impl Into<String>) {
        self.charge(Kind::Has, of, what, 0, HAS);
    }

    /// A step of an iterator onto an entry of `bytes`; past the last one nothing but the step is paid.
    pub fn next(&mut self, of: &str, what: impl Into<String>, bytes: usize) {
        self.charge(Kind::Next, of, what, bytes, NEXT + READ_BYTE * bytes as u64);
    }
}

/// What a response's events cost: `plain` are the attributes of its own `wasm` event, `custom` the others, by type.
pub fn events<'a>(
    plain: &[(&str, &str)],
    custom: impl Iterator<Item = (&'a str, Vec<(&'a str, &'a str)>)>,
) -> u64 {
    let mut free = FREE_ATTRIBUTE_BYTES;
    let mut attributes = |list: &[(&str, &str)]| {
        let bytes: u64 = list
            .iter()
            .map(|(key, value)| (key.len() + value.len()) as u64)
            .sum();
        let paid = bytes.saturating_sub(free);
        free = free.saturating_sub(bytes);
        paid + ATTRIBUTE * list.len() as u64
    };
    let own = attributes(plain);
    own + custom
        .map(|(kind, list)| CUSTOM_EVENT + kind.len() as u64 + attributes(&list))
        .sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_bytes_are_shared_by_all_events_of_a_response() {
        let long = "v".repeat(60);
        let list = vec![("key", long.as_str())];
        assert_eq!(events(&list, std::iter::empty()), 10);
        let two = [("a", list.clone()), ("b", list)];
        assert_eq!(
            events(&[], two.into_iter()),
            (20 + 1 + 10) + (20 + 1 + 10 + 26)
        );
    }

    #[test]
    fn a_store_operation_costs_what_the_sdk_asks() {
        let mut meter = Meter::default();
        meter.read("x", "k", 100);
        meter.write("x", "k", 100);
        meter.delete("x", "k");
        assert_eq!(meter.total(), 1_300 + 5_000 + 1_000);
    }
}
