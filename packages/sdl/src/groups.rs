//! Services placed into groups: Akash's group specifications and the manifest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::manifest::{
    ImageCredentials, Manifest, ManifestGroup, ManifestService, Protocol, ServiceExpose,
    ServiceParams, TeeParams,
};
use crate::model::{Compute, Document, Expose, ExposeTo, Params, Placement, Price, Version};
use crate::quantity::price_text;
use crate::resources::{Attribute, Endpoint, EndpointKind, Resources};
use crate::validate::Assignment;

/// What must be placed together on one provider, in the JSON of Akash's deployment message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AkashGroupSpec {
    pub name: String,
    pub requirements: AkashRequirements,
    pub resources: Vec<AkashResourceUnit>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AkashRequirements {
    pub signed_by: SignedBy,
    /// Sorted by key; `null` when there are none.
    pub attributes: Option<Vec<Attribute>>,
}

/// Auditors who must vouch for the provider's attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedBy {
    pub all_of: Option<Vec<String>>,
    pub any_of: Option<Vec<String>>,
}

/// `count` equal replicas and the most that one may cost for each block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AkashResourceUnit {
    pub resource: Resources,
    pub count: u32,
    pub price: AkashPrice,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AkashPrice {
    pub denom: String,
    /// With 18 decimals, as written in the file whatever `leasehold.per` says.
    pub amount: String,
}

/// A placement with its units and services.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub name: String,
    pub placement: Placement,
    pub units: Vec<Unit>,
    pub services: Vec<ManifestService>,
}

#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub profile: String,
    pub compute: Compute,
    pub price: Price,
    pub count: u32,
    pub endpoints: Vec<Endpoint>,
}

/// Groups by name. Version 2.0 makes one unit of each service, 2.1 one of each compute profile.
pub(crate) fn place(document: &Document, assignments: &[Assignment]) -> Vec<Group> {
    let addresses = address_numbers(assignments);
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for assignment in assignments {
        let group = groups
            .entry(assignment.placement_name)
            .or_insert_with(|| Group {
                name: assignment.placement_name.to_owned(),
                placement: assignment.placement.clone(),
                units: Vec::new(),
                services: Vec::new(),
            });
        group.add(document.version, assignment, &addresses);
    }
    groups.into_values().collect()
}

/// A number for each leased address. Akash sorts every non-public target, repeats and targets without an address included, and gives a name
/// its last index, so numbers have gaps.
fn address_numbers<'a>(assignments: &[Assignment<'a>]) -> BTreeMap<&'a str, u32> {
    let services: BTreeMap<&str, _> = assignments
        .iter()
        .map(|a| (a.service_name, a.service))
        .collect();
    let mut names: Vec<&str> = services
        .into_values()
        .flat_map(|service| &service.expose)
        .flat_map(|expose| &expose.to)
        .filter(|to| !to.global || !to.ip.is_empty())
        .map(|to| to.ip.as_str())
        .collect();
    names.sort_unstable();
    names.into_iter().zip(1..).collect()
}

impl Group {
    fn add(&mut self, version: Version, assignment: &Assignment, addresses: &BTreeMap<&str, u32>) {
        if let Some(tee) = assignment.service.params.as_ref().and_then(|p| p.tee) {
            let attributes = &mut self.placement.attributes;
            attributes.insert("tee/type".into(), tee.name().into());
        }
        let expose = service_exposes(&assignment.service.expose, addresses);
        let endpoints: Vec<_> = expose.iter().flat_map(endpoints).collect();
        let shared = match version {
            Version::V2_0 => None,
            Version::V2_1 => self
                .units
                .iter()
                .position(|unit| unit.profile == assignment.profile),
        };
        let index = match shared {
            Some(index) => {
                let unit = &mut self.units[index];
                unit.count += assignment.count;
                unit.endpoints.extend(&endpoints);
                unit.endpoints.sort_by_key(|e| e.sequence_number);
                index
            }
            None => {
                self.units.push(Unit::new(assignment, endpoints.clone()));
                self.units.len() - 1
            }
        };
        let resources = Resources::new(unit_id(index), assignment.compute, endpoints);
        let service = manifest_service(version, assignment, resources, expose);
        self.services.push(service);
    }

    pub fn to_akash(&self) -> AkashGroupSpec {
        let placement = &self.placement;
        let attributes: Vec<_> = placement
            .attributes
            .iter()
            .map(|(key, value)| Attribute::new(key, value))
            .collect();
        AkashGroupSpec {
            name: self.name.clone(),
            requirements: AkashRequirements {
                signed_by: SignedBy {
                    all_of: placement.all_of.clone(),
                    any_of: placement.any_of.clone(),
                },
                attributes: Some(attributes).filter(|list| !list.is_empty()),
            },
            resources: (0..).zip(&self.units).map(akash_unit).collect(),
        }
    }
}

