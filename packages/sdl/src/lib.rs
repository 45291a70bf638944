//! Akash's Stack Definition Language: a file becomes the groups that go on chain and the manifest that goes to the provider.
//!
//! ```
//! let text = r#"
//! version: "2.0"
//! services:
//!   web:
//!     image: nginx
//!     expose: [{ port: 80, to: [{ global: true }] }]
//! profiles:
//!   compute:
//!     web: { resources: { cpu: { units: 0.5 }, memory: { size: 512Mi }, storage: { size: 1Gi } } }
//!   placement:
//!     anywhere: { pricing: { web: { denom: uakt, amount: 100 } } }
//! deployment:
//!   web: { anywhere: { profile: web, count: 1 } }
//! "#;
//! let sdl = leasehold_sdl::Sdl::parse("app.yaml", text)?;
//! assert_eq!(sdl.manifest().0[0].services[0].image, "nginx");
//! # Ok::<(), leasehold_sdl::SdlError>(())
//! ```

mod canonical;
mod check;
mod document;
mod error;
mod extensions;
mod groups;
mod manifest;
mod model;
mod onchain;
mod profiles;
mod quantity;
mod reader;
mod resources;
mod services;
mod validate;
mod yaml;

use std::sync::Arc;
use std::time::Duration;

pub use check::ManifestError;
pub use error::{Diagnostic, Position, SdlError};
pub use extensions::{Extensions, PricePeriod, Probe, ProbeCheck, ServiceProbes};
pub use groups::{AkashGroupSpec, AkashPrice, AkashRequirements, AkashResourceUnit, SignedBy};
pub use manifest::{
    HttpOptions, ImageCredentials, Manifest, ManifestGroup, ManifestService, Protocol,
    ServiceExpose, ServiceParams, ServicePermissions, StorageParams, TeeParams,
};
pub use quantity::whole_seconds;
pub use resources::{
    Attribute, Cpu, Endpoint, EndpointKind, GpuUnits, Memory, ResourceValue, Resources, Storage,
};
pub use yaml::MAX_FILE_BYTES;

pub use leasehold_rules::auction::{AuctionMode, Pricing};

use groups::Group;
use leasehold_rules::resources::GroupSpec;
use reader::{Cursor, Report};

/// A valid file.
#[derive(Debug, Clone)]
pub struct Sdl {
    groups: Vec<Group>,
    /// Kept apart from parsing: the chain's caps are tighter than Akash's.
    on_chain: Result<Vec<GroupSpec>, SdlError>,
    manifest: Manifest,
    extensions: Extensions,
    reclamation: Option<Duration>,
    warnings: Vec<Diagnostic>,
}

impl Sdl {
    /// Reads a file of version 2.0 or 2.1, at most 256 KiB. As tolerant as Akash's own parser: null sections and any denom are fine, fields that
    /// it would ignore are [`Sdl::warnings`].
    ///
    /// # Errors
    /// [`SdlError`] with every finding: its line, column and YAML path, and what is allowed there.
    pub fn parse(source_name: &str, text: &str) -> Result<Self, SdlError> {
        let refuse = |diagnostics| SdlError::new(source_name, diagnostics);
        let root = yaml::parse(text).map_err(|refused| refuse(vec![refused]))?;
        let report = Report::new(Arc::clone(&root));
        let document = document::document(&Cursor::root(&root, &report));
        let assignments = validate::assignments(&document, &report);
        if report.has_errors() {
            return Err(refuse(report.errors()));
        }
        let groups = groups::place(&document, &assignments);
        let chain = Report::new(root);
        let specs = onchain::group_specs(&groups, &document.extensions, &chain);
        Ok(Self {
            manifest: groups::manifest(&groups),
            groups,
            on_chain: match chain.has_errors() {
                true => Err(refuse(chain.errors())),
                false => Ok(specs),
            },
            reclamation: document.reclamation,
            extensions: document.extensions,
            warnings: report.warnings(),
        })
    }

    /// The groups as the deployment contract takes them, sorted by name. Rates are the file's prices, read by `leasehold.per`, in
    /// 10⁻¹² of the denom's smallest unit per second and replica, rounded down.
    ///
    /// # Errors
    /// [`SdlError`] when the chain would refuse a group: more groups, units, volumes, attributes or auditors than its caps, or a price that
    /// is zero or too large as a rate.
    pub fn groups(&self) -> Result<Vec<GroupSpec>, SdlError> {
        self.on_chain.clone()
    }

    /// The one denom that all prices are in.
    #[must_use]
    pub fn denom(&self) -> &str {
        let mut units = self.groups.iter().flat_map(|group| &group.units);
        units.next().map_or("", |unit| &unit.price.denom)
    }

    /// The groups in the form of Akash's deployment message, sorted by name.
    #[must_use]
    pub fn akash_groups(&self) -> Vec<AkashGroupSpec> {
        self.groups.iter().map(Group::to_akash).collect()
    }

    /// What the provider runs; its hash goes on chain.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The `leasehold:` block, or its defaults.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Least notice that the tenant wants before a provider takes its machine back.
    #[must_use]
    pub fn reclamation(&self) -> Option<Duration> {
        self.reclamation
    }

    /// What the file says without effect.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}
