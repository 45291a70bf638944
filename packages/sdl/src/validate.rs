//! Checks that span sections: every name that is used exists, and nothing collides.

use std::collections::BTreeMap;

use crate::error::shown;
use crate::manifest::Protocol;
use crate::model::{Compute, Document, Expose, Placement, Price, Service, Tee};
use crate::reader::{Path, Report};

/// One service in one placement, with everything it names.
pub(crate) struct Assignment<'a> {
    pub service_name: &'a str,
    pub service: &'a Service,
    pub placement_name: &'a str,
    pub placement: &'a Placement,
    pub profile: &'a str,
    pub compute: &'a Compute,
    pub price: &'a Price,
    pub count: u32,
}

/// The deployment's entries, resolved, by service and then placement. Reports what is missing and what contradicts.
pub(crate) fn assignments<'a>(document: &'a Document, report: &Report) -> Vec<Assignment<'a>> {
    let mut found = Vec::new();
    for (service, placements) in &document.deployment {
        for placement in placements.keys() {
            found.extend(assignment(document, report, service, placement));
        }
    }
    if found.is_empty() && !report.has_errors() {
        report.error(&Path::of(&["deployment"]), "places no service");
    }
    for assignment in &found {
        check_tee(assignment, report);
        check_mounts(assignment, report);
    }
    check_unused(document, report);
    check_exposes(document, &found, report);
    check_denoms(&found, report);
    check_tees_agree(&found, report);
    found
}

fn assignment<'a>(
    document: &'a Document,
    report: &Report,
    service_name: &'a str,
    placement_name: &'a str,
) -> Option<Assignment<'a>> {
    let placed = &document.deployment[service_name][placement_name];
    let path = Path::of(&["deployment", service_name, placement_name]);
    let profile = placed.profile.as_str();
    let missing = |path: &Path, what: &str, name: &str| {
        report.error(path, format!("no {what} is named {}", shown(name)));
    };
    let service = document.services.get(service_name);
    if service.is_none() {
        missing(
            &Path::of(&["deployment", service_name]),
            "service",
            service_name,
        );
    }
    let compute = document.compute.get(profile);
    if compute.is_none() {
        missing(&path.key("profile"), "compute profile", profile);
    }
    let placement = document.placement.get(placement_name);
    if placement.is_none() {
        missing(&path, "placement profile", placement_name);
    }
    let price = placement?.pricing.get(profile);
    if price.is_none() {
        let pricing = Path::of(&["profiles", "placement", placement_name, "pricing", profile]);
        report.error(
            &pricing,
            format!("missing, required: a price, used by {path}"),
        );
    }
    Some(Assignment {
        service_name,
        service: service?,
        placement_name,
        placement: placement?,
        profile,
        compute: compute?,
        price: price?,
        count: placed.count,
    })
}

fn service_path(name: &str) -> Path {
    Path::of(&["services", name])
}

fn tee(assignment: &Assignment) -> Option<Tee> {
    assignment.service.params.as_ref()?.tee
}

fn check_tee(assignment: &Assignment, report: &Report) {
    if tee(assignment) == Some(Tee::CpuGpu) && assignment.compute.gpu.units == 0 {
        let path = service_path(assignment.service_name)
            .key("params")
            .key("tee");
        let profile = assignment.profile;
        report.error(
            &path,
            format!("cpu-gpu requires a GPU, profile {profile} has none"),
        );
    }
}

fn check_tees_agree(assignments: &[Assignment], report: &Report) {
    let mut by_placement: BTreeMap<&str, Tee> = BTreeMap::new();
    for assignment in assignments {
        let Some(tee) = tee(assignment) else { continue };
        let first = *by_placement.entry(assignment.placement_name).or_insert(tee);
        if first != tee {
            let path = service_path(assignment.service_name)
                .key("params")
                .key("tee");
            let (this, other) = (tee.name(), first.name());
            report.error(
                &path,
                format!("{this} next to {other} in one placement, allowed: one kind"),
            );
        }
    }
}

