//! `leasehold keys`.

use std::io::IsTerminal;

use anyhow::{bail, Context as _, Result};
use leasehold_client::{Key, KeyInfo, Keyring, KeyringError, WordCount};
use leasehold_devchain::DEV_ACCOUNTS;
use serde_json::json;

use crate::args::KeysCommand;
use crate::context::Context;
use crate::{output, signing};

/// Passphrase of the keyring, for servers and scripts.
const PASSPHRASE: &str = "LEASEHOLD_PASSPHRASE";

pub fn run(context: &Context, command: KeysCommand) -> Result<()> {
    let keyring = context.keyring()?;
    match command {
        KeysCommand::Add { name } => {
            let (info, mnemonic) = keyring.add(&name, WordCount::TwentyFour, &new_passphrase()?)?;
            if context.global.json {
                return output::json(
                    &json!({"name": info.name, "address": info.address, "mnemonic": mnemonic.to_string()}),
                );
            }
            println!("{} {}\n\nWrite this recovery phrase down; it is the only backup and is not shown again:\n\n  {}", info.name, info.address, mnemonic);
            Ok(())
        }
        KeysCommand::Recover { name } => {
            let words = read_phrase()?;
            show(
                context,
                &keyring.import(&name, words.trim(), &new_passphrase()?)?,
            )
        }
        KeysCommand::Dev => list(context, &import_dev_accounts(&keyring)?),
        KeysCommand::Ed25519 { file } => {
            let key = signing::make(&file)?;
            if context.global.json {
                return output::json(&json!({"file": file, "key": key}));
            }
            println!(
                "{} is a new Ed25519 key; name it with --key to register and to sign",
                file.display()
            );
            Ok(())
        }
        KeysCommand::Ls => list(context, &keyring.list()?),
        KeysCommand::Show { name } => show(context, &keyring.show(&name)?),
        KeysCommand::Export { name } => {
            let mnemonic = with_passphrase(&name, |passphrase| keyring.export(&name, passphrase))?;
            if context.global.json {
                return output::json(&json!({"name": name, "mnemonic": mnemonic.to_string()}));
            }
            println!("{mnemonic}");
            Ok(())
        }
        KeysCommand::Rm { name, yes } => {
            let info = keyring.show(&name)?;
            if !yes
                && !confirm(&format!(
                    "Delete {name} ({})? Without its recovery phrase its money is lost",
                    info.address
                ))?
            {
                bail!("{name} was kept");
            }
            Ok(keyring.delete(&name)?)
        }
    }
}

/// The test accounts as keys without a passphrase, so that `--from tenant` works at once.
pub fn import_dev_accounts(keyring: &Keyring) -> Result<Vec<KeyInfo>> {
    let known = keyring.list()?;
    DEV_ACCOUNTS
        .iter()
        .map(
            |(name, words)| match known.iter().find(|key| key.name == *name) {
                Some(key) => Ok(key.clone()),
                None => Ok(keyring.import(name, words, "")?),
            },
        )
        .collect()
}

/// Opens a key: without a passphrase if it has none, else with the one from the environment or the terminal.
pub fn unlock(keyring: &Keyring, name: &str) -> Result<Key> {
    with_passphrase(name, |passphrase| keyring.unlock(name, passphrase))
}

/// Asks yes or no; no on anything but a terminal.
pub fn confirm(question: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("{question}? There is no terminal to ask on; say --yes");
    }
    Ok(dialoguer::Confirm::new()
        .with_prompt(question)
        .default(false)
        .interact()?)
}

fn with_passphrase<T>(name: &str, open: impl Fn(&str) -> Result<T, KeyringError>) -> Result<T> {
    match open("") {
        Err(KeyringError::WrongPassphrase { .. }) => {}
        done => return Ok(done?),
    }
    let passphrase = match std::env::var(PASSPHRASE) {
        Ok(passphrase) => passphrase,
        Err(_) if std::io::stdin().is_terminal() => dialoguer::Password::new()
            .with_prompt(format!("Passphrase of {name}"))
            .interact()?,
        Err(_) => {
            bail!("{name} has a passphrase: set {PASSPHRASE}, there is no terminal to ask on")
        }
    };
    Ok(open(&passphrase)?)
}

fn new_passphrase() -> Result<String> {
    if let Ok(passphrase) = std::env::var(PASSPHRASE) {
        return Ok(passphrase);
    }
    if !std::io::stdin().is_terminal() {
        bail!("set {PASSPHRASE} (it may be empty for development), there is no terminal to ask on");
    }
    Ok(dialoguer::Password::new()
        .with_prompt("Passphrase (empty: the key file is protected by its permissions alone)")
        .with_confirmation("Again", "They differ")
        .allow_empty_password(true)
        .interact()?)
}

fn read_phrase() -> Result<String> {
    if std::io::stdin().is_terminal() {
        return Ok(dialoguer::Password::new()
            .with_prompt("Recovery phrase")
            .interact()?);
    }
    std::io::read_to_string(std::io::stdin()).context("cannot read the recovery phrase")
}

fn show(context: &Context, info: &KeyInfo) -> Result<()> {
    if context.global.json {
        return output::json(&as_json(info));
    }
    println!("{} {}", info.name, info.address);
    Ok(())
}

fn list(context: &Context, keys: &[KeyInfo]) -> Result<()> {
    if context.global.json {
        return output::json(&keys.iter().map(as_json).collect::<Vec<_>>());
    }
    let rows = keys
        .iter()
        .map(|key| [key.name.clone(), key.address.clone()]);
    println!("{}", output::table(["name", "address"], rows));
    Ok(())
}

fn as_json(info: &KeyInfo) -> serde_json::Value {
    json!({"name": info.name, "address": info.address, "public_key": info.public_key})
}
