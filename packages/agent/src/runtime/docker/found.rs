//! What the engine says of a container.

use std::collections::HashMap;
use std::net::IpAddr;

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use leasehold_sdl::Protocol;

use super::claim::full_id;
use super::container::{LEASE, PROVIDER, REPLICA, REVISION, SERVICE};
use crate::runtime::{LogLine, Port, Replica, ReplicaState, RuntimeError};

/// Without one nothing can be done to it.
pub fn id(container: &ContainerSummary) -> Result<&str, RuntimeError> {
    container.id.as_deref().ok_or_else(|| RuntimeError::Decode {
        what: format!("the engine's entry of container {:?}", container.names),
        reason: "it has no id".to_owned(),
    })
}

/// Provider and lease of what carries these labels.
pub fn owner(labels: &HashMap<String, String>) -> Option<(&str, u64)> {
    Some((labels.get(PROVIDER)?, labels.get(LEASE)?.parse().ok()?))
}

pub fn image_ids(containers: &[ContainerSummary]) -> Vec<String> {
    let ids = containers.iter().filter_map(|c| c.image_id.as_deref());
    ids.map(full_id).collect()
}

pub fn lines(replica: &Replica, bytes: &[u8]) -> Vec<LogLine> {
    let text = String::from_utf8_lossy(bytes);
    let line = |line: &str| LogLine {
        service: replica.service.clone(),
        replica: replica.index,
        line: line.to_owned(),
    };
    text.lines().map(line).collect()
}

/// `None` for a container without this agent's labels.
pub fn replica(container: &ContainerSummary) -> Option<(u64, Replica)> {
    let labels = container.labels.as_ref()?;
    let (_, lease) = owner(labels)?;
    let is_up = matches!(
        container.state,
        Some(ContainerSummaryStateEnum::RUNNING | ContainerSummaryStateEnum::RESTARTING)
    );
    let ports = container.ports.iter().flatten().filter_map(|published| {
        let ip: IpAddr = published.ip.as_deref()?.parse().ok()?;
        let proto = match published.typ?.to_string().as_str() {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            _ => return None,
        };
        Some(Port {
            port: published.private_port,
            proto,
            address: (ip, published.public_port?).into(),
        })
    });
    let replica = Replica {
        service: labels.get(SERVICE)?.clone(),
        index: labels.get(REPLICA)?.parse().ok()?,
        revision: labels.get(REVISION)?.clone(),
        state: if is_up {
            ReplicaState::Running
        } else {
            ReplicaState::Exited
        },
        ports: ports.collect(),
    };
    Some((lease, replica))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_without_an_id_is_not_taken_for_another() {
        let nameless = ContainerSummary::default();
        assert!(matches!(id(&nameless), Err(RuntimeError::Decode { .. })));
        let known = ContainerSummary {
            id: Some("a1".to_owned()),
            ..nameless
        };
        assert_eq!(id(&known).unwrap(), "a1");
    }
}
