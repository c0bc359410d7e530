//! Handles whose leases share one transaction that is rolled back at the end.

#![allow(clippy::duplicate_mod, reason = "the same tests on several databases")]

mod postgres;
mod sqlite;
