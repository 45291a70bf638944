//! The `leasehold:` block: what this market adds to Akash's format. It never reaches the manifest or its hash.
//!
//! ```yaml
//! leasehold:
//!   per: hour              # pricing amounts are per hour; default: per Akash block of 6.5 s
//!   auction: descending    # or open, dutch, sealed, with options: see `auction`
//!   failover: true
//!   duration: 2h           # jobs: paid ahead for this long, over after it; default: until closed
//!   audit_level: benchmarked # what `signedBy` auditors must have done: inventory, benchmarked, attested; default: anything
//!   probes:
//!     web:
//!       readiness: { http: { port: 80, path: /health }, every: 10s, failures: 3 }
//! ```

mod auction;

use std::collections::BTreeMap;

use leasehold_rules::auction::AuctionMode;
use leasehold_rules::resources::MAX_DURATION;
use leasehold_rules::vouch::Level;
use serde::{Deserialize, Serialize};

use crate::quantity::whole_seconds;
use crate::reader::{Cursor, Fields, Unknown};

/// Everything under `leasehold:`, with its defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extensions {
    pub per: PricePeriod,
    /// How the market finds a provider.
    pub auction: AuctionMode,
    /// Whether a lease that fails is placed again by the market.
    pub failover: bool,
    /// Seconds for which each group is paid ahead, as a job that is over after them; absent: until it is closed.
    pub duration: Option<u64>,
    /// How the auditors that a placement names must have come to know what they vouch for, at least.
    pub audit_level: Option<Level>,
    /// By service name.
    pub probes: BTreeMap<String, ServiceProbes>,
}

impl Default for Extensions {
    fn default() -> Self {
        Self {
            per: PricePeriod::default(),
            auction: AuctionMode::default(),
            failover: true,
            duration: None,
            audit_level: None,
            probes: BTreeMap::new(),
        }
    }
}

/// The time that a pricing amount pays for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PricePeriod {
    /// An Akash block, read as 6.5 seconds.
    #[default]
    Block,
    Second,
    Minute,
    Hour,
    /// 30.4375 days, a twelfth of an average year.
    Month,
}

impl PricePeriod {
    /// Length in half seconds, the largest unit that makes all of them whole.
    #[must_use]
    pub const fn half_seconds(self) -> u128 {
        match self {
            Self::Block => 13,
            Self::Second => 2,
            Self::Minute => 120,
            Self::Hour => 7_200,
            Self::Month => 5_259_600,
        }
    }
}

/// Health checks of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceProbes {
    /// Until it passes, the other two do not run.
    pub startup: Option<Probe>,
    /// While it fails, the service gets no traffic.
    pub readiness: Option<Probe>,
    /// When it fails, the service is restarted.
    pub liveness: Option<Probe>,
}

/// One health check. Times in seconds, 1 to 3600 (`after` from 0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    pub check: ProbeCheck,
    /// Wait before the first check.
    pub after: u32,
    /// Time between checks. Default 10.
    pub every: u32,
    /// Default 1.
    pub timeout: u32,
    /// Failures in a row that count, 1 to 100. Default 3.
    pub failures: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProbeCheck {
    /// GET answers with a status of 200 to 399.
    Http { port: u32, path: String },
    /// The port accepts a connection.
    Tcp { port: u32 },
    /// The command, run in the container, ends with status 0.
    Command(Vec<String>),
}

pub(crate) fn extensions(block: &Cursor) -> Extensions {
    let known = [
        "per",
        "auction",
        "failover",
        "duration",
        "audit_level",
        "probes",
    ];
    let fields = block.fields(&known, Unknown::Refuse);
    let defaults = Extensions::default();
    Extensions {
        per: word(&fields, "per", &PERIODS).unwrap_or_default(),
        auction: fields
            .get("auction")
            .and_then(auction::auction)
            .unwrap_or_default(),
        failover: fields
            .get("failover")
            .map_or(defaults.failover, Cursor::flag),
        duration: fields.get("duration").map(job),
        audit_level: word(&fields, "audit_level", &LEVELS),
        probes: fields.get("probes").map(probes).unwrap_or_default(),
    }
}

const PERIODS: [(&str, PricePeriod); 5] = [
    ("block", PricePeriod::Block),
    ("second", PricePeriod::Second),
    ("minute", PricePeriod::Minute),
    ("hour", PricePeriod::Hour),
    ("month", PricePeriod::Month),
];

const LEVELS: [(&str, Level); 3] = [
    (Level::Inventory.as_str(), Level::Inventory),
    (Level::Benchmarked.as_str(), Level::Benchmarked),
    (Level::Attested.as_str(), Level::Attested),
];

fn word<T: Copy>(fields: &Fields, name: &str, words: &[(&str, T)]) -> Option<T> {
    fields.get(name).and_then(|cursor| cursor.choice(words))
}

fn probes(block: &Cursor) -> BTreeMap<String, ServiceProbes> {
    let services = block.entries().into_iter();
    services
        .map(|(service, cursor)| (service.to_owned(), service_probes(&cursor)))
        .collect()
}

fn service_probes(cursor: &Cursor) -> ServiceProbes {
    let fields = cursor.fields(&["startup", "readiness", "liveness"], Unknown::Refuse);
    let read = |name| fields.get(name).and_then(probe);
    ServiceProbes {
        startup: read("startup"),
        readiness: read("readiness"),
        liveness: read("liveness"),
    }
}

fn probe(cursor: &Cursor) -> Option<Probe> {
    const KNOWN: [&str; 7] = [
        "http", "tcp", "command", "after", "every", "timeout", "failures",
    ];
    let fields = cursor.fields(&KNOWN, Unknown::Refuse);
    let checks: Vec<_> = [
        fields.get("http").map(http_check),
        fields.get("tcp").map(tcp_check),
        fields
            .get("command")
            .map(|c| ProbeCheck::Command(c.strings())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let [check] = <[ProbeCheck; 1]>::try_from(checks)
        .map_err(|_| cursor.error("a probe has exactly one of: http, tcp, command"))
        .ok()?;
    Some(Probe {
        check,
        after: seconds(&fields, "after", 0),
        every: seconds(&fields, "every", 10),
        timeout: seconds(&fields, "timeout", 1),
        failures: fields.get("failures").map_or(3, |c| c.integer(1..=100)),
    })
}

fn http_check(cursor: &Cursor) -> ProbeCheck {
    let fields = cursor.fields(&["port", "path"], Unknown::Refuse);
    ProbeCheck::Http {
        port: port(&fields),
        path: fields.get("path").map_or("/".into(), |path| {
            if !path.text().starts_with('/') {
                path.error("must start with /");
            }
            path.string()
        }),
    }
}

fn tcp_check(cursor: &Cursor) -> ProbeCheck {
    let fields = cursor.fields(&["port"], Unknown::Refuse);
    ProbeCheck::Tcp {
        port: port(&fields),
    }
}

fn port(fields: &Fields) -> u32 {
    fields
        .required("port", "1 to 65535")
        .map_or(1, |port| port.integer(1..=65535))
}

fn seconds(fields: &Fields, name: &str, default: u32) -> u32 {
    fields.get(name).map_or(default, |cursor| {
        let seconds = cursor.parsed(|text| whole_seconds(text, 3_600));
        u32::try_from(seconds).unwrap_or(default)
    })
}

fn job(cursor: &Cursor) -> u64 {
    cursor.parsed(|text| whole_seconds(text, MAX_DURATION))
}
