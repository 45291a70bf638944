//! The agent's own keys, made on first start and kept in its home folder, readable by their owner only.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;
use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path} is not a private key in PEM: {source}")]
    TlsKey {
        path: PathBuf,
        #[source]
        source: rcgen::Error,
    },
    #[error("the TLS certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("{path} does not hold an age identity: {reason}")]
    Age { path: PathBuf, reason: String },
}

/// TLS key with its certificate, and the age key that manifests are encrypted to.
pub struct Identity {
    pub certificate: CertificateDer<'static>,
    tls_key: Vec<u8>,
    /// SHA-256 of the certificate's SPKI: what the chain holds and clients check.
    pub tls_pin: [u8; 32],
    pub age: age::x25519::Identity,
}

impl Identity {
    /// Reads `tls.key` and `age.key` from `home`, or makes them. The certificate is made anew each time: only its key counts.
    ///
    /// # Errors
    /// A file that cannot be read or written, or does not hold a key.
    pub fn load(home: &Path) -> Result<Self, IdentityError> {
        let path = home.join("tls.key");
        let pem = load_or_create(&path, || Ok(KeyPair::generate()?.serialize_pem()))?;
        let key =
            KeyPair::from_pem(&pem).map_err(|source| IdentityError::TlsKey { path, source })?;
        let params = CertificateParams::new(vec!["leasehold-provider".to_owned()])?;
        let certificate = params.self_signed(&key)?.der().clone();
        let tls_pin = Sha256::digest(key.subject_public_key_info()).into();

        let path = home.join("age.key");
        let new = || {
            Ok(age::x25519::Identity::generate()
                .to_string()
                .expose_secret()
                .to_owned())
        };
        let text = load_or_create(&path, new)?;
        let age = text
            .trim()
            .parse()
            .map_err(|reason: &str| IdentityError::Age {
                path,
                reason: reason.to_owned(),
            })?;
        Ok(Self {
            certificate,
            tls_key: key.serialize_der(),
            tls_pin,
            age,
        })
    }

    pub fn tls_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.tls_key.clone()).into()
    }

    /// `age1…`
    pub fn age_recipient(&self) -> String {
        self.age.to_public().to_string()
    }
}

fn load_or_create(
    path: &Path,
    new: impl FnOnce() -> Result<String, IdentityError>,
) -> Result<String, IdentityError> {
    let io = |source| IdentityError::Io {
        path: path.to_owned(),
        source,
    };
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let text = new()?;
            write_private(path, text.as_bytes()).map_err(io)?;
            Ok(text)
        }
        Err(e) => Err(io(e)),
    }
}

/// Whole or not at all, also when the machine dies in between.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn keys_survive_a_restart_and_are_private() {
        let home = tempfile::tempdir().unwrap();
        let first = Identity::load(home.path()).unwrap();
        let again = Identity::load(home.path()).unwrap();
        assert_eq!(first.tls_pin, again.tls_pin);
        assert_eq!(first.age_recipient(), again.age_recipient());
        for name in ["tls.key", "age.key"] {
            let mode = fs::metadata(home.path().join(name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_damaged_key_is_an_error_not_a_new_identity() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("tls.key"), "rubbish").unwrap();
        assert!(matches!(
            Identity::load(home.path()),
            Err(IdentityError::TlsKey { .. })
        ));
    }
}
