//! What shortlease promises, whatever the database. The test file that includes this says in its module
//! `database` what `Database` is, whether its pool is shared with others, and makes an empty one for each
//! test.

pub(crate) mod fixture;
pub(crate) mod poll;

mod cancellation;
mod closing;
mod generic;
mod migrations;
mod pool;
pub(crate) mod settings;
mod sites;
mod transactions;
mod verbs;

pub(crate) use crate::database::{Database, SHARED, Scratch};

/// Whether every lease is a transaction: PostgreSQL's are, where the pool is shared.
pub(crate) fn wraps_leases() -> bool {
    SHARED && <Database as sqlx::Database>::NAME == "PostgreSQL"
}
