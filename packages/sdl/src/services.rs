//! The `services:` section.

use std::collections::BTreeMap;

use crate::error::shown;
use crate::manifest::{HttpOptions, ImageCredentials, Protocol, ServicePermissions, StorageParams};
use crate::model::{Expose, ExposeTo, Params, Service, Tee};
use crate::reader::{Cursor, Fields, Unknown};

pub(crate) fn services(section: &Cursor) -> BTreeMap<String, Service> {
    let entries = section.entries().into_iter();
    entries
        .map(|(name, cursor)| {
            if !is_service_name(name) {
                cursor.error(format!(
                    "service name {} is not allowed: a-z, 0-9 and -, from a letter to a letter or digit",
                    shown(name)
                ));
            }
            (name.to_owned(), service(&cursor))
        })
        .collect()
}

fn service(cursor: &Cursor) -> Service {
    const KNOWN: [&str; 8] = [
        "image",
        "command",
        "args",
        "env",
        "expose",
        "dependencies",
        "params",
        "credentials",
    ];
    let fields = cursor.fields(&KNOWN, Unknown::Warn);
    let list = |name| fields.get(name).map(Cursor::strings);
    Service {
        image: fields
            .required("image", "name of a container image")
            .map(image)
            .unwrap_or_default(),
        command: list("command"),
        args: list("args"),
        env: fields.get("env").map(environment),
        expose: fields
            .get("expose")
            .map(|c| c.items().iter().map(expose).collect())
            .unwrap_or_default(),
        params: fields.get("params").map(params),
        credentials: fields.get("credentials").map(credentials),
    }
}

fn image(cursor: &Cursor) -> String {
    if cursor.text().is_empty() {
        cursor.error("empty, required: name of a container image");
    }
    cursor.string()
}

fn environment(cursor: &Cursor) -> Vec<String> {
    for item in cursor.items() {
        let name = item.text().split('=').next().unwrap_or_default();
        if !is_env_name(name) {
            item.error(format!(
                "variable name {} is not allowed: letters, digits, - _ and ., not from a digit",
                shown(name)
            ));
        }
    }
    cursor.strings()
}

fn expose(cursor: &Cursor) -> Expose {
    const KNOWN: [&str; 6] = ["port", "as", "proto", "to", "accept", "http_options"];
    const PROTOCOLS: [(&str, Protocol); 4] = [
        ("tcp", Protocol::Tcp),
        ("udp", Protocol::Udp),
        ("TCP", Protocol::Tcp),
        ("UDP", Protocol::Udp),
    ];
    let fields = cursor.fields(&KNOWN, Unknown::Warn);
    Expose {
        port: fields
            .required("port", "1 to 65535")
            .map_or(1, |c| c.integer(1..=65535)),
        external: fields.get("as").map_or(0, |c| c.integer(0..=65535)),
        proto: fields
            .get("proto")
            .and_then(|c| c.choice(&PROTOCOLS))
            .unwrap_or(Protocol::Tcp),
        to: fields
            .get("to")
            .map(|c| c.items().iter().map(expose_to).collect())
            .unwrap_or_default(),
        hosts: fields.get("accept").map(hosts),
        http: fields
            .get("http_options")
            .map(http_options)
            .unwrap_or_default(),
    }
}

fn expose_to(cursor: &Cursor) -> ExposeTo {
    let fields = cursor.fields(&["service", "global", "ip"], Unknown::Warn);
    let text = |name| fields.get(name).map(Cursor::string).unwrap_or_default();
    let to = ExposeTo {
        service: text("service"),
        global: fields.get("global").is_some_and(Cursor::flag),
        ip: text("ip"),
    };
    if !to.ip.is_empty() && !to.global {
        cursor.error("`ip` requires `global: true`");
    }
    to
}

fn hosts(cursor: &Cursor) -> Vec<String> {
    for host in cursor.items() {
        if !is_host_name(host.text()) {
            host.error(format!(
                "host name {} is not allowed: lower-case labels joined by dots, at most 253 characters",
                shown(host.text())
            ));
        }
    }
    cursor.strings()
}

