//! Vectors computed with CosmJS 0.38.1 (`Secp256k1HdWallet`, `DirectSecp256k1HdWallet`), an independent implementation.

use base64::{engine::general_purpose::STANDARD, Engine};
use cosmrs::{
    proto::{cosmos::tx::v1beta1::SignDoc, traits::Message},
    AccountId,
};
use leasehold_client::{
    instantiate2_address, parse_mnemonic, verify_arbitrary, ArbitraryError, Key, KeyError,
};

const WORDS_24: &str =
    "economy stock theory fatal elder harbor betray wasp final emotion task crumble siren bottom \
                        lizard educate guess current outdoor pair theory focus wife stone";
const WORDS_12: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const DATA: &str = "lease 7: <put> & read é";
const ARBITRARY_24: &str =
    "GWl8OYUm9eRy2is9HxGf3SY67uAo/GGV/Z8b7GeovVo4jpPb9MYTLDO/2rTL8BOjTR0xMG1y/2WNVfku4dlYsw==";
const ARBITRARY_12: &str =
    "87JrVXSoc+uvtukBXjGP3zOxXh05VQ6aqcffzo/N3nV7jzisP8kDthdahuc/vyxZKJ5lZbrWmgF5+K1maCeexA==";
const DIRECT_24: &str =
    "OFANKcU6Siq3Pfpxoykequeyiw5Q4i0YWXk3qStEDcVpQ05bWC50i9XothFuxSED8bDJBwVZReP+L9sGrN85RA==";

fn key(words: &str) -> Key {
    Key::from_words(words, "wasm").unwrap()
}

#[test]
fn addresses_match_cosmjs() {
    let cases = [
        (
            WORDS_24,
            "cosmos",
            "cosmos1pkptre7fdkl6gfrzlesjjvhxhlc3r4gmmk8rs6",
        ),
        (
            WORDS_24,
            "wasm",
            "wasm1pkptre7fdkl6gfrzlesjjvhxhlc3r4gm32kke3",
        ),
        (
            WORDS_12,
            "cosmos",
            "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4",
        ),
        (
            WORDS_12,
            "wasm",
            "wasm19rl4cm2hmr8afy4kldpxz3fka4jguq0akuugk7",
        ),
    ];
    for (words, prefix, address) in cases {
        assert_eq!(Key::from_words(words, prefix).unwrap().address(), address);
    }
    assert_eq!(
        STANDARD.encode(key(WORDS_24).public_key()),
        "A08EGB7ro1ORuFhjOnZcSgwYlpe0DSFjVNUIkNNQxwKQ"
    );
}

#[test]
fn direct_signature_with_a_64_bit_account_number_matches_cosmjs() {
    let doc = SignDoc {
        body_bytes: vec![1, 2, 3],
        auth_info_bytes: vec![4, 5],
        chain_id: "leasehold-1".into(),
        account_number: u64::MAX,
    };
    assert_eq!(
        STANDARD.encode(key(WORDS_24).sign(&doc.encode_to_vec())),
        DIRECT_24
    );
}

#[test]
fn arbitrary_signatures_match_cosmjs_and_verify() {
    for (words, expected) in [(WORDS_24, ARBITRARY_24), (WORDS_12, ARBITRARY_12)] {
        let key = key(words);
        let signature = key.sign_arbitrary(DATA.as_bytes());
        assert_eq!(STANDARD.encode(&signature), expected);
        verify_arbitrary(
            &key.public_key(),
            key.address(),
            DATA.as_bytes(),
            &signature,
        )
        .unwrap();
    }
}

