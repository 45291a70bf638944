//! The suite's events among those of a transaction.

use cosmwasm_std::Event;
use leasehold_api::Suite;
use leasehold_client::attribute;

/// Other contracts may use the same names.
pub fn is_of(suite: &Suite, event: &Event) -> bool {
    attribute(event, "_contract_address")
        .is_some_and(|contract| suite.addresses().into_iter().any(|ours| ours == contract))
}
