//! Brings images, and removes those that it brought with the last lease that uses them.
//!
//! Each lease that uses such an image has a [`Claim`] on it from before the image comes until after it is gone, so that a start or a
//! removal that breaks off leaves nothing behind. What somebody's credentials brought is asked for again by each other lease, with
//! credentials of its own. The operator's images have no claim: every lease may use them, and they stay.

use std::collections::HashMap;

use bollard::errors::Error;
use bollard::models::ImageInspect;
use bollard::query_parameters::{
    CreateImageOptionsBuilder, ListVolumesOptionsBuilder, RemoveImageOptionsBuilder,
};
use futures::TryStreamExt;
use leasehold_sdl::ManifestService;

use super::claim::{full_id, Claim, IMAGE};
use super::name::ImageName;
use super::{container, DockerRuntime};
use crate::runtime::RuntimeError;

/// An image that is here.
struct Present {
    id: Option<String>,
    tags: Vec<ImageName>,
    digests: Vec<ImageName>,
}

impl Present {
    fn of(found: ImageInspect) -> Self {
        // What is no name stands for none.
        let names = |names: Option<Vec<String>>| {
            let names = names.into_iter().flatten();
            names.filter_map(|name| ImageName::parse(&name).ok())
        };
        Self {
            id: found.id.as_deref().map(full_id),
            tags: names(found.repo_tags).collect(),
            digests: names(found.repo_digests).collect(),
        }
    }

    fn is_named(&self, name: &ImageName) -> bool {
        self.tags.iter().chain(&self.digests).any(|n| n == name)
    }
}

/// Whether the claim is on what the engine finds by this name. An image of the operator's is not, though it be the same by another
/// tag: nobody can make the operator's private.
fn concerns(claim: &Claim, name: &ImageName, present: Option<&Present>) -> bool {
    let is_same = |found: &Present| {
        found.is_named(&claim.image) || (claim.id.is_some() && claim.id == found.id)
    };
    claim.image == *name || (claim.image.may_be_found_as(name) && present.is_some_and(is_same))
}

/// What a service's containers are made of.
pub struct Image {
    pub name: ImageName,
    /// None on what is the operator's.
    pub claim: Option<Claim>,
}

impl DockerRuntime {
    /// Has the service's image here, for this lease to use. `own` are the ids of the images that the lease's containers have or had until
    /// now: those it has been given already, and needs no registry for.
    pub(super) async fn bring(
        &self,
        lease: u64,
        service: &ManifestService,
        own: &[String],
    ) -> Result<Image, RuntimeError> {
        let name = parse(service)?;
        let (claim, is_given) = self.hold(lease, service, &name, own).await?;
        if !is_given {
            if let Err(refused) = self.pull(&name, service).await {
                let over = |claim: &Claim| claim.asked == name;
                if let Err(e) = self.let_go(lease, over, Vec::new()).await {
                    tracing::warn!(image = %name, error = %e, "the claim of a failed pull stays");
                }
                return Err(refused);
            }
        }
        Ok(Image { name, claim })
    }

    /// Claims the image, unless it is the operator's, and tells whether the lease may use what is here.
    async fn hold(
        &self,
        lease: u64,
        service: &ManifestService,
        name: &ImageName,
        own: &[String],
    ) -> Result<(Option<Claim>, bool), RuntimeError> {
        let _turn = self.images.lock().await;
        let present = self.inspect(&name.to_string()).await?;
        let present = present.as_ref();
        let claims = self.claims().await?;
        let known = claims.iter().filter(|c| concerns(c, name, present));
        let known: Vec<&Claim> = known.collect();
        if present.is_some() && known.is_empty() {
            return Ok((None, true));
        }
        let brings = present.is_none() && service.credentials.is_some();
        let is_private = brings || known.iter().any(|claim| claim.is_private);
        let claim = Claim {
            provider: self.provider.clone(),
            lease,
            image: name.clone(),
            asked: name.clone(),
            is_private,
            volume: None,
            id: None,
        };
        self.write(&claim).await?;
        let is_own = |found: &Present| found.id.as_ref().is_some_and(|id| own.contains(id));
        let is_given = present.is_some_and(|found| !is_private || is_own(found));
        Ok((Some(claim), is_given))
    }

    /// Asks the image's registry, also for what is here.
    async fn pull(&self, name: &ImageName, service: &ManifestService) -> Result<(), RuntimeError> {
        tracing::info!(image = %name, "pulling");
        let options = CreateImageOptionsBuilder::default()
            .from_image(&name.to_string())
            .build();
        let credentials = container::credentials(service);
        let progress = self.docker.create_image(Some(options), None, credentials);
        let done: Result<Vec<_>, _> = progress.try_collect().await;
        done.map(drop)
            .map_err(RuntimeError::engine(format!("pull image {name}")))
    }