#[test]
fn verification_refuses_everything_else() {
    let (key, other) = (key(WORDS_24), key(WORDS_12));
    let (public, address, data) = (key.public_key(), key.address(), DATA.as_bytes());
    let signature = key.sign_arbitrary(data);
    let verify = |public: &[u8], address: &str, data: &[u8], signature: &[u8]| {
        verify_arbitrary(public, address, data, signature).unwrap_err()
    };
    let mut flipped = signature.clone();
    flipped[10] ^= 1;

    let mismatch = ArbitraryError::Mismatch(address.into());
    assert_eq!(
        verify(&public, address, b"other data", &signature),
        mismatch
    );
    assert_eq!(verify(&public, address, data, &flipped), mismatch);
    assert_eq!(
        verify(&public, address, data, &other.sign_arbitrary(data)),
        mismatch
    );
    assert_eq!(
        verify(&public, address, data, &high_s(&signature)),
        mismatch
    );
    assert_eq!(
        verify(&public, address, data, &signature[..63]),
        ArbitraryError::Encoding(63)
    );
    assert_eq!(
        verify(&public[1..], address, data, &signature),
        ArbitraryError::PublicKey
    );
    assert_eq!(
        verify(&public, "wasm1nonsense", data, &signature),
        ArbitraryError::Address("wasm1nonsense".into())
    );
    assert_eq!(
        verify(&other.public_key(), address, data, &signature),
        ArbitraryError::WrongAddress {
            claimed: address.into(),
            actual: other.address().into()
        }
    );
}

#[test]
fn a_signature_over_another_prefix_is_another_signature() {
    let cosmos = Key::from_words(WORDS_24, "cosmos").unwrap();
    let signature = cosmos.sign_arbitrary(DATA.as_bytes());
    let refused = verify_arbitrary(
        &cosmos.public_key(),
        key(WORDS_24).address(),
        DATA.as_bytes(),
        &signature,
    );
    assert!(matches!(refused, Err(ArbitraryError::Mismatch(_))));
}

/// (r, n − s) is the other valid ECDSA signature of the same message.
fn high_s(signature: &[u8]) -> Vec<u8> {
    const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let order = hex::decode(ORDER).unwrap();
    let (r, s) = signature.split_at(32);
    let mut borrow = 0i16;
    let mut negated: Vec<u8> = order
        .iter()
        .zip(s)
        .rev()
        .map(|(n, s)| {
            let digit = i16::from(*n) - i16::from(*s) - borrow;
            borrow = i16::from(digit < 0);
            digit.rem_euclid(256) as u8
        })
        .collect();
    negated.reverse();
    [r, &negated].concat()
}

#[test]
fn bad_phrases_are_refused() {
    let bad_checksum = WORDS_12.replace("about", "abandon");
    assert!(matches!(
        parse_mnemonic(&bad_checksum),
        Err(KeyError::Mnemonic(_))
    ));
    assert!(matches!(
        parse_mnemonic("one two three"),
        Err(KeyError::Mnemonic(_))
    ));
    let fifteen = "abandon ".repeat(14) + "address";
    assert!(matches!(
        parse_mnemonic(&fifteen),
        Err(KeyError::WordCount(15))
    ));
    assert!(matches!(
        Key::from_words(WORDS_12, "Wasm!"),
        Err(KeyError::Prefix(_))
    ));
}

#[test]
fn debug_output_hides_the_secret() {
    let shown = format!("{:?}", key(WORDS_12));
    assert_eq!(
        shown,
        r#"Key { address: "wasm19rl4cm2hmr8afy4kldpxz3fka4jguq0akuugk7", .. }"#
    );
}

/// Vector of wasmd's instantiate2 test set.
#[test]
fn predicted_addresses_match_wasmd() {
    let checksum =
        hex::decode("13a1fc994cc6d1c81b746ee0c0ff6f90043875e0bf1d9be6b7d779fc978dc2a5").unwrap();
    let creator = hex::decode("9999999999aaaaaaaaaabbbbbbbbbbcccccccccc").unwrap();
    let creator = AccountId::new("wasm", &creator).unwrap();
    let address: AccountId = instantiate2_address(&checksum, creator.as_ref(), b"a")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(address.prefix(), "wasm");
    assert_eq!(
        hex::encode(address.to_bytes()),
        "5e865d3e45ad3e961f77fd77d46543417ced44d924dc3e079b5415ff6775f847"
    );
    assert!(instantiate2_address(&checksum, "nobody", b"a").is_err());
}
