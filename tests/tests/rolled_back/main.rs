//! Handles whose leases share one transaction that is rolled back at the end.

#![allow(clippy::duplicate_mod, reason = "one suite, two databases")]
#![allow(clippy::needless_question_mark, clippy::unnecessary_operation, reason = "expansions")]

mod postgres;
mod sqlite;