    /// Gives up the lease's claims that are over. An image on which nobody else has one goes, and so does each that only containers which
    /// are no more, `left`, had: its tag means another by now.
    pub(super) async fn let_go(
        &self,
        lease: u64,
        is_over: impl Fn(&Claim) -> bool,
        left: Vec<Claim>,
    ) -> Result<(), RuntimeError> {
        let _turn = self.images.lock().await;
        let is_own = |claim: &Claim| claim.lease == lease && claim.provider == self.provider;
        let ids: Vec<String> = left.iter().filter_map(|claim| claim.id.clone()).collect();
        let mut claims = self.claims().await?;
        claims.extend(left);
        let (over, held): (Vec<_>, Vec<_>) = claims
            .into_iter()
            .partition(|claim| is_own(claim) && is_over(claim));
        for claim in over {
            if !held.iter().any(|other| other.image == claim.image) {
                self.remove_named(&claim, &held).await?;
            }
            if let Some(volume) = &claim.volume {
                self.remove_volume(volume).await?;
            }
        }
        for id in ids {
            self.remove_nameless(&id, &held).await?;
        }
        Ok(())
    }

    async fn remove_named(&self, claim: &Claim, held: &[Claim]) -> Result<(), RuntimeError> {
        let name = claim.image.to_string();
        if self.remove_image(&name).await? {
            return Ok(());
        }
        // Docker keeps the last tag of what runs by its digest.
        let found = self.inspect(&name).await?;
        let id = found.and_then(|found| found.id);
        let heir = held
            .iter()
            .find(|other| other.id.is_some() && other.id == id);
        let Some(heir) = heir else {
            tracing::warn!(image = name, "stays: something else than a lease uses it");
            return Ok(());
        };
        let inherited = Claim {
            image: claim.image.clone(),
            is_private: claim.is_private || heir.is_private,
            ..heir.clone()
        };
        self.write(&inherited).await
    }

    async fn remove_nameless(&self, id: &str, held: &[Claim]) -> Result<(), RuntimeError> {
        let Some(found) = self.inspect(id).await? else {
            return Ok(());
        };
        let is_held = held.iter().any(|claim| found.is_named(&claim.image));
        if found.tags.is_empty() && !is_held {
            self.remove_image(id).await?;
        }
        Ok(())
    }

    /// Whether it is gone: not while a container uses it.
    async fn remove_image(&self, name: &str) -> Result<bool, RuntimeError> {
        let options = RemoveImageOptionsBuilder::default().noprune(true).build();
        match self.docker.remove_image(name, Some(options), None).await {
            Ok(_) => {
                tracing::info!(image = name, "removed an image that nobody uses");
                Ok(true)
            }
            Err(Error::DockerResponseServerError {
                status_code: 404, ..
            }) => Ok(true),
            Err(Error::DockerResponseServerError {
                status_code: 409, ..
            }) => Ok(false),
            Err(e) => Err(RuntimeError::engine(format!("remove image {name}"))(e)),
        }
    }

    async fn inspect(&self, image: &str) -> Result<Option<Present>, RuntimeError> {
        match self.docker.inspect_image(image).await {
            Ok(found) => Ok(Some(Present::of(found))),
            Err(Error::DockerResponseServerError {
                status_code: 404, ..
            }) => Ok(None),
            Err(e) => Err(RuntimeError::engine(format!("inspect image {image}"))(e)),
        }
    }

    async fn write(&self, claim: &Claim) -> Result<(), RuntimeError> {
        let written = self.docker.create_volume(claim.to_volume()).await;
        let what = || format!("claim image {}", claim.image);
        written.map(drop).map_err(RuntimeError::engine(what()))
    }

    /// Of all providers on this engine.
    async fn claims(&self) -> Result<Vec<Claim>, RuntimeError> {
        let filter = HashMap::from([("label".to_owned(), vec![IMAGE.to_owned()])]);
        let volumes = ListVolumesOptionsBuilder::default()
            .filters(&filter)
            .build();
        let volumes = self.docker.list_volumes(Some(volumes)).await;
        let volumes = volumes.map_err(RuntimeError::engine("list claims on images"))?;
        let containers = self.all_containers(&filter).await?;
        let volumes = volumes.volumes.into_iter().flatten();
        let written = volumes.filter_map(|volume| Claim::of_volume(&volume));
        Ok(written
            .chain(containers.iter().filter_map(Claim::of_container))
            .collect())
    }
}

/// # Errors
/// [`RuntimeError::Unsupported`].
pub fn parse(service: &ManifestService) -> Result<ImageName, RuntimeError> {
    ImageName::parse(&service.image).map_err(|reason| RuntimeError::Unsupported {
        service: service.name.clone(),
        reason,
    })
}
