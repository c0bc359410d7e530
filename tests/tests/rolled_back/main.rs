//! Handles whose leases share one transaction that is rolled back at the end.

#![allow(clippy::duplicate_mod, reason = "one suite, two databases")]

mod postgres;
mod sqlite;
