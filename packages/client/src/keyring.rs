use std::{
    fs, io,
    path::{Path, PathBuf},
};

use age::{scrypt, secrecy::SecretString, DecryptError};
use base64::{engine::general_purpose::STANDARD, Engine};
use cosmrs::bip32::secp256k1::ecdsa::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::{
    file,
    keys::{address_of, new_mnemonic, parse_mnemonic, Key, KeyError, Mnemonic, WordCount},
};

const EXTENSION: &str = "key";

/// scrypt N = 2^17 (128 MiB, some tenths of a second) for a passphrase.
const WORK_FACTOR: u8 = 17;

/// Stretching cannot strengthen an empty passphrase, so it costs nothing.
const NO_WORK_FACTOR: u8 = 1;

/// Refuses key files that would take more than 1 GiB to open.
const MAX_WORK_FACTOR: u8 = 20;

#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    #[error("`{0}` cannot be a key name; use 1 to 64 letters, digits, `-` and `_`")]
    Name(String),
    #[error("there is already a key named `{0}`; choose another name, or delete that one first")]
    Exists(String),
    #[error("there is no key named `{name}` in {dir}; there are: {present}")]
    NotFound {
        name: String,
        dir: String,
        present: String,
    },
    #[error("wrong passphrase for key `{0}`")]
    WrongPassphrase(String),
    #[error("key file {path} is damaged: {reason}; recover the key from its recovery phrase")]
    Damaged { path: String, reason: String },
    #[error("cannot encrypt key `{name}`: {reason}")]
    Encrypt { name: String, reason: String },
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What a key file says without its passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyInfo {
    pub name: String,
    pub address: String,
    /// Compressed secp256k1 key, base64.
    pub public_key: String,
}

/// A folder of key files, one `NAME.key` each, mode 0600. The recovery phrase inside is encrypted with age to a passphrase
/// (scrypt); an empty passphrase leaves it readable to whoever can read the file, which is meant for development.
#[derive(Debug, Clone)]
pub struct Keyring {
    dir: PathBuf,
    prefix: String,
}

#[derive(Serialize, Deserialize)]
struct KeyFile {
    version: u32,
    public_key: String,
    secret: String,
}

impl Keyring {
    /// Opens the folder, creating it with mode 0700 when it is missing. `prefix` is the address prefix of the chain.
    pub fn open(dir: impl Into<PathBuf>, prefix: &str) -> Result<Self, KeyringError> {
        let dir = dir.into();
        create_private_folder(&dir).map_err(|source| io_error(&dir, source))?;
        Ok(Self {
            dir,
            prefix: prefix.into(),
        })
    }

    /// Makes a new random key. The phrase is the only backup: show it to the owner once.
    pub fn add(
        &self,
        name: &str,
        words: WordCount,
        passphrase: &str,
    ) -> Result<(KeyInfo, Mnemonic), KeyringError> {
        let mnemonic = new_mnemonic(words)?;
        Ok((self.store(name, &mnemonic, passphrase)?, mnemonic))
    }

    /// Recovers a key from its phrase.
    pub fn import(
        &self,
        name: &str,
        words: &str,
        passphrase: &str,
    ) -> Result<KeyInfo, KeyringError> {
        self.store(name, &parse_mnemonic(words)?, passphrase)
    }

    /// All keys, by name.
    pub fn list(&self) -> Result<Vec<KeyInfo>, KeyringError> {
        self.names()?.iter().map(|name| self.show(name)).collect()
    }

    /// Name, address and public key; needs no passphrase.
    pub fn show(&self, name: &str) -> Result<KeyInfo, KeyringError> {
        let public_key = self.read(name)?.public_key;
        let address = STANDARD
            .decode(&public_key)
            .map_err(|e| self.damaged(name, e))
            .and_then(|bytes| {
                VerifyingKey::from_sec1_bytes(&bytes).map_err(|e| self.damaged(name, e))
            })
            .and_then(|key| Ok(address_of(&key, &self.prefix)?))?;
        Ok(KeyInfo {
            name: name.into(),
            address,
            public_key,
        })
    }

    /// The key itself, ready to sign.
    pub fn unlock(&self, name: &str, passphrase: &str) -> Result<Key, KeyringError> {
        let key = Key::from_mnemonic(&self.export(name, passphrase)?, &self.prefix)?;
        match self.show(name)?.address == key.address() {
            true => Ok(key),
            false => Err(self.damaged(name, "its public key is not the key of its phrase")),
        }
    }

