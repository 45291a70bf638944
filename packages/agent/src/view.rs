//! What runs here as of the last block, for those that serve it.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::time::Duration;

use leasehold_sdl::{ManifestService, ServiceExpose};

use crate::runtime::{ReplicaState, Workload};
use crate::workload::WorkloadSpec;

#[derive(Debug, Clone, Default)]
pub struct View {
    /// Active leases of this provider, with a manifest or without.
    pub leases: BTreeSet<u64>,
    /// By lease.
    pub specs: HashMap<u64, WorkloadSpec>,
    pub workloads: Vec<Workload>,
    /// `.` and the ingress's own domain.
    suffix: String,
    /// By first label: `lease-<id>` and `<service>-<id>`.
    labels: HashMap<String, Target>,
    /// By host name that a manifest accepts.
    hosts: HashMap<String, Target>,
}

/// Where the requests for a host go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub lease: u64,
    /// One per running replica; empty while suspended.
    pub addresses: Vec<SocketAddr>,
    /// Bytes.
    pub max_body: usize,
    /// Until the first byte of the answer.
    pub read_timeout: Duration,
}

impl View {
    /// `domain` is the ingress's own. An accepted host goes to the lease with the lowest id that names it, and none may lie under `domain`, so that
    /// no tenant gets another's requests.
    pub fn new(domain: &str, specs: HashMap<u64, WorkloadSpec>, workloads: Vec<Workload>) -> Self {
        let mut view = Self {
            suffix: format!(".{}", domain.to_ascii_lowercase()),
            ..Self::default()
        };
        let mut by_age: Vec<&WorkloadSpec> = specs.values().collect();
        by_age.sort_by_key(|spec| spec.lease);
        for spec in by_age {
            let workload = workloads.iter().find(|w| w.lease == spec.lease);
            for (service, expose) in ingresses(spec) {
                let target = target(spec.lease, service, expose, workload);
                for label in labels(spec, service) {
                    view.labels.entry(label).or_insert_with(|| target.clone());
                }
                for host in expose.hosts.iter().flatten().filter_map(|h| name(h)) {
                    if !format!(".{host}").ends_with(&view.suffix) {
                        view.hosts.entry(host).or_insert_with(|| target.clone());
                    }
                }
            }
        }
        Self {
            specs,
            workloads,
            ..view
        }
    }

    #[must_use]
    pub fn with_leases(self, leases: BTreeSet<u64>) -> Self {
        Self { leases, ..self }
    }

    /// By the [`name`] of a host. `lease-<id>.` and `<service>-<id>.` work under any domain.
    pub fn route(&self, name: &str) -> Option<&Target> {
        let by_label = || self.labels.get(name.split('.').next()?);
        match name.ends_with(&self.suffix) {
            true => by_label(),
            false => self.hosts.get(name).or_else(by_label),
        }
    }
}

/// What a host is looked up by: without the port, the dot of the root and upper case. None for what an app may not be told is its name.
pub fn name(host: &str) -> Option<String> {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && name.bytes().all(is_name)).then(|| name.to_ascii_lowercase())
}

/// HTTP services of a lease, in the manifest's order.
pub fn ingresses(spec: &WorkloadSpec) -> impl Iterator<Item = (&ManifestService, &ServiceExpose)> {
    let services = spec.services.iter();
    services.flat_map(|s| {
        s.expose
            .iter()
            .filter(|e| e.is_ingress())
            .map(move |e| (s, e))
    })
}

/// The first HTTP service also answers for the lease.
pub fn labels(spec: &WorkloadSpec, service: &ManifestService) -> Vec<String> {
    let own = format!("{}-{}", service.name.to_ascii_lowercase(), spec.lease);
    let is_first = ingresses(spec)
        .next()
        .is_some_and(|(first, _)| first.name == service.name);
    let lease = is_first.then(|| format!("lease-{}", spec.lease));
    lease.into_iter().chain([own]).collect()
}

