//! How a provider is reached.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Binary;

use crate::RuleError;

/// Longest gateway address, in bytes.
pub const MAX_GATEWAY: usize = 256;
/// Lengths of an age recipient, in bytes: an X25519 one has 62, a plugin's may be longer.
pub const AGE_RECIPIENT_LENGTHS: std::ops::RangeInclusive<usize> = 62..=128;
/// Length of a SHA-256 hash, in bytes.
pub const HASH_LENGTH: usize = 32;

/// How to reach a provider and be sure that it is the one.
#[cw_serde]
pub struct Contact {
    /// `https://host[:port]`, no path, at most 256 bytes.
    pub gateway: String,
    /// SHA-256 of the gateway certificate's public key (SPKI), 32 bytes. Clients trust nothing else.
    pub tls_pin: Binary,
    /// `age1…` recipient to which manifests are encrypted, 62 to 128 bytes, lower-case letters and digits.
    pub age_recipient: String,
}

impl Contact {
    /// Checks form and lengths; whether anybody answers there is for clients to find out.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), RuleError> {
        if self.gateway.len() > MAX_GATEWAY || !is_gateway(&self.gateway) {
            let allowed = format!("https://host[:port], no path, at most {MAX_GATEWAY} bytes");
            return Err(RuleError::range("gateway", excerpt(&self.gateway), allowed));
        }
        if self.tls_pin.len() != HASH_LENGTH {
            let value = format!("{} bytes long", self.tls_pin.len());
            return Err(RuleError::range("tls_pin", value, "32 bytes"));
        }
        if !is_age_recipient(&self.age_recipient) {
            let value = excerpt(&self.age_recipient);
            let allowed = "age1 and lower-case letters and digits, 62 to 128 bytes";
            return Err(RuleError::range("age_recipient", value, allowed));
        }
        Ok(())
    }
}

/// `https://host[:port]` with a DNS name, an IPv4 or a bracketed IPv6 address.
fn is_gateway(text: &str) -> bool {
    let Some(authority) = text.strip_prefix("https://") else {
        return false;
    };
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of `[::1]` is part of the address.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    is_host(host) && port.is_none_or(is_port)
}

fn is_host(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return v6.parse::<std::net::Ipv6Addr>().is_ok();
    }
    // At most MAX_GATEWAY bytes.
    host.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0)
}

fn is_age_recipient(text: &str) -> bool {
    AGE_RECIPIENT_LENGTHS.contains(&text.len())
        && text.starts_with("age1")
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// The start of a text that may be long, for an error message.
fn excerpt(text: &str) -> String {
    text.chars().take(64).collect()
}
