//! What a container is created with.

use std::collections::HashMap;
use std::io;

use bollard::auth::DockerCredentials;
use bollard::models::{
    ContainerCreateBody, DeviceRequest, EndpointSettings, HostConfig, HostConfigLogConfig, Mount,
    MountType, NetworkingConfig, PortBinding, PortMap, ResourcesUlimits, RestartPolicy,
    RestartPolicyNameEnum, VolumeCreateRequest,
};
use leasehold_sdl::{ManifestService, Protocol, StorageParams};
use rustix::process::{getrlimit, Resource};

use super::claim::Claim;
use super::images::Image;
use crate::workload::{ports, WorkloadSpec};

pub const PROVIDER: &str = "leasehold.provider";
pub const LEASE: &str = "leasehold.lease";
pub const SERVICE: &str = "leasehold.service";
pub const REPLICA: &str = "leasehold.replica";
pub const REVISION: &str = "leasehold.revision";

const MAX_FILES: u64 = 65_536;
const MAX_PROCESSES: u64 = 4_096;
const TMP_BYTES: u64 = 64 << 20;
/// The engine's own restarts of a failing container, before the agent takes over with growing pauses.
const RESTARTS: i64 = 3;

/// Hard limits of this host that a container's may not exceed: without the privilege to raise them an engine fails to start it.
pub struct Limits {
    files: u64,
    processes: u64,
}

impl Limits {
    pub fn of_this_host() -> io::Result<Self> {
        let hard = |resource, most: u64| {
            getrlimit(resource)
                .maximum
                .map_or(most, |max| max.min(most))
        };
        Ok(Self {
            files: hard(Resource::Nofile, MAX_FILES),
            processes: hard(Resource::Nproc, MAX_PROCESSES),
        })
    }
}

/// Unique on an engine that several providers share.
pub fn name(provider: &str, lease: u64, service: &str, index: u32) -> String {
    format!("{}-{service}-{index}", network_name(provider, lease))
}

pub fn network_name(provider: &str, lease: u64) -> String {
    let tail = provider.len().saturating_sub(8);
    format!(
        "leasehold-{}-{lease}",
        provider.get(tail..).unwrap_or(provider)
    )
}

pub fn credentials(service: &ManifestService) -> Option<DockerCredentials> {
    let login = service.credentials.as_ref()?;
    Some(DockerCredentials {
        username: Some(login.username.clone()),
        password: Some(login.password.clone()),
        email: Some(login.email.clone()).filter(|email| !email.is_empty()),
        serveraddress: Some(login.host.clone()),
        ..Default::default()
    })
}

pub fn body(
    spec: &WorkloadSpec,
    service: &ManifestService,
    index: u32,
    image: &Image,
    network: &str,
    limits: &Limits,
) -> ContainerCreateBody {
    let labels = [
        (PROVIDER, spec.provider.clone()),
        (LEASE, spec.lease.to_string()),
        (SERVICE, service.name.clone()),
        (REPLICA, index.to_string()),
        (REVISION, spec.revision.clone()),
    ];
    let labels = labels.map(|(key, value)| (key.to_owned(), value));
    let claim = image.claim.iter().flat_map(Claim::labels);
    let exposed = ports(service).into_iter().map(port_key).collect();
    let endpoint = EndpointSettings {
        aliases: Some(vec![service.name.clone()]),
        ..Default::default()
    };
    ContainerCreateBody {
        image: Some(image.name.to_string()),
        // SDL's command replaces the image's entry point, its args the image's command.
        entrypoint: service
            .command
            .clone()
            .filter(|command| !command.is_empty()),
        cmd: service.args.clone().filter(|args| !args.is_empty()),
        env: Some(spec.env(service)),
        labels: Some(labels.into_iter().chain(claim).collect()),
        exposed_ports: Some(exposed),
        host_config: Some(HostConfig {
            mounts: Some(mounts(spec, service, index)),
            ..host_config(service, network, limits)
        }),
        networking_config: Some(NetworkingConfig {
            endpoints_config: Some(HashMap::from([(network.to_owned(), endpoint)])),
        }),
        ..Default::default()
    }
}

/// What ordinary images need to start: give files to their service's user, become it, listen on port 80. Nothing that reaches the
/// host or other containers.
const CAPABILITIES: [&str; 9] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETGID",
    "SETPCAP",
    "SETUID",
];

