//! Three gateways on one database: one is killed under load, and its clients go on.

use std::path::Path;
use std::sync::atomic::Ordering;

use shortlease_tests::wait;
use sqlx::{Connection, PgConnection};

use crate::PROGRAM;
use crate::load::Load;
use crate::parts::Cluster;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_a_killed_gateway_go_on_at_the_others() {
    let mut cluster = Cluster::start(Path::new(PROGRAM)).await;
    let load = Load::start(&cluster.urls(), &cluster.token, 30);
    let answered = || load.counts.answered.load(Ordering::SeqCst);
    wait::until("calls at all three", async || answered() > 100).await;
    cluster.gateways.remove(0).signal("KILL");
    let before = answered();
    wait::until("calls at the other two", async || answered() > before + 100).await;
    let counts = load.stop().await;
    assert_eq!(counts.lost.load(Ordering::SeqCst), 0);
    let moved = counts.moved.load(Ordering::SeqCst);
    assert!(moved > 0, "nobody noticed the kill");
    let url = cluster.server.url_for("postgres", "", "gateway");
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let query = "SELECT count(DISTINCT id) FROM calls WHERE outcome = 'ok'";
    let recorded: i64 = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
    // A call that was recorded and not answered before the kill was made anew.
    let answered = counts.answered.load(Ordering::SeqCst) as i64;
    assert!((answered..=answered + moved as i64).contains(&recorded), "{recorded} of {answered}");
    wait::until("no session of the killed one works", async || {
        let sessions = cluster.server.sessions("gateway").await;
        // PgBouncer's, the one of this test, and none in a transaction.
        sessions.len() <= 11
            && sessions.iter().all(|s| !s.state.as_deref().unwrap_or("").contains("in transaction"))
    })
    .await;
}
