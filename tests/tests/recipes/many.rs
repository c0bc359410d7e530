use shortlease::{Db, Error, Postgres, Session, handler};
use tokio::task::JoinSet;

use crate::remote::Model;

#[handler]
async fn summarize(mut db: Session<Postgres>, id: i64) -> Result<String, Error> {
    let text = sqlx::query_scalar("SELECT text FROM drafts WHERE id = $1").bind(id);
    let text: String = db.fetch_one(text).await?;
    let summary = Model.improve(&text).await;
    let insert = sqlx::query("INSERT INTO summaries (id, text) VALUES ($1, $2)");
    db.execute(insert.bind(id).bind(&summary)).await?;
    Ok(summary)
}

/// Summarizes many drafts, at most eight at a time, and does something slow with each summary.
///
/// Tasks are polled by the runtime. In `buffer_unordered(8)`, seven leases would stand still while `publish` runs.
pub(crate) async fn summarize_all(
    db: &Db<Postgres>,
    ids: impl IntoIterator<Item = i64>,
    publish: impl AsyncFn(String),
) -> Result<(), Error> {
    let mut tasks = JoinSet::new();
    let mut ids = ids.into_iter();
    loop {
        while tasks.len() < 8
            && let Some(id) = ids.next()
        {
            tasks.spawn(summarize(db.session(), id));
        }
        let Some(summary) = tasks.join_next().await else { return Ok(()) };
        publish(summary.expect("no panic")?).await;
    }
}

// Tests.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::remote::{database, number};

#[tokio::test]
async fn every_summary_is_published() {
    let schema = "CREATE TABLE summaries (id bigint, text text);
        CREATE TABLE drafts (id bigint, text text);
        INSERT INTO drafts SELECT n, 'draft ' || n FROM generate_series(1, 50) n";
    let (_scratch, db) = database(schema).await;
    let published = AtomicUsize::new(0);
    let publish = async |summary: String| {
        assert!(summary.ends_with(", improved"), "{summary}");
        published.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
    };
    summarize_all(&db, 1..=50, publish).await.unwrap();
    assert_eq!(published.into_inner(), 50);
    assert_eq!(number(&db, "SELECT count(*) FROM summaries").await, 50);
}
