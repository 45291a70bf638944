//! Accounts (number, sequence, key) as `BaseAccount` records in the chain's state, so that they roll back with everything else.

use cosmrs::proto::cosmos::auth::v1beta1::BaseAccount;
use cosmwasm_std::Storage;
use prost::Message;

const NEXT_NUMBER: &[u8] = b"auth/next";

fn key(address: &str) -> Vec<u8> {
    [b"auth/account/", address.as_bytes()].concat()
}

pub(crate) fn load(storage: &dyn Storage, address: &str) -> Option<BaseAccount> {
    let bytes = storage.get(&key(address))?;
    Some(BaseAccount::decode(bytes.as_slice()).expect("only `save` writes these records"))
}

pub(crate) fn save(storage: &mut dyn Storage, account: &BaseAccount) {
    storage.set(&key(&account.address), &account.encode_to_vec());
}

/// Creates the account under the next number, unless it exists.
pub(crate) fn ensure(storage: &mut dyn Storage, address: &str) {
    if storage.get(&key(address)).is_some() {
        return;
    }
    let number = storage.get(NEXT_NUMBER).map_or(0, |bytes| {
        u64::from_be_bytes(bytes.try_into().expect("only `ensure` writes this record"))
    });
    storage.set(NEXT_NUMBER, &(number + 1).to_be_bytes());
    let account = BaseAccount {
        address: address.to_owned(),
        pub_key: None,
        account_number: number,
        sequence: 0,
    };
    save(storage, &account);
}
