//! Governance: stake, proposals, parameters, treasury. See `docs/spec/governance.md`.
