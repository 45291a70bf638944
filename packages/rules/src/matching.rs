//! Does a provider meet a group's requirements? The agent, the CLI and the contract call this same function.
