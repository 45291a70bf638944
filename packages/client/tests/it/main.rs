//! Tests of the client against its public interface, in one binary.

mod cursor;
mod fake;
mod faults;
mod keyring;
mod keys;
mod queries;
mod wallet;