/// Mounted volumes exist, persistent volumes are mounted.
fn check_mounts(assignment: &Assignment, report: &Report) {
    let params = service_path(assignment.service_name)
        .key("params")
        .key("storage");
    let mounts = assignment.service.params.iter().flat_map(|p| &p.storage);
    let mounts: Vec<_> = mounts.flatten().collect();
    let volumes = &assignment.compute.volumes;
    for mount in &mounts {
        let path = params.key(&mount.name);
        match volumes.iter().find(|volume| volume.name == mount.name) {
            None => report.error(
                &path,
                format!("profile {} has no such volume", assignment.profile),
            ),
            Some(volume) if volume.class() == Some("ram") && mount.read_only => {
                report.error(&path.key("readOnly"), "true is not allowed for class ram");
            }
            Some(_) => (),
        }
    }
    for volume in volumes.iter().filter(|volume| volume.is_persistent()) {
        if mounts.iter().any(|mount| mount.name == volume.name) {
            continue;
        }
        let path = params.key(&volume.name).key("mount");
        // Akash refuses a service without any mount, and overlooks a persistent volume next to a mounted one.
        match mounts.is_empty() {
            true => report.error(
                &path,
                "missing, required: the mount path of a persistent volume",
            ),
            false => report.warn(&path, "missing: the persistent volume is not used"),
        }
    }
}

fn check_unused(document: &Document, report: &Report) {
    let services = document.services.iter();
    for (name, _) in services.filter(|(name, _)| !document.deployment.contains_key(*name)) {
        report.warn(&service_path(name), "never deployed");
    }
    for service in document.extensions.probes.keys() {
        if !document.services.contains_key(service) {
            let path = Path::of(&["leasehold", "probes", service]);
            report.error(&path, format!("no service is named {}", shown(service)));
        }
    }
}

/// Something is reachable; host names and leased ports are used once; leased addresses are declared and used.
fn check_exposes(document: &Document, assignments: &[Assignment], report: &Report) {
    let mut hosts: BTreeMap<&str, &str> = BTreeMap::new();
    let mut ports: BTreeMap<(&str, u32, Protocol), &str> = BTreeMap::new();
    let mut global = false;
    for assignment in assignments {
        let name = assignment.service_name;
        for (index, expose) in assignment.service.expose.iter().enumerate() {
            let path = service_path(name).key("expose").index(index);
            global |= expose.to.iter().any(|to| to.global);
            for host in repeated_hosts(expose) {
                if let Some(other) = hosts.insert(host, name) {
                    let message = format!("host {host} is already taken by service {other}");
                    report.error(&path.key("accept"), message);
                }
            }
            for (index, to) in expose.to.iter().enumerate() {
                let path = path.key("to").index(index);
                let port = (to.ip.as_str(), expose.external_port(), expose.proto);
                if to.ip.is_empty() {
                    check_target(document, &to.service, &path, report);
                } else if !document.endpoints.contains(&to.ip) {
                    let message = format!("no endpoint is named {}", shown(&to.ip));
                    report.error(&path.key("ip"), message);
                } else if let Some(other) = ports.insert(port, name) {
                    let message = format!("port {} is already taken by service {other}", port.1);
                    report.error(&path.key("ip"), message);
                }
            }
        }
    }
    if !global && !report.has_errors() {
        let message = "no service is exposed with `global: true`, at least one must be";
        report.error(&Path::of(&["services"]), message);
    }
    for endpoint in &document.endpoints {
        if !ports.keys().any(|(ip, ..)| ip == endpoint) && !report.has_errors() {
            report.error(
                &Path::of(&["endpoints", endpoint]),
                "declared but never used",
            );
        }
    }
}

/// Akash counts a host name once for each target of its port.
fn repeated_hosts(expose: &Expose) -> impl Iterator<Item = &str> {
    let targets = expose.to.len().max(1);
    let hosts = expose.hosts.iter().flatten();
    (0..targets).flat_map(move |_| hosts.clone().map(String::as_str))
}

fn check_target(document: &Document, service: &str, path: &Path, report: &Report) {
    if !service.is_empty() && !document.services.contains_key(service) {
        let message = format!("no service is named {}", shown(service));
        report.warn(&path.key("service"), message);
    }
}

/// A deployment is paid from one account, which has one denom.
fn check_denoms(assignments: &[Assignment], report: &Report) {
    let Some(first) = assignments.first() else {
        return;
    };
    for other in assignments {
        if other.price.denom != first.price.denom {
            let (placement, profile) = (other.placement_name, other.profile);
            let path = Path::of(&["profiles", "placement", placement, "pricing", profile]);
            let allowed = &first.price.denom;
            let message = format!(
                "{} is not allowed: {allowed}, as the other prices",
                shown(&other.price.denom)
            );
            report.error(&path.key("denom"), message);
        }
    }
}