fn target(
    lease: u64,
    service: &ManifestService,
    expose: &ServiceExpose,
    workload: Option<&Workload>,
) -> Target {
    let replicas = workload.iter().flat_map(|w| &w.replicas);
    let up = replicas.filter(|r| r.service == service.name && r.state == ReplicaState::Running);
    let ports = up
        .flat_map(|r| &r.ports)
        .filter(|p| u32::from(p.port) == expose.port);
    Target {
        lease,
        addresses: ports.map(|p| p.address).collect(),
        max_body: expose.http_options.max_body_size as usize,
        read_timeout: Duration::from_millis(expose.http_options.read_timeout.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::{Port, Replica};
    use leasehold_sdl::{Protocol, Sdl};

    fn spec(lease: u64, hosts: &str) -> WorkloadSpec {
        let text = format!(
            r#"
version: "2.0"
services:
  api: {{ image: i, expose: [{{ port: 3000, as: 80, to: [{{ global: true }}], accept: [{hosts}] }}] }}
  web: {{ image: i, expose: [{{ port: 8080, as: 80, to: [{{ global: true }}] }}] }}
profiles:
  compute: {{ c: {{ resources: {{ cpu: {{ units: 0.1 }}, memory: {{ size: 16Mi }}, storage: {{ size: 16Mi }} }} }} }}
  placement: {{ p: {{ pricing: {{ c: {{ denom: uakt, amount: 1 }} }} }} }}
deployment:
  api: {{ p: {{ profile: c, count: 1 }} }}
  web: {{ p: {{ profile: c, count: 1 }} }}
"#
        );
        let services = Sdl::parse("test", &text).unwrap().manifest().0[0]
            .services
            .clone();
        WorkloadSpec {
            lease,
            deployment: 1,
            provider: "p".into(),
            revision: "r".into(),
            replicas: 2,
            services,
        }
    }

    fn running(lease: u64, service: &str, port: u16, at: u16, state: ReplicaState) -> Workload {
        let address = ([127, 0, 0, 1], at).into();
        let replica = Replica {
            service: service.into(),
            index: 0,
            revision: "r".into(),
            state,
            ports: vec![Port {
                port,
                proto: Protocol::Tcp,
                address,
            }],
        };
        Workload {
            lease,
            replicas: vec![replica],
        }
    }

    fn view() -> View {
        let mut specs = [
            spec(1, "app.example, lease-2.here.test"),
            spec(2, "app.example"),
        ];
        // As no SDL has it, but a manifest may.
        let hosts = specs[0].services[0].expose[0].hosts.as_mut();
        hosts.unwrap().push("WEB-2.here.test.:80".into());
        let workloads = vec![
            running(1, "api", 3000, 4001, ReplicaState::Running),
            running(2, "web", 8080, 4002, ReplicaState::Exited),
        ];
        View::new(
            "here.test",
            specs.into_iter().map(|s| (s.lease, s)).collect(),
            workloads,
        )
    }

    fn lease_of(view: &View, host: &str) -> Option<u64> {
        view.route(&name(host)?).map(|target| target.lease)
    }

    #[test]
    fn hosts_lead_to_their_lease() {
        let view = view();
        for host in [
            "lease-1.here.test",
            "lease-1.anything",
            "api-1.here.test:8000",
            "APP.example",
            "app.example.:80",
        ] {
            assert_eq!(lease_of(&view, host), Some(1), "{host}");
            assert_eq!(
                view.route(&name(host).unwrap()).unwrap().addresses,
                ["127.0.0.1:4001".parse().unwrap()]
            );
        }
        assert_eq!(lease_of(&view, "web-2.here.test"), Some(2));
        assert_eq!(lease_of(&view, "lease-3.here.test"), None);
        assert_eq!(lease_of(&view, ""), None);
    }

    #[test]
    fn nobody_takes_another_leases_name() {
        let view = view();
        assert_eq!(
            lease_of(&view, "app.example"),
            Some(1),
            "the older lease keeps it"
        );
        for host in ["lease-2.here.test", "web-2.here.test."] {
            assert_eq!(
                lease_of(&view, host),
                Some(2),
                "names of the ingress itself are not accepted: {host}"
            );
        }
    }

    #[test]
    fn what_a_link_would_lead_astray_is_no_name() {
        for host in [
            "app.example:@evil.example",
            "app.example:80@evil.example",
            "lease-1.evil.example/x",
            "lease-1 .here.test",
            "[::1]:80",
        ] {
            assert_eq!(name(host), None, "{host}");
        }
    }

    #[test]
    fn a_stopped_service_has_no_address() {
        assert!(view()
            .route("web-2.here.test")
            .unwrap()
            .addresses
            .is_empty());
    }
}
