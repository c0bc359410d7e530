//! MariaDB: the promises for any database, and MariaDB's own.

#![allow(clippy::duplicate_mod, reason = "the same tests on several databases")]

mod cancellation;
mod direct;
mod dropped_rows;
mod faults;
mod first_row;
mod limits;
mod over_a_pool;
mod queue;
mod settings;
mod test_transaction;
mod transactions;
