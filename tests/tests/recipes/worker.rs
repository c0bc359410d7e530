use std::time::Duration;

use shortlease::{Db, Error, Postgres};
use tokio_util::sync::CancellationToken;

use crate::queue::{claim, complete};

/// Works until it is told to stop; the job under way comes to its end first.
pub(crate) async fn work(
    db: Db<Postgres>,
    stop: CancellationToken,
    run: impl AsyncFn(&str) -> String,
) {
    while !stop.is_cancelled() {
        let pause = match next(&db, &run).await {
            Ok(true) => continue,
            Ok(false) => Duration::from_millis(500),
            Err(error) => error.retry_after().unwrap_or(Duration::from_secs(1)),
        };
        // It waits without a connection.
        let _ = tokio::time::timeout(pause, stop.cancelled()).await;
    }
}

/// Does one job, if there is one. While it runs, no connection is held: ten workers need few.
async fn next(db: &Db<Postgres>, run: &impl AsyncFn(&str) -> String) -> Result<bool, Error> {
    let mut db = db.session();
    let Some(job) = claim(&mut db).await? else { return Ok(false) };
    let result = run(&job.payload).await;
    complete(&mut db, &job, &result).await?;
    Ok(true)
}

// Tests.

use tokio::task::JoinSet;

use crate::queue::SCHEMA;
use crate::remote::{database, number};

#[tokio::test]
async fn ten_workers_on_one_connection_do_every_job_once() {
    let (_scratch, db) = database(SCHEMA).await;
    let add = "INSERT INTO jobs (payload) SELECT 'job ' || n FROM generate_series(1, 100) n";
    db.session().execute(sqlx::query(add)).await.unwrap();
    let stop = CancellationToken::new();
    let mut workers = JoinSet::new();
    for _ in 0..10 {
        workers.spawn(work(db.clone(), stop.clone(), async |payload: &str| {
            tokio::task::yield_now().await;
            format!("{payload} done")
        }));
    }
    shortlease_tests::wait::until("all results", async || {
        number(&db, "SELECT count(*) FROM results WHERE text LIKE 'job % done'").await == 100
    })
    .await;
    stop.cancel();
    workers.join_all().await;
    assert_eq!(number(&db, "SELECT max(attempt) FROM jobs").await, 1);
}
