//! The promises for any database, through a PgBouncer that keeps prepared statements.

#[path = "../postgres/aborted.rs"]
mod aborted;
#[path = "../any/mod.rs"]
pub(crate) mod any;
#[path = "database.rs"]
pub(crate) mod database;

use shortlease::Pooler;
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::postgres::Server;

const POOLER: Pooler = Pooler::TransactionWithPreparedStatements;

async fn start(server: &Server, settings: &[(&str, &str)]) -> PgBouncer {
    // Fewer than the tests use, so that some are prepared again.
    let kept = [("max_prepared_statements", "5")];
    PgBouncer::start_recent(server, &[settings, &kept].concat()).await
}
