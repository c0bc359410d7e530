//! The promises for any database, through the system's PgBouncer, which may be one that keeps no prepared statements.

#[path = "../postgres/aborted.rs"]
mod aborted;
#[path = "../any/mod.rs"]
pub(crate) mod any;
#[path = "database.rs"]
pub(crate) mod database;

use shortlease::Pooler;
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::postgres::Server;

const POOLER: Pooler = Pooler::Transaction;

async fn start(server: &Server, settings: &[(&str, &str)]) -> PgBouncer {
    PgBouncer::start(server, settings).await
}
