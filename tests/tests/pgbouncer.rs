//! The behaviour suite through the system's PgBouncer, which may be one that keeps no prepared statements.

#[path = "postgres_only/aborted.rs"]
mod aborted;
mod behaviour;
#[path = "pooled/mod.rs"]
mod database;

use shortlease::Pooler;
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::postgres::Server;

const POOLER: Pooler = Pooler::Transaction;

async fn start(server: &Server, settings: &[(&str, &str)]) -> PgBouncer {
    PgBouncer::start(server, settings).await
}
