//! What leases say of images that an agent brought.

use std::collections::HashMap;

use bollard::models::{ContainerSummary, Volume, VolumeCreateRequest};
use sha2::{Digest, Sha256};

use super::container::{network_name, LEASE, PROVIDER};
use super::found::owner;
use super::name::ImageName;

/// The name by which the engine has it.
pub const IMAGE: &str = "leasehold.image";
const ASKED: &str = "leasehold.image.asked";
const PRIVATE: &str = "leasehold.image.private";

/// That a lease uses an image which was not there before a lease asked for it. An image without a claim is the operator's own. It is
/// an empty volume, made before the pull, because a pull may end when no agent is there to see it; and a label of each container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub provider: String,
    pub lease: u64,
    pub image: ImageName,
    /// The name in the manifest, for whose sake it is held.
    pub asked: ImageName,
    /// Somebody's credentials brought it.
    pub is_private: bool,
    /// Of a claim that is a volume.
    pub volume: Option<String>,
    /// The image's id, of a claim that is a container.
    pub id: Option<String>,
}

impl Claim {
    fn of(labels: &HashMap<String, String>) -> Option<Self> {
        let name = |label| ImageName::parse(labels.get(label)?).ok();
        let (provider, lease) = owner(labels)?;
        Some(Self {
            provider: provider.to_owned(),
            lease,
            image: name(IMAGE)?,
            asked: name(ASKED)?,
            is_private: labels.contains_key(PRIVATE),
            volume: None,
            id: None,
        })
    }

    pub fn of_volume(volume: &Volume) -> Option<Self> {
        let name = Some(volume.name.clone());
        Self::of(&volume.labels).map(|claim| Self {
            volume: name,
            ..claim
        })
    }

    pub fn of_container(container: &ContainerSummary) -> Option<Self> {
        let id = container.image_id.as_deref().map(full_id);
        Self::of(container.labels.as_ref()?).map(|claim| Self { id, ..claim })
    }

    pub fn labels(&self) -> HashMap<String, String> {
        let is_private = self.is_private.then(|| (PRIVATE, String::new()));
        let labels = [
            (PROVIDER, self.provider.clone()),
            (LEASE, self.lease.to_string()),
            (IMAGE, self.image.to_string()),
            (ASKED, self.asked.to_string()),
        ];
        let labels = labels.into_iter().chain(is_private);
        labels
            .map(|(label, value)| (label.to_owned(), value))
            .collect()
    }

    /// Named after all that it says: the labels of a volume that exists cannot be changed.
    pub fn to_volume(&self) -> VolumeCreateRequest {
        let says = format!("{} {} {}", self.image, self.asked, self.is_private);
        let says = hex::encode(Sha256::digest(says));
        let lease = network_name(&self.provider, self.lease);
        VolumeCreateRequest {
            name: Some(format!("{lease}-image-{says}")),
            labels: Some(self.labels()),
            ..Default::default()
        }
    }
}

/// An image's id as both engines take it: Podman tells it without its kind, and fails on that once the image is gone.
pub fn full_id(id: &str) -> String {
    match id.contains(':') {
        true => id.to_owned(),
        false => format!("sha256:{id}"),
    }
}
