//! Runs services as containers by any engine that speaks Docker's API: Docker, Podman.
//!
//! Containers carry labels, so that the next agent adopts them. Each lease has a bridge network of its own, on which its services find
//! each other by name. A container gets the few capabilities that ordinary images need, no new privilege, a `/tmp` in memory, and the limits that
//! its tenant pays for.

mod claim;
mod container;
mod found;
mod images;
mod name;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use backon::{ConstantBuilder, Retryable};
use bollard::errors::Error;
use bollard::models::{ContainerSummary, NetworkCreateRequest};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, CreateImageOptionsBuilder, ListContainersOptionsBuilder,
    ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, LogsOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveVolumeOptions, StopContainerOptionsBuilder,
};
use bollard::{body_full, Docker, API_DEFAULT_VERSION};
use futures::{StreamExt, TryStreamExt};
use leasehold_sdl::ManifestService;
use tokio::sync::Mutex;

use super::{LogOptions, LogStream, Replica, ReplicaState, Runtime, RuntimeError, Workload};
use crate::workload::WorkloadSpec;
use claim::{Claim, IMAGE};
use container::{Limits, LEASE, PROVIDER};
use found::{id, image_ids, lines, owner, replica};
use images::{parse, Image};

/// For requests that are not streams; a pull answers as it goes.
const REQUEST_LIMIT: u64 = 120;
/// At a list of containers that does not decode.
const MORE_LOOKS: usize = 99;
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Between asking a container to end and ending it, seconds.
const GRACE: i32 = 5;

pub struct DockerRuntime {
    docker: Docker,
    provider: String,
    limits: Limits,
    /// Held by whoever decides by the claims on images: who is last must not remove what somebody has just found.
    images: Mutex<()>,
}

/// The first socket that exists: `DOCKER_HOST`, Docker's own, Podman's of the machine, Podman's of this user.
///
/// # Errors
/// [`RuntimeError::NoEngine`] with the places looked at.
pub fn find_socket() -> Result<PathBuf, RuntimeError> {
    let host = std::env::var("DOCKER_HOST").ok();
    let host = host.and_then(|host| host.strip_prefix("unix://").map(PathBuf::from));
    let user = std::env::var("XDG_RUNTIME_DIR").ok().map(PathBuf::from);
    let user = user
        .into_iter()
        .flat_map(|dir| [dir.join("docker.sock"), dir.join("podman/podman.sock")]);
    let system = ["/var/run/docker.sock", "/run/podman/podman.sock"].map(PathBuf::from);
    let places: Vec<PathBuf> = host.into_iter().chain(system).chain(user).collect();
    let found = places.iter().find(|path| path.exists()).cloned();
    found.ok_or_else(|| RuntimeError::NoEngine {
        looked_at: places
            .iter()
            .map(|p| p.display().to_string())
            .collect::<Vec<_>>()
            .join(", "),
    })
}

impl DockerRuntime {
    /// Connects to an engine and checks that it answers. `provider` tells this agent's containers from another's.
    ///
    /// # Errors
    /// [`RuntimeError::NoEngine`]; [`RuntimeError::Engine`].
    pub async fn connect(socket: Option<&Path>, provider: &str) -> Result<Self, RuntimeError> {
        let socket = socket.map_or_else(find_socket, |path| Ok(path.to_owned()))?;
        let failed = || RuntimeError::engine(format!("answer at {}", socket.display()));
        let docker = Docker::connect_with_unix(
            &socket.display().to_string(),
            REQUEST_LIMIT,
            API_DEFAULT_VERSION,
        )
        .map_err(failed())?
        .negotiate_version()
        .await
        .map_err(failed())?;
        let version = docker.version().await.map_err(failed())?;
        tracing::info!(socket = %socket.display(), version = ?version.version, "container engine");
        Ok(Self {
            docker,
            provider: provider.to_owned(),
            limits: Limits::of_this_host().map_err(RuntimeError::io("limits of this process"))?,
            images: Mutex::new(()),
        })
    }

    /// Makes image `name:tag` from a tar of its root file system, without any registry. `changes` are Dockerfile lines such
    /// as `CMD ["/app"]`.
    ///
    /// # Errors
    /// [`RuntimeError::Engine`].
    pub async fn import_image(
        &self,
        rootfs: Vec<u8>,
        name: &str,
        tag: &str,
        changes: &[&str],
    ) -> Result<(), RuntimeError> {
        // The tag goes with the name: Podman ignores the parameter of its own.
        let reference = format!("{name}:{tag}");
        let options = CreateImageOptionsBuilder::default()
            .from_src("-")
            .repo(&reference)
            .changes(changes.iter().map(|line| (*line).to_owned()).collect())
            .build();
        let progress =
            self.docker
                .create_image(Some(options), Some(body_full(rootfs.into())), None);
        let done: Result<Vec<_>, _> = progress.try_collect().await;
        done.map(drop)
            .map_err(RuntimeError::engine(format!("import image {reference}")))
    }

