//! The top level of a file.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::error::shown;
use crate::extensions::extensions;
use crate::model::{Document, Placed, Version};
use crate::profiles::{compute_profiles, placements};
use crate::quantity;
use crate::reader::{Cursor, Unknown};
use crate::services::services;

/// Most replicas of one service in one placement, as in Akash.
const MAX_COUNT: u32 = 50;

pub(crate) fn document(root: &Cursor) -> Document {
    const KNOWN: [&str; 8] = [
        "version",
        "services",
        "profiles",
        "deployment",
        "endpoints",
        "reclamation",
        "include",
        "leasehold",
    ];
    let fields = root.fields(&KNOWN, Unknown::Refuse);
    let profiles = fields
        .required("profiles", "compute and placement")
        .map(|c| c.fields(&["compute", "placement"], Unknown::Warn));
    let profile = |name| profiles.as_ref()?.required(name, "at least one profile");
    Document {
        version: fields
            .required("version", "2.0 or 2.1")
            .and_then(version)
            .unwrap_or_default(),
        services: fields
            .required("services", "at least one service")
            .map(services)
            .unwrap_or_default(),
        compute: profile("compute").map(compute_profiles).unwrap_or_default(),
        placement: profile("placement").map(placements).unwrap_or_default(),
        deployment: fields
            .required("deployment", "at least one service")
            .map(deployment)
            .unwrap_or_default(),
        endpoints: fields.get("endpoints").map(endpoints).unwrap_or_default(),
        reclamation: fields.get("reclamation").and_then(reclamation),
        extensions: fields.get("leasehold").map(extensions).unwrap_or_default(),
    }
}

/// As tolerant as Akash: `2`, `2.0`, `v2.0.0`.
fn version(cursor: &Cursor) -> Option<Version> {
    let text = cursor.text();
    match text.trim_start_matches('v') {
        "2" | "2.0" | "2.0.0" => Some(Version::V2_0),
        "2.1" | "2.1.0" => Some(Version::V2_1),
        _ => {
            cursor.error(format!("version {} is not allowed: 2.0, 2.1", shown(text)));
            None
        }
    }
}

fn deployment(section: &Cursor) -> BTreeMap<String, BTreeMap<String, Placed>> {
    let services = section.entries().into_iter();
    services
        .map(|(service, cursor)| {
            let placements = cursor.entries().into_iter();
            let placed = placements.map(|(name, cursor)| (name.to_owned(), placed(&cursor)));
            (service.to_owned(), placed.collect())
        })
        .collect()
}

fn placed(cursor: &Cursor) -> Placed {
    let fields = cursor.fields(&["profile", "count"], Unknown::Warn);
    Placed {
        profile: fields
            .required("profile", "name of a compute profile")
            .map(Cursor::string)
            .unwrap_or_default(),
        count: fields
            .required("count", "number of replicas")
            .map_or(1, |c| c.integer(1..=MAX_COUNT)),
    }
}

fn endpoints(section: &Cursor) -> BTreeSet<String> {
    let entries = section.entries().into_iter();
    entries
        .map(|(name, cursor)| {
            endpoint(name, &cursor);
            name.to_owned()
        })
        .collect()
}

fn endpoint(name: &str, cursor: &Cursor) {
    if !is_endpoint_name(name) {
        cursor.error(format!(
            "endpoint name {} is not allowed: a-z, 0-9, - and _, two or more, from a letter",
            shown(name)
        ));
    }
    let fields = cursor.fields(&["kind"], Unknown::Warn);
    if let Some(kind) = fields.required("kind", "ip") {
        kind.choice(&[("ip", ())]);
    }
}

/// `[a-z]+[-_0-9a-z]+`
fn is_endpoint_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b);
    name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(allowed)
}

fn reclamation(cursor: &Cursor) -> Option<Duration> {
    let fields = cursor.fields(&["min_window"], Unknown::Warn);
    let window = fields.required("min_window", "a duration such as 24h")?;
    Some(window.parsed(quantity::duration))
}
