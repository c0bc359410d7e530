//! Leases over a pool of `sqlx`: the promises for any database, and the pool's other users.

#![allow(clippy::duplicate_mod, reason = "the same tests on several databases")]

mod converted;
mod mysql;
mod other_users;
mod postgres;
mod sqlite;