    /// Containers of this provider, of one lease or of all.
    async fn containers(&self, lease: Option<u64>) -> Result<Vec<ContainerSummary>, RuntimeError> {
        self.all_containers(&self.filter(lease)).await
    }

    async fn all_containers(
        &self,
        filter: &HashMap<String, Vec<String>>,
    ) -> Result<Vec<ContainerSummary>, RuntimeError> {
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(filter)
            .build();
        let look = || self.docker.list_containers(Some(options.clone()));
        let again = ConstantBuilder::new()
            .with_delay(LOOK_AGAIN)
            .with_max_times(MORE_LOOKS);
        look.retry(again)
            // Podman's `stopped`, of a container that just ends, is no state of Docker's API.
            .when(|e| matches!(e, Error::JsonDataError { .. }))
            .await
            .map_err(RuntimeError::engine("list containers"))
    }

    fn filter(&self, lease: Option<u64>) -> HashMap<String, Vec<String>> {
        let mut labels = vec![format!("{PROVIDER}={}", self.provider)];
        labels.extend(lease.map(|lease| format!("{LEASE}={lease}")));
        HashMap::from([("label".to_owned(), labels)])
    }

    async fn ensure_network(&self, lease: u64) -> Result<String, RuntimeError> {
        let name = container::network_name(&self.provider, lease);
        let known = self.networks(Some(lease)).await?;
        if known.iter().any(|(known, _)| *known == name) {
            return Ok(name);
        }
        let request = NetworkCreateRequest {
            name: name.clone(),
            driver: Some("bridge".to_owned()),
            labels: Some(HashMap::from([
                (PROVIDER.to_owned(), self.provider.clone()),
                (LEASE.to_owned(), lease.to_string()),
            ])),
            ..Default::default()
        };
        self.docker
            .create_network(request)
            .await
            .map_err(RuntimeError::engine(format!("create network {name}")))?;
        Ok(name)
    }

    /// Name and lease of this provider's networks.
    async fn networks(&self, lease: Option<u64>) -> Result<Vec<(String, u64)>, RuntimeError> {
        let options = ListNetworksOptionsBuilder::default()
            .filters(&self.filter(lease))
            .build();
        let found = self.docker.list_networks(Some(options)).await;
        let found = found.map_err(RuntimeError::engine("list networks"))?;
        let named = found.into_iter().filter_map(|network| {
            let labels = network.labels?;
            let (_, lease) = owner(&labels)?;
            Some((network.name?, lease))
        });
        Ok(named.collect())
    }

    /// The data of the lease.
    async fn volumes(&self, lease: u64) -> Result<Vec<String>, RuntimeError> {
        let options = ListVolumesOptionsBuilder::default()
            .filters(&self.filter(Some(lease)))
            .build();
        let found = self.docker.list_volumes(Some(options)).await;
        let found = found.map_err(RuntimeError::engine("list volumes"))?.volumes;
        Ok(found
            .into_iter()
            .flatten()
            // Podman gives those that have any of the labels asked for.
            .filter(|volume| owner(&volume.labels) == Some((self.provider.as_str(), lease)))
            .filter(|volume| !volume.labels.contains_key(IMAGE))
            .map(|volume| volume.name)
            .collect())
    }

    async fn start_replica(
        &self,
        spec: &WorkloadSpec,
        service: &ManifestService,
        index: u32,
        image: &Image,
        network: &str,
    ) -> Result<(), RuntimeError> {
        let name = container::name(&self.provider, spec.lease, &service.name, index);
        for volume in container::volumes(spec, service, index) {
            // Finds the one that an earlier revision used.
            let created = self.docker.create_volume(volume).await;
            created.map_err(RuntimeError::engine(format!("create a volume of {name}")))?;
        }
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let body = container::body(spec, service, index, image, network, &self.limits);
        self.docker
            .create_container(Some(options), body)
            .await
            .map_err(RuntimeError::engine(format!("create container {name}")))?;
        self.start_container(&name).await
    }

    async fn start_container(&self, id: &str) -> Result<(), RuntimeError> {
        let started = self.docker.start_container(id, None).await;
        started.map_err(RuntimeError::engine(format!("start container {id}")))
    }

    async fn remove_container(&self, id: &str) -> Result<(), RuntimeError> {
        let options = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        gone_is_fine(self.docker.remove_container(id, Some(options)).await)
            .map_err(RuntimeError::engine(format!("remove container {id}")))
    }

    async fn remove_volume(&self, name: &str) -> Result<(), RuntimeError> {
        let none = None::<RemoveVolumeOptions>;
        gone_is_fine(self.docker.remove_volume(name, none).await)
            .map_err(RuntimeError::engine(format!("remove volume {name}")))
    }
}

