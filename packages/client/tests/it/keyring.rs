use std::{fs, os::unix::fs::PermissionsExt};

use leasehold_client::{Key, Keyring, KeyringError, WordCount};
use tempfile::TempDir;

const WORDS: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const ADDRESS: &str = "wasm19rl4cm2hmr8afy4kldpxz3fka4jguq0akuugk7";

fn keyring() -> (TempDir, Keyring) {
    let dir = TempDir::new().unwrap();
    let keyring = Keyring::open(dir.path().join("keys"), "wasm").unwrap();
    (dir, keyring)
}

#[test]
fn an_imported_key_comes_back_with_its_passphrase_only() {
    let (dir, keyring) = keyring();
    assert_eq!(
        keyring
            .import("alice", WORDS, "correct horse")
            .unwrap()
            .address,
        ADDRESS
    );
    assert_eq!(
        keyring.unlock("alice", "correct horse").unwrap().address(),
        ADDRESS
    );
    assert_eq!(
        keyring
            .export("alice", "correct horse")
            .unwrap()
            .to_string(),
        WORDS
    );
    for wrong in ["correct hors", ""] {
        assert!(
            matches!(keyring.unlock("alice", wrong), Err(KeyringError::WrongPassphrase(name)) if name == "alice")
        );
    }
    let content = fs::read_to_string(dir.path().join("keys/alice.key")).unwrap();
    assert!(!content.contains("abandon"));
}

#[test]
fn new_keys_have_as_many_words_as_asked_and_differ() {
    let (_dir, keyring) = keyring();
    for (name, words, count) in [
        ("a", WordCount::Twelve, 12),
        ("b", WordCount::TwentyFour, 24),
    ] {
        let (info, mnemonic) = keyring.add(name, words, "").unwrap();
        assert_eq!(mnemonic.word_count(), count);
        assert_eq!(
            Key::from_mnemonic(&mnemonic, "wasm").unwrap().address(),
            info.address
        );
    }
    let addresses: Vec<_> = keyring
        .list()
        .unwrap()
        .into_iter()
        .map(|k| k.address)
        .collect();
    assert_ne!(addresses[0], addresses[1]);
}

#[test]
fn files_and_folder_are_private() {
    let (dir, keyring) = keyring();
    keyring.import("alice", WORDS, "").unwrap();
    let mode = |path| {
        fs::metadata(dir.path().join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("keys/alice.key"), 0o600);
    assert_eq!(mode("keys"), 0o700);
}

#[test]
fn a_name_is_never_overwritten_and_nothing_is_left_behind() {
    let (dir, keyring) = keyring();
    let first = keyring.import("alice", WORDS, "").unwrap();
    assert!(matches!(
        keyring.add("alice", WordCount::Twelve, ""),
        Err(KeyringError::Exists(_))
    ));
    assert_eq!(keyring.list().unwrap(), [first]);
    assert_eq!(fs::read_dir(dir.path().join("keys")).unwrap().count(), 1);
}

#[test]
fn a_deleted_key_is_gone_and_the_error_names_the_others() {
    let (_dir, keyring) = keyring();
    keyring.import("alice", WORDS, "").unwrap();
    keyring.import("bob", WORDS, "").unwrap();
    keyring.delete("alice").unwrap();
    let error = keyring.show("alice").unwrap_err();
    assert!(matches!(error, KeyringError::NotFound { .. }));
    assert!(error.to_string().ends_with("there are: bob"), "{error}");
    assert!(matches!(
        keyring.delete("alice"),
        Err(KeyringError::NotFound { .. })
    ));
}

#[test]
fn names_cannot_leave_the_folder() {
    let (_dir, keyring) = keyring();
    for name in ["", "../alice", "a/b", "a.b", ".hidden", &"a".repeat(65)] {
        assert!(
            matches!(keyring.import(name, WORDS, ""), Err(KeyringError::Name(_))),
            "{name}"
        );
    }
}

#[test]
fn a_swapped_public_key_is_noticed() {
    let (dir, keyring) = keyring();
    keyring.import("alice", WORDS, "").unwrap();
    let (bob, _) = keyring.add("bob", WordCount::Twelve, "").unwrap();
    let path = dir.path().join("keys/alice.key");
    let swapped = fs::read_to_string(&path)
        .unwrap()
        .replace(&keyring.show("alice").unwrap().public_key, &bob.public_key);
    fs::write(&path, swapped).unwrap();
    assert!(matches!(
        keyring.unlock("alice", ""),
        Err(KeyringError::Damaged { .. })
    ));
    fs::write(&path, "{").unwrap();
    assert!(matches!(
        keyring.show("alice"),
        Err(KeyringError::Damaged { .. })
    ));
}

#[test]
fn the_prefix_is_the_keyrings_not_the_files() {
    let (dir, keyring) = keyring();
    keyring.import("alice", WORDS, "").unwrap();
    let cosmos = Keyring::open(dir.path().join("keys"), "cosmos").unwrap();
    assert_eq!(
        cosmos.show("alice").unwrap().address,
        "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4"
    );
}
