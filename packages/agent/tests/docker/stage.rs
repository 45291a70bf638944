//! An engine, a registry, and leases that want images of it.

use std::collections::HashMap;

use bollard::query_parameters::{
    CreateImageOptionsBuilder, ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder,
};
use bollard::{Docker, API_DEFAULT_VERSION};
use futures::TryStreamExt;
use leasehold_agent::runtime::docker::DockerRuntime;
use leasehold_agent::runtime::{Runtime, RuntimeError};
use leasehold_agent::WorkloadSpec;
use leasehold_sdl::ImageCredentials;
use tokio::sync::{Mutex, MutexGuard};

use crate::registry::Registry;

/// Podman may fail to find one image while another goes. Within an agent those take turns, but each stage has an agent of its own.
pub static TURN: Mutex<()> = Mutex::const_new(());

pub struct Stage {
    pub registry: Registry,
    pub runtime: DockerRuntime,
    provider: String,
    docker: Docker,
    layer: Vec<u8>,
    _turn: MutexGuard<'static, ()>,
}

impl Stage {
    pub async fn new() -> Self {
        let socket = crate::socket();
        let path = socket.display().to_string();
        let docker = Docker::connect_with_unix(&path, 120, API_DEFAULT_VERSION).unwrap();
        let provider = format!("test{:016x}", rand::random::<u64>());
        Self {
            registry: Registry::start().await,
            runtime: DockerRuntime::connect(Some(&socket), &provider)
                .await
                .unwrap(),
            provider,
            docker: docker.negotiate_version().await.unwrap(),
            layer: crate::rootfs(),
            _turn: TURN.lock().await,
        }
    }

    /// The agent, started again.
    pub async fn reconnect(&mut self) {
        let again = DockerRuntime::connect(Some(&crate::socket()), &self.provider).await;
        self.runtime = again.unwrap();
    }

    /// Serves an image and tells its digest. What is marked the same is the same image.
    pub fn serve(&self, repository: &str, tag: &str, mark: &str) -> String {
        self.registry.put(repository, tag, &self.layer, mark)
    }

    pub fn name(&self, path: &str) -> String {
        format!("{}/{path}", self.registry.host)
    }

    /// A lease of one service.
    pub fn lease(&self, lease: u64, image: &str, login: Option<&str>) -> WorkloadSpec {
        let mut spec = crate::spec(&self.provider, "r1");
        let service = &mut spec.services[0];
        service.image = image.to_owned();
        service.command = Some(["/bin/busybox", "sleep", "600"].map(str::to_owned).into());
        service.credentials = login.map(|login| ImageCredentials {
            host: self.registry.host.clone(),
            email: String::new(),
            username: login.to_owned(),
            password: login.to_owned(),
        });
        WorkloadSpec { lease, ..spec }
    }

    /// Starts it on an image of the registry.
    pub async fn start(
        &self,
        lease: u64,
        path: &str,
        login: Option<&str>,
    ) -> Result<(), RuntimeError> {
        let spec = self.lease(lease, &self.name(path), login);
        self.runtime.start(&spec).await
    }

    pub async fn assert_refused(&self, lease: u64, image: &str, login: Option<&str>, why: &str) {
        let started = self.runtime.start(&self.lease(lease, image, login)).await;
        let refused = started.expect_err("the registry refuses it");
        let told = refused.to_string();
        assert!(told.contains(why), "{why} is not in {told}");
    }

    pub async fn remove(&self, lease: u64) {
        self.runtime.remove(lease).await.unwrap();
    }

    /// The id of an image that the engine has.
    pub async fn id(&self, image: &str) -> Option<String> {
        match self.docker.inspect_image(image).await {
            Ok(found) => found.id,
            Err(bollard::errors::Error::DockerResponseServerError { status_code, .. }) => {
                assert_eq!(status_code, 404);
                None
            }
            Err(e) => panic!("{e}"),
        }
    }

    /// Of the registry.
    pub async fn has(&self, path: &str) -> bool {
        self.id(&self.name(path)).await.is_some()
    }

    /// What an operator does by itself.
    pub async fn pull(&self, path: &str) {
        let options = CreateImageOptionsBuilder::default()
            .from_image(&self.name(path))
            .build();
        let pulled = self.docker.create_image(Some(options), None, None);
        let _: Vec<_> = pulled.try_collect().await.unwrap();
    }

    /// As a removal does that ends here.
    pub async fn remove_container(&self, lease: u64) {
        let name = format!("{}-web-0", self.prefix(lease));
        let options = RemoveContainerOptionsBuilder::default().force(true).build();
        let removed = self.docker.remove_container(&name, Some(options)).await;
        removed.unwrap();
    }

    /// Nothing of this provider is left, not even a claim.
    pub async fn assert_empty(&self) {
        let left = self.volumes("leasehold.provider", &self.provider).await;
        assert_eq!(left, [""; 0]);
        assert_eq!(self.runtime.list().await.unwrap(), []);
    }

    /// The data that a lease keeps.
    pub async fn data(&self, lease: u64) -> Vec<String> {
        let of_lease = self.volumes("leasehold.lease", &lease.to_string()).await;
        let own = format!("{}-web-0-data", self.prefix(lease));
        of_lease.into_iter().filter(|name| *name == own).collect()
    }

    async fn volumes(&self, label: &str, value: &str) -> Vec<String> {
        let options = ListVolumesOptionsBuilder::default()
            .filters(&HashMap::from([(
                "label",
                vec![format!("{label}={value}")],
            )]))
            .build();
        let found = self.docker.list_volumes(Some(options)).await.unwrap();
        let found = found.volumes.into_iter().flatten();
        found.map(|volume| volume.name).collect()
    }

    fn prefix(&self, lease: u64) -> String {
        let tail = &self.provider[self.provider.len() - 8..];
        format!("leasehold-{tail}-{lease}")
    }
}