fn akash_unit((index, unit): (usize, &Unit)) -> AkashResourceUnit {
    AkashResourceUnit {
        resource: Resources::new(unit_id(index), &unit.compute, unit.endpoints.clone()),
        count: unit.count,
        price: AkashPrice {
            denom: unit.price.denom.clone(),
            amount: price_text(unit.price.atoms),
        },
    }
}

/// Units are numbered from 1. A file's size bounds their number far below `u32`.
fn unit_id(index: usize) -> u32 {
    index as u32 + 1
}

impl Unit {
    fn new(assignment: &Assignment, endpoints: Vec<Endpoint>) -> Self {
        Self {
            profile: assignment.profile.to_owned(),
            compute: assignment.compute.clone(),
            price: assignment.price.clone(),
            count: assignment.count,
            endpoints,
        }
    }
}

pub(crate) fn manifest(groups: &[Group]) -> Manifest {
    let groups = groups.iter().map(|group| ManifestGroup {
        name: group.name.clone(),
        services: group.services.clone(),
    });
    Manifest(groups.collect())
}

fn manifest_service(
    version: Version,
    assignment: &Assignment,
    resources: Resources,
    expose: Vec<ServiceExpose>,
) -> ManifestService {
    let service = assignment.service;
    ManifestService {
        name: assignment.service_name.to_owned(),
        image: service.image.clone(),
        command: service.command.clone(),
        args: service.args.clone(),
        env: service.env.clone(),
        resources,
        count: assignment.count,
        expose,
        params: service.params.as_ref().map(service_params),
        credentials: service
            .credentials
            .as_ref()
            .map(|given| credentials(version, given)),
    }
}

fn service_params(params: &Params) -> ServiceParams {
    ServiceParams {
        storage: params.storage.clone(),
        permissions: params.permissions.clone(),
        tee: params.tee.map(|tee| TeeParams {
            kind: tee.name().to_owned(),
            attestation: true,
        }),
    }
}

/// Akash drops the email in 2.0, and trims all four in 2.1.
fn credentials(version: Version, given: &ImageCredentials) -> ImageCredentials {
    let trimmed = |text: &str| text.trim().to_owned();
    match version {
        Version::V2_0 => ImageCredentials {
            email: String::new(),
            ..given.clone()
        },
        Version::V2_1 => ImageCredentials {
            host: trimmed(&given.host),
            email: trimmed(&given.email),
            username: trimmed(&given.username),
            password: trimmed(&given.password),
        },
    }
}

fn service_exposes(exposes: &[Expose], addresses: &BTreeMap<&str, u32>) -> Vec<ServiceExpose> {
    let nobody = [ExposeTo::default()];
    let mut list: Vec<_> = exposes
        .iter()
        .flat_map(|expose| {
            let targets = if expose.to.is_empty() {
                &nobody
            } else {
                expose.to.as_slice()
            };
            targets.iter().map(move |to| (expose, to))
        })
        .map(|(expose, to)| service_expose(expose, to, addresses))
        .collect();
    list.sort_by(|a, b| akash_order(a).cmp(&akash_order(b)));
    list
}

fn akash_order(expose: &ServiceExpose) -> (&str, u32, Protocol, bool) {
    let private = !expose.global;
    (&expose.service, expose.port, expose.proto, private)
}

fn service_expose(
    expose: &Expose,
    to: &ExposeTo,
    addresses: &BTreeMap<&str, u32>,
) -> ServiceExpose {
    let leased = to.global && !to.ip.is_empty();
    let number = addresses.get(to.ip.as_str()).filter(|_| leased);
    ServiceExpose {
        port: expose.port,
        external_port: expose.external,
        proto: expose.proto,
        service: to.service.clone(),
        global: to.global,
        hosts: expose.hosts.clone(),
        http_options: expose.http.clone(),
        ip: to.ip.clone(),
        endpoint_sequence_number: number.copied().unwrap_or_default(),
    }
}

/// What one exposed port takes on chain.
pub(crate) fn endpoints(expose: &ServiceExpose) -> Vec<Endpoint> {
    let endpoint = |kind, sequence_number| Endpoint {
        kind,
        sequence_number,
    };
    let public = match expose.is_ingress() {
        true => EndpointKind::SharedHttp,
        false => EndpointKind::RandomPort,
    };
    let leased = !expose.ip.is_empty();
    match (expose.global, leased) {
        (false, _) => Vec::new(),
        (true, false) => vec![endpoint(public, 0)],
        (true, true) => vec![
            endpoint(public, 0),
            endpoint(EndpointKind::LeasedIp, expose.endpoint_sequence_number),
        ],
    }
}
