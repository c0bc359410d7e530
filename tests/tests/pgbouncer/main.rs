//! Through PgBouncer in transaction mode: the promises for any database, and few sessions for many
//! connections.

#![allow(clippy::duplicate_mod, reason = "the same tests in several modes")]

mod pooler;
mod prepared_statements;
mod transaction_mode;