    /// The recovery phrase: whoever has it has the money.
    pub fn export(&self, name: &str, passphrase: &str) -> Result<Mnemonic, KeyringError> {
        let sealed = STANDARD
            .decode(self.read(name)?.secret)
            .map_err(|e| self.damaged(name, e))?;
        let mut identity = scrypt::Identity::new(SecretString::from(passphrase));
        identity.set_max_work_factor(MAX_WORK_FACTOR);
        let words = age::decrypt(&identity, &sealed).map_err(|e| match e {
            DecryptError::DecryptionFailed
            | DecryptError::NoMatchingKeys
            | DecryptError::KeyDecryptionFailed => KeyringError::WrongPassphrase(name.into()),
            other => self.damaged(name, other),
        })?;
        let words = String::from_utf8(words).map_err(|e| self.damaged(name, e.utf8_error()))?;
        Ok(parse_mnemonic(&words)?)
    }

    /// Removes the key file. Without its recovery phrase the key is gone for good.
    pub fn delete(&self, name: &str) -> Result<(), KeyringError> {
        self.read(name)?;
        let path = self.path(name)?;
        file::remove(&path).map_err(|source| io_error(&path, source))
    }

    fn store(
        &self,
        name: &str,
        mnemonic: &Mnemonic,
        passphrase: &str,
    ) -> Result<KeyInfo, KeyringError> {
        let path = self.path(name)?;
        let public_key = STANDARD.encode(Key::from_mnemonic(mnemonic, &self.prefix)?.public_key());
        let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase));
        recipient.set_work_factor(if passphrase.is_empty() {
            NO_WORK_FACTOR
        } else {
            WORK_FACTOR
        });
        let encrypt_error = |reason: String| KeyringError::Encrypt {
            name: name.into(),
            reason,
        };
        let sealed = age::encrypt(&recipient, mnemonic.to_string().as_bytes())
            .map_err(|e| encrypt_error(e.to_string()))?;
        let content = KeyFile {
            version: 1,
            public_key,
            secret: STANDARD.encode(sealed),
        };
        let bytes =
            serde_json::to_vec_pretty(&content).map_err(|e| encrypt_error(e.to_string()))?;
        file::create(&path, &bytes).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyringError::Exists(name.into()),
            _ => io_error(&path, source),
        })?;
        self.show(name)
    }

    fn read(&self, name: &str) -> Result<KeyFile, KeyringError> {
        let path = self.path(name)?;
        let bytes = match fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(self.not_found(name)?),
            other => other.map_err(|source| io_error(&path, source))?,
        };
        let content: KeyFile = serde_json::from_slice(&bytes).map_err(|e| self.damaged(name, e))?;
        match content.version {
            1 => Ok(content),
            other => Err(self.damaged(name, format!("version {other} is not known, only 1 is"))),
        }
    }

    fn names(&self) -> Result<Vec<String>, KeyringError> {
        let entries = fs::read_dir(&self.dir).map_err(|source| io_error(&self.dir, source))?;
        let paths = entries
            .map(|entry| entry.map(|e| e.path()))
            .collect::<io::Result<Vec<_>>>()
            .map_err(|source| io_error(&self.dir, source))?;
        let is_key_file = |path: &&PathBuf| path.extension().is_some_and(|e| e == EXTENSION);
        let mut names: Vec<String> = paths
            .iter()
            .filter(is_key_file)
            .filter_map(|path| path.file_stem()?.to_str().map(String::from))
            .collect();
        names.sort();
        Ok(names)
    }

    fn path(&self, name: &str) -> Result<PathBuf, KeyringError> {
        let valid = (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        match valid {
            true => Ok(self.dir.join(name).with_extension(EXTENSION)),
            false => Err(KeyringError::Name(name.into())),
        }
    }

    fn not_found(&self, name: &str) -> Result<KeyringError, KeyringError> {
        let names = self.names()?;
        let present = if names.is_empty() {
            "none".into()
        } else {
            names.join(", ")
        };
        Ok(KeyringError::NotFound {
            name: name.into(),
            dir: self.dir.display().to_string(),
            present,
        })
    }

    fn damaged(&self, name: &str, reason: impl ToString) -> KeyringError {
        let path = self
            .dir
            .join(name)
            .with_extension(EXTENSION)
            .display()
            .to_string();
        KeyringError::Damaged {
            path,
            reason: reason.to_string(),
        }
    }
}

fn create_private_folder(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}

fn io_error(path: &Path, source: io::Error) -> KeyringError {
    KeyringError::Io {
        path: path.display().to_string(),
        source,
    }
}