fn http_options(cursor: &Cursor) -> HttpOptions {
    const KNOWN: [&str; 7] = [
        "max_body_size",
        "proxy_buffer_size",
        "read_timeout",
        "send_timeout",
        "next_tries",
        "next_timeout",
        "next_cases",
    ];
    let fields = cursor.fields(&KNOWN, Unknown::Warn);
    let defaults = HttpOptions::default();
    // Zero asks for the default, as in Akash.
    let number = |name, default: u32, max: u32| {
        let given = fields.get(name).map_or(0, |c| c.integer(0..=max));
        if given == 0 {
            default
        } else {
            given
        }
    };
    HttpOptions {
        max_body_size: number("max_body_size", defaults.max_body_size, 104_857_600),
        read_timeout: number("read_timeout", defaults.read_timeout, 60_000),
        send_timeout: number("send_timeout", defaults.send_timeout, 60_000),
        next_tries: number("next_tries", defaults.next_tries, u32::MAX),
        next_timeout: number("next_timeout", 0, u32::MAX),
        proxy_buffer_size: number("proxy_buffer_size", 0, 1_048_576),
        next_cases: next_cases(&fields).unwrap_or(defaults.next_cases),
    }
}

fn next_cases(fields: &Fields) -> Option<Vec<String>> {
    const CASES: [&str; 10] = [
        "error", "timeout", "500", "502", "503", "504", "403", "404", "429", "off",
    ];
    let cursor = fields.get("next_cases")?;
    let cases = cursor.items();
    for case in &cases {
        case.choice(&CASES.map(|word| (word, ())));
    }
    if cases.len() > 1 && cases.iter().any(|case| case.text() == "off") {
        cursor.error("`off` stands alone");
    }
    (!cases.is_empty()).then(|| cursor.strings())
}

fn params(cursor: &Cursor) -> Params {
    const TEES: [(&str, Tee); 2] = [("cpu", Tee::Cpu), ("cpu-gpu", Tee::CpuGpu)];
    let fields = cursor.fields(&["storage", "permissions", "tee"], Unknown::Warn);
    Params {
        storage: fields
            .get("storage")
            .map(mounts)
            .filter(|mounts| !mounts.is_empty()),
        permissions: fields.get("permissions").map(permissions),
        tee: fields.get("tee").and_then(|c| c.choice(&TEES)),
    }
}

fn mounts(cursor: &Cursor) -> Vec<StorageParams> {
    let mut mounts: Vec<StorageParams> = Vec::new();
    for (name, volume) in cursor.entries() {
        let fields = volume.fields(&["mount", "readOnly"], Unknown::Warn);
        let mount = fields
            .required("mount", "an absolute path")
            .map(|c| absolute(c, &mounts))
            .unwrap_or_default();
        mounts.push(StorageParams {
            name: name.to_owned(),
            mount,
            read_only: fields.get("readOnly").is_some_and(Cursor::flag),
        });
    }
    mounts.sort_by(|a, b| a.name.cmp(&b.name));
    mounts
}

fn absolute(cursor: &Cursor, others: &[StorageParams]) -> String {
    let path = cursor.string();
    if !path.starts_with('/') {
        cursor.error(format!("{} is not allowed: an absolute path", shown(&path)));
    }
    if let Some(other) = others.iter().find(|other| other.mount == path) {
        cursor.error(format!(
            "{} is already the mount of volume {}",
            shown(&path),
            other.name
        ));
    }
    path
}

fn permissions(cursor: &Cursor) -> ServicePermissions {
    const READ: [(&str, &str); 3] = [
        ("deployment", "deployment"),
        ("logs", "logs"),
        ("events", "events"),
    ];
    let fields = cursor.fields(&["read"], Unknown::Warn);
    let read = fields.get("read").map(Cursor::items).unwrap_or_default();
    ServicePermissions {
        read: read
            .iter()
            .filter_map(|c| c.choice(&READ))
            .map(str::to_owned)
            .collect(),
    }
}

fn credentials(cursor: &Cursor) -> ImageCredentials {
    let fields = cursor.fields(&["host", "email", "username", "password"], Unknown::Warn);
    let needed = |name| {
        let given = fields.required(name, "text").map(|c| {
            if c.text().trim().is_empty() {
                c.error("empty, required: text");
            }
            c.string()
        });
        given.unwrap_or_default()
    };
    let short = |name, least: usize| {
        if let Some(field) = fields.get(name).filter(|c| c.text().len() < least) {
            field.warn(format!("shorter than {least} characters"));
        }
    };
    short("password", 6);
    short("email", 5);
    ImageCredentials {
        host: needed("host"),
        email: fields.get("email").map(Cursor::string).unwrap_or_default(),
        username: needed("username"),
        password: needed("password"),
    }
}

/// `[a-z]([-a-z0-9]*[a-z0-9])?`
pub(crate) fn is_service_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(is_label_byte)
}

/// Kubernetes' rule for environment variables.
fn is_env_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty()
        && name.chars().all(allowed)
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name != "."
        && !name.starts_with("..")
}

/// A DNS-1123 subdomain.
pub(crate) fn is_host_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(is_label_byte)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}