#[async_trait]
impl Runtime for DockerRuntime {
    fn name(&self) -> &'static str {
        "docker"
    }

    async fn list(&self) -> Result<Vec<Workload>, RuntimeError> {
        let mut by_lease: BTreeMap<u64, Vec<Replica>> = BTreeMap::new();
        for container in self.containers(None).await? {
            if let Some((lease, replica)) = replica(&container) {
                by_lease.entry(lease).or_default().push(replica);
            }
        }
        // The first thing that a start makes and the last that a removal deletes.
        for (_, lease) in self.networks(None).await? {
            by_lease.entry(lease).or_default();
        }
        let sorted = |(lease, mut replicas): (u64, Vec<Replica>)| {
            replicas.sort_by(|a, b| (&a.service, a.index).cmp(&(&b.service, b.index)));
            Workload { lease, replicas }
        };
        Ok(by_lease.into_iter().map(sorted).collect())
    }

    async fn start(&self, spec: &WorkloadSpec) -> Result<(), RuntimeError> {
        let names = spec.services.iter().map(parse);
        let names: Vec<_> = names.collect::<Result<_, _>>()?;
        let network = self.ensure_network(spec.lease).await?;
        let found = self.containers(Some(spec.lease)).await?;
        let own = image_ids(&found);
        let (mut kept, mut left) = (Vec::new(), Vec::new());
        for found in found {
            let Some((_, replica)) = replica(&found) else {
                continue;
            };
            let same = spec
                .each_replica()
                .any(|(s, i)| s.name == replica.service && i == replica.index);
            if !same || replica.revision != spec.revision {
                self.remove_container(id(&found)?).await?;
                left.extend(Claim::of_container(&found));
                continue;
            }
            if replica.state == ReplicaState::Exited {
                self.start_container(id(&found)?).await?;
            }
            kept.push((replica.service, replica.index));
        }
        // Before it brings more: else each revision of one that never starts would leave its images.
        let is_over = |claim: &Claim| !names.contains(&claim.asked);
        self.let_go(spec.lease, is_over, left).await?;
        for service in &spec.services {
            let is_kept = |index: &u32| kept.contains(&(service.name.clone(), *index));
            let missing: Vec<u32> = (0..service.count).filter(|i| !is_kept(i)).collect();
            if missing.is_empty() {
                continue;
            }
            let image = self.bring(spec.lease, service, &own).await?;
            for index in missing {
                self.start_replica(spec, service, index, &image, &network)
                    .await?;
            }
        }
        Ok(())
    }

    async fn suspend(&self, lease: u64) -> Result<(), RuntimeError> {
        for found in self.containers(Some(lease)).await? {
            let id = id(&found)?;
            let options = StopContainerOptionsBuilder::default().t(GRACE).build();
            gone_is_fine(self.docker.stop_container(id, Some(options)).await)
                .map_err(RuntimeError::engine(format!("stop container {id}")))?;
        }
        Ok(())
    }

    async fn remove(&self, lease: u64) -> Result<(), RuntimeError> {
        let found = self.containers(Some(lease)).await?;
        for found in &found {
            self.remove_container(id(found)?).await?;
        }
        for volume in self.volumes(lease).await? {
            self.remove_volume(&volume).await?;
        }
        let left = found.iter().filter_map(Claim::of_container).collect();
        self.let_go(lease, |_| true, left).await?;
        // Last: while it is there the lease is listed.
        for (network, _) in self.networks(Some(lease)).await? {
            gone_is_fine(self.docker.remove_network(&network).await)
                .map_err(RuntimeError::engine(format!("remove network {network}")))?;
        }
        Ok(())
    }

    async fn logs(&self, lease: u64, options: LogOptions) -> Result<LogStream, RuntimeError> {
        let tail = options
            .tail
            .map_or("all".to_owned(), |tail| tail.to_string());
        let containers = self.containers(Some(lease)).await?;
        let sources = containers
            .iter()
            .filter_map(|found| Some((replica(found)?.1, id(found))));
        let sources = sources.map(|(replica, id)| Ok((replica, id?.to_owned())));
        let sources: Vec<_> = sources.collect::<Result<_, RuntimeError>>()?;
        let streams = sources.into_iter().map(|(replica, id)| {
            let wanted = LogsOptionsBuilder::default()
                .stdout(true)
                .stderr(true)
                .follow(options.follow)
                .tail(&tail)
                .build();
            let output = self.docker.logs(&id, Some(wanted));
            output
                .map(move |part| match part {
                    Ok(part) => Ok(lines(&replica, &part.into_bytes())),
                    Err(e) => Err(RuntimeError::engine(format!("read logs of {id}"))(e)),
                })
                .map_ok(|lines| futures::stream::iter(lines).map(Ok))
                .try_flatten()
                .boxed()
        });
        Ok(futures::stream::select_all(streams).boxed())
    }
}

/// Stopping what is stopped (304) and removing what is gone (404) are no failures.
fn gone_is_fine(result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Err(Error::DockerResponseServerError {
            status_code: 304 | 404,
            ..
        }) => Ok(()),
        other => other,
    }
}
