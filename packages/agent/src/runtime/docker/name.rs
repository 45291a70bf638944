//! Names of images.

use std::fmt;

/// Where Docker looks for a name without a host.
const HUB: &str = "docker.io";

/// In full: `nginx` is `docker.io/library/nginx:latest`. Nothing else that an engine would take for an image: neither an id, by which each
/// tenant's images could be found, nor a path, of the host or within the engine's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName {
    repository: String,
    version: Version,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Version {
    Tag(String),
    Digest(String),
}

impl ImageName {
    /// # Errors
    /// Why it is none.
    pub fn parse(image: &str) -> Result<Self, String> {
        let (named, digest) = match image.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (image, None),
        };
        let (repository, tag) = match named.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (named, "latest"),
        };
        let (host, path) = host_and_path(repository);
        check(image, "a registry's host", host, is_host(host))?;
        let is_path = path.split('/').all(is_part);
        check(image, "a lower-case path", &path, is_path)?;
        check(image, "a tag", tag, is_tag(tag))?;
        if let Some(digest) = digest {
            check(image, "a digest", digest, is_digest(digest))?;
        }
        Ok(Self {
            repository: format!("{host}/{path}"),
            version: digest.map_or_else(
                || Version::Tag(tag.to_owned()),
                |digest| Version::Digest(digest.to_owned()),
            ),
        })
    }

    /// Whether it may be found by a name that nobody asked for: an engine gives each image that it pulls by its tag its digest's, too.
    pub fn may_be_found_as(&self, other: &Self) -> bool {
        matches!(other.version, Version::Digest(_)) && self.repository == other.repository
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Version::Tag(tag) => write!(f, "{}:{tag}", self.repository),
            Version::Digest(digest) => write!(f, "{}@{digest}", self.repository),
        }
    }
}

fn check(image: &str, what: &str, part: &str, is_good: bool) -> Result<(), String> {
    let reason = || format!("`{image}` is no image's name: `{part}` is not {what}");
    is_good.then_some(()).ok_or_else(reason)
}

fn host_and_path(repository: &str) -> (&str, String) {
    let looks_like_host = |first: &str| first.contains(['.', ':']) || first == "localhost";
    let (host, path) = match repository.split_once('/') {
        Some((host, path)) if looks_like_host(host) => (host, path),
        _ => (HUB, repository),
    };
    match host {
        HUB | "index.docker.io" if !path.contains('/') => (HUB, format!("library/{path}")),
        "index.docker.io" => (HUB, path.to_owned()),
        _ => (host, path.to_owned()),
    }
}

/// One that has a dot: `dir:80/x` is a folder to Podman.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    let is_name = name.split('.').all(|label| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty() && label.chars().all(plain)
    });
    let is_known = name == "localhost" || name.contains('.');
    is_name && is_known && port.parse::<u16>().is_ok()
}

fn is_part(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let joins = |c: char| matches!(c, '.' | '_' | '-');
    part.starts_with(plain) && part.ends_with(plain) && part.chars().all(|c| plain(c) || joins(c))
}

fn is_tag(tag: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let later = |c: char| plain(c) || matches!(c, '.' | '-');
    tag.starts_with(plain) && tag.chars().all(later) && tag.len() <= 128
}

fn is_digest(digest: &str) -> bool {
    let hex = digest.strip_prefix("sha256:");
    hex.is_some_and(|hex| {
        hex.len() == 64 && hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_as_docker_does() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        for (given, full) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("bitnami/redis:7.2", "docker.io/bitnami/redis:7.2"),
            ("docker.io/nginx:1", "docker.io/library/nginx:1"),
            ("index.docker.io/a/b:1", "docker.io/a/b:1"),
            ("ghcr.io/a/b__c/d-e", "ghcr.io/a/b__c/d-e:latest"),
            ("localhost/x:1", "localhost/x:1"),
            ("127.0.0.1:5000/x", "127.0.0.1:5000/x:latest"),
            // An id is the name of something else then.
            ("3f4d90098f5b", "docker.io/library/3f4d90098f5b:latest"),
        ] {
            assert_eq!(ImageName::parse(given).unwrap().to_string(), full);
        }
        // Engines drop the tag beside a digest.
        let both = ImageName::parse(&format!("ghcr.io/a:1@{digest}")).unwrap();
        assert_eq!(both.to_string(), format!("ghcr.io/a@{digest}"));
    }

    #[test]
    fn what_is_no_name_of_an_image_is_refused() {
        for given in [
            "",
            "dir:/etc",
            "dir:80/x",
            "docker-archive:/srv/x.tar",
            "docker://nginx",
            "../containers/web",
            "ghcr.io/../../containers/web",
            "nginx/json?x=",
            "nginx%2f..",
            "nginx:1/2:",
            "nginx@sha256:12",
            "Nginx",
        ] {
            assert!(ImageName::parse(given).is_err(), "{given}");
        }
    }
}
