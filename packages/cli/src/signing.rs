//! What signs for an auditor or a watcher: its account's key, or an Ed25519 key of its own in a file.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::Binary;
use leasehold_api::provider::Key;
use leasehold_client::Key as Account;
use rcgen::{KeyPair, SigningKey as _, PKCS_ED25519};

/// What a group and others may do with a file, as Unix writes it.
const OTHERS: u32 = 0o077;

/// For whom and with what.
pub struct Signer {
    pub address: String,
    secret: Secret,
}

enum Secret {
    Account(Account),
    File(KeyPair),
}

impl Signer {
    pub fn of_account(key: &Account) -> Self {
        Signer {
            address: key.address().into(),
            secret: Secret::Account(key.clone()),
        }
    }

    /// Needs nothing of the account but its address.
    ///
    /// # Errors
    /// The file cannot be read, is open to others than its owner, or holds no Ed25519 key.
    pub fn of_file(address: String, file: &Path) -> Result<Self> {
        let secret = Secret::File(read(file)?);
        Ok(Signer { address, secret })
    }

    /// As the registry keeps it.
    pub fn public(&self) -> Key {
        match &self.secret {
            Secret::Account(key) => Key::Secp256k1(key.public_key().into()),
            Secret::File(pair) => ed25519(pair),
        }
    }

    pub fn sign(&self, bytes: &[u8]) -> Result<Binary> {
        match &self.secret {
            Secret::Account(key) => Ok(key.sign(bytes).into()),
            Secret::File(pair) => Ok(pair.sign(bytes)?.into()),
        }
    }
}

fn ed25519(pair: &KeyPair) -> Key {
    Key::Ed25519(pair.public_key_raw().into())
}

/// Makes an Ed25519 key in a new file that its owner alone can read: PKCS #8 in PEM, as OpenSSL writes one.
///
/// # Errors
/// There is such a file, or it cannot be written.
pub fn make(file: &Path) -> Result<Key> {
    let pair = KeyPair::generate_for(&PKCS_ED25519)?;
    let mut options = OpenOptions::new();
    // A key that is in use is never written over.
    let new = options.write(true).create_new(true).mode(0o600).open(file);
    new.and_then(|mut new| {
        new.write_all(pair.serialize_pem().as_bytes())?;
        new.sync_all()
    })
    .with_context(|| format!("cannot make {}", file.display()))?;
    Ok(ed25519(&pair))
}

fn read(file: &Path) -> Result<KeyPair> {
    let mut opened =
        fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mode = opened.metadata()?.permissions().mode();
    ensure!(
        mode & OTHERS == 0,
        "{} is open to others than its owner: `chmod 600` it",
        file.display()
    );
    let mut pem = String::new();
    opened
        .read_to_string(&mut pem)
        .with_context(|| format!("cannot read {}", file.display()))?;
    let pair = KeyPair::from_pem(&pem)
        .with_context(|| format!("{} is no private key in PEM", file.display()))?;
    ensure!(
        pair.is_compatible(&PKCS_ED25519),
        "{} holds a key of another kind than Ed25519",
        file.display()
    );
    Ok(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410, section 10.3, and the public key that section 10.1 shows for it.
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    fn kept(folder: &Path, text: &str, mode: u32) -> std::path::PathBuf {
        let file = folder.join("other.pem");
        fs::write(&file, text).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("its owner's");
        file
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_and_signs_what_the_registry_verifies() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("signing.pem");
        let made = make(&file).expect("made");
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let taken = make(&file).expect_err("it is there");
        assert!(taken.to_string().contains("signing.pem"), "{taken}");

        let signer = Signer::of_file("wasm1auditor".into(), &file).expect("read");
        assert_eq!(signer.public(), made);
        let Key::Ed25519(public) = made else {
            panic!("{made:?}")
        };
        let signature = signer.sign(b"word").expect("signed");
        let verified = |message| cosmwasm_crypto::ed25519_verify(message, &signature, &public);
        assert!(matches!(verified(b"word"), Ok(true)));
        assert!(matches!(verified(b"world"), Ok(false)));
    }

    #[test]
    fn a_key_of_another_tool_is_read_and_one_that_others_can_read_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = kept(folder.path(), PEM, 0o600);
        assert_eq!(
            ed25519(&read(&file).expect("well formed")),
            Key::Ed25519(Binary::from_base64(PUBLIC).expect("base64"))
        );
        let refused = |file: &Path| read(file).map(drop).expect_err("refused").to_string();
        let shared = kept(folder.path(), PEM, 0o640);
        assert!(refused(&shared).contains("chmod 600"));
        let text = kept(folder.path(), "no key", 0o600);
        assert!(refused(&text).contains("no private key in PEM"));
        let curve = KeyPair::generate().expect("a key").serialize_pem();
        let other = kept(folder.path(), &curve, 0o600);
        assert!(refused(&other).contains("another kind"));
    }
}
