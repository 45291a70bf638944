//! The suite's events among those of a transaction.

use anyhow::Result;
use cosmwasm_std::Event;
use leasehold_api::event::TypedEvent;
use leasehold_api::Suite;
use leasehold_client::attribute;

/// Other contracts may use the same names.
pub fn is_of(suite: &Suite, event: &Event) -> bool {
    attribute(event, "_contract_address")
        .is_some_and(|contract| suite.addresses().into_iter().any(|ours| ours == contract))
}

/// The event as a `T`, if it is one.
///
/// # Errors
/// An attribute that is missing or malformed.
pub fn parse<T: TypedEvent>(event: &Event) -> Result<Option<T>> {
    if event.ty.strip_prefix("wasm-") != Some(T::NAME) {
        return Ok(None);
    }
    Ok(Some(T::parse(&event.attributes)?))
}
