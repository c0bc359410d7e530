//! A million rows as server-sent events, to a client that reads slowly: each page is a lease of its own.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::get;
use futures_util::stream::{Stream, unfold};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use shortlease::{Conn, Db, Error, Session, Sqlite, handler, leased};

use crate::server::Server;

const ROWS: i64 = 1_000_000;
const PAGE: i64 = 1_000;
const POOL: &str = "pages";

/// The rows after `after`, at most a page of them, and the last. SQLite joins them, because a million rows one by one take
/// a minute without optimisation.
#[leased]
async fn load_page(
    conn: &mut Conn<Sqlite>,
    after: i64,
) -> Result<Option<(String, i64)>, sqlx::Error> {
    let page = "SELECT group_concat(id), max(id) FROM
        (SELECT id FROM rows WHERE id > $1 ORDER BY id LIMIT $2) HAVING count(*) > 0";
    sqlx::query_as(page).bind(after).bind(PAGE).fetch_optional(conn).await
}

/// The session, and the last row of the page before.
struct Pages {
    db: Session<Sqlite>,
    last: i64,
}

#[handler]
async fn next_page(mut pages: Pages) -> Result<Option<(String, Pages)>, Error> {
    let last = pages.last;
    let page = pages.db.lease(async |conn| load_page(conn, last).await).await?;
    Ok(page.map(|(page, last)| (page, Pages { last, ..pages })))
}

async fn rows(db: Session<Sqlite>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = unfold(Some(Pages { db, last: 0 }), async |pages| match next_page(pages?).await {
        Ok(next) => next.map(|(page, pages)| (Event::default().data(page), Some(pages))),
        // The last event: the client asks again after the last row it has seen.
        Err(error) => Some((Event::default().event("error").data(error.code()), None)),
    });
    Sse::new(futures_util::StreamExt::map(events, Ok))
}

async fn count(mut db: Session<Sqlite>) -> Result<String, Error> {
    db.fetch_one(sqlx::query_scalar("SELECT CAST(max(id) AS TEXT) FROM rows")).await
}

async fn million_rows() -> Db<Sqlite> {
    let db = Db::<Sqlite>::builder("sqlite::memory:").name(POOL).max_connections(1);
    // For the rows to be written.
    let db = db.max_lease(Duration::from_secs(120)).connect().await.unwrap();
    let rows = sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT $1)
        INSERT INTO rows SELECT i FROM n",
    );
    db.session().execute(sqlx::query("CREATE TABLE rows (id INTEGER PRIMARY KEY)")).await.unwrap();
    db.session().execute(rows.bind(ROWS)).await.unwrap();
    db
}

/// The times that leases of the pool were open since the last call, in seconds.
fn holds(snapshotter: &Snapshotter) -> Vec<f64> {
    let metrics = snapshotter.snapshot().into_vec().into_iter();
    let of_pool = metrics.filter(|(key, ..)| {
        key.key().name() == "db.client.connection.use_time"
            && key.key().labels().any(|label| label.value() == POOL)
    });
    let values = of_pool.flat_map(|(.., value)| match value {
        DebugValue::Histogram(values) => values,
        _ => Vec::new(),
    });
    values.map(|value| value.into_inner()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_holds_no_connection() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().expect("the only recorder of these tests");
    let db = million_rows().await;
    holds(&snapshotter);
    let routes = Router::new().route("/rows", get(rows)).route("/count", get(count));
    let server = Server::start(routes.with_state(db)).await;

    let began = Instant::now();
    let mut response = server.request("/rows").send().await.unwrap();
    let (mut received, mut paused, mut other) = (String::new(), Duration::ZERO, 0);
    while let Some(chunk) = response.chunk().await.unwrap() {
        received.push_str(std::str::from_utf8(&chunk).expect("digits and commas"));
        // A client on a slow line. The only connection serves others meanwhile.
        if received.len() >= other * 500_000 {
            other += 1;
            let pause = Instant::now();
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert_eq!(server.get("/count").await.body, ROWS.to_string());
            paused += pause.elapsed();
        }
    }
    let elapsed = began.elapsed();
    let ids = received.lines().filter_map(|line| line.strip_prefix("data: "));
    let ids = ids.flat_map(|page| page.split(',')).map(|id| id.parse::<i64>().unwrap());
    assert!(ids.eq(1..=ROWS), "every row, once, in order");

    let holds = holds(&snapshotter);
    assert!(holds.len() as i64 > ROWS / PAGE, "{}", holds.len());
    let longest = Duration::from_secs_f64(holds.iter().copied().fold(0.0, f64::max));
    println!("{ROWS} rows in {elapsed:.1?}, {paused:.1?} of it asleep: longest hold {longest:.1?}");
    assert!(longest < Duration::from_secs(1) && elapsed > longest * 10, "{longest:?}");
}
