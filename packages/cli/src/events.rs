//! The suite's events among those of a transaction.

use cosmwasm_std::Event;
use leasehold_api::event::{EventError, TypedEvent};
use leasehold_api::Suite;
use leasehold_client::attribute;

/// Other contracts may use the same names.
pub fn is_of(suite: &Suite, event: &Event) -> bool {
    attribute(event, "_contract_address")
        .is_some_and(|contract| suite.addresses().into_iter().any(|ours| ours == contract))
}

/// Those of one kind, in their order.
///
/// # Errors
/// One that lacks what its kind says.
pub fn all<T: TypedEvent>(suite: &Suite, events: &[Event]) -> Result<Vec<T>, EventError> {
    let ours = events.iter().filter(|event| is_of(suite, event));
    ours.filter_map(|event| T::from_event(event).transpose())
        .collect()
}