fn host_config(service: &ManifestService, network: &str, limits: &Limits) -> HostConfig {
    let resources = &service.resources;
    let memory = i64::try_from(resources.memory.size.0).unwrap_or(i64::MAX);
    let nano_cpus =
        i64::try_from(resources.cpu.units.0.saturating_mul(1_000_000)).unwrap_or(i64::MAX);
    let gpus = i64::try_from(resources.gpu.units.0).unwrap_or(i64::MAX);
    let log = [("max-size", "4m")];
    HostConfig {
        memory: Some(memory),
        // No swap on top.
        memory_swap: Some(memory),
        nano_cpus: Some(nano_cpus),
        pids_limit: Some(i64::try_from(limits.processes).unwrap_or(i64::MAX)),
        ulimits: Some(vec![
            ulimit("nofile", limits.files),
            ulimit("nproc", limits.processes),
        ]),
        cap_drop: Some(vec!["ALL".to_owned()]),
        cap_add: Some(CAPABILITIES.map(str::to_owned).into()),
        security_opt: Some(vec!["no-new-privileges".to_owned()]),
        tmpfs: Some(HashMap::from([(
            "/tmp".to_owned(),
            format!("size={TMP_BYTES},mode=1777"),
        )])),
        log_config: Some(HostConfigLogConfig {
            typ: None,
            config: Some(
                log.map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .into(),
            ),
        }),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::ON_FAILURE),
            maximum_retry_count: Some(RESTARTS),
        }),
        network_mode: Some(network.to_owned()),
        port_bindings: Some(bindings(service)),
        device_requests: (gpus > 0).then(|| vec![cards(gpus)]),
        ..Default::default()
    }
}

fn mounted(service: &ManifestService) -> impl Iterator<Item = &StorageParams> {
    let params = service.params.iter();
    params.flat_map(|params| params.storage.iter().flatten())
}

/// The volumes that the manifest mounts: named, so that they outlive a new revision, and labelled, so that they end with the lease.
/// Their size is not enforced by the engine.
pub fn volumes(
    spec: &WorkloadSpec,
    service: &ManifestService,
    index: u32,
) -> Vec<VolumeCreateRequest> {
    let labels = || {
        HashMap::from([
            (PROVIDER.to_owned(), spec.provider.clone()),
            (LEASE.to_owned(), spec.lease.to_string()),
        ])
    };
    let volume = |storage: &StorageParams| VolumeCreateRequest {
        name: Some(volume_name(spec, service, index, storage)),
        labels: Some(labels()),
        ..Default::default()
    };
    let on_disk = mounted(service).filter(|storage| !is_ram(service, &storage.name));
    on_disk.map(volume).collect()
}

fn mounts(spec: &WorkloadSpec, service: &ManifestService, index: u32) -> Vec<Mount> {
    let mount = |storage: &StorageParams| {
        let in_ram = is_ram(service, &storage.name);
        let kind = if in_ram {
            MountType::TMPFS
        } else {
            MountType::VOLUME
        };
        Mount {
            typ: Some(kind),
            source: (!in_ram).then(|| volume_name(spec, service, index, storage)),
            target: Some(storage.mount.clone()),
            read_only: Some(storage.read_only),
            ..Default::default()
        }
    };
    mounted(service).map(mount).collect()
}

fn volume_name(
    spec: &WorkloadSpec,
    service: &ManifestService,
    index: u32,
    storage: &StorageParams,
) -> String {
    let container = name(&spec.provider, spec.lease, &service.name, index);
    format!("{container}-{}", storage.name)
}

fn is_ram(service: &ManifestService, volume: &str) -> bool {
    let volumes = service
        .resources
        .storage
        .iter()
        .filter(|v| v.name == volume);
    volumes
        .flat_map(|v| &v.attributes)
        .any(|a| a.key == "class" && a.value == "ram")
}

/// Free ports of loopback: the ingress and the operator's own forwarding are the ways in.
fn bindings(service: &ManifestService) -> PortMap {
    let binding = || PortBinding {
        host_ip: Some("127.0.0.1".to_owned()),
        host_port: None,
    };
    let all = ports(service).into_iter();
    all.map(|port| (port_key(port), Some(vec![binding()])))
        .collect()
}

fn port_key((port, proto): (u16, Protocol)) -> String {
    match proto {
        Protocol::Tcp => format!("{port}/tcp"),
        Protocol::Udp => format!("{port}/udp"),
    }
}

fn ulimit(name: &str, most: u64) -> ResourcesUlimits {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    ResourcesUlimits {
        name: Some(name.to_owned()),
        soft: Some(most),
        hard: Some(most),
    }
}

fn cards(count: i64) -> DeviceRequest {
    DeviceRequest {
        count: Some(count),
        capabilities: Some(vec![vec!["gpu".to_owned()]]),
        ..Default::default()
    }
}
