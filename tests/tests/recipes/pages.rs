use std::convert::Infallible;

use axum::response::Sse;
use axum::response::sse::Event;
use futures_util::stream::{Stream, StreamExt, unfold};
use shortlease::{Conn, Error, Postgres, Session, handler, leased};

const PAGE: i64 = 500;

/// The rows after `after`, in the order of their key, which has an index.
#[leased]
async fn load_page(
    conn: &mut Conn<Postgres>,
    after: i64,
) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let page = "SELECT id, text FROM log WHERE id > $1 ORDER BY id LIMIT $2";
    sqlx::query_as(page).bind(after).bind(PAGE).fetch_all(conn).await
}

struct Pages {
    db: Session<Postgres>,
    last: i64,
}

/// One page, one lease. Between two of them the client may read as slowly as it likes.
#[handler]
async fn next_page(mut pages: Pages) -> Result<Option<(Vec<(i64, String)>, Pages)>, Error> {
    let last = pages.last;
    let page = pages.db.lease(async |conn| load_page(conn, last).await).await?;
    let Some(&(last, _)) = page.last() else { return Ok(None) };
    Ok(Some((page, Pages { last, ..pages })))
}

/// The whole log as server-sent events, for a router.
pub(crate) async fn log(
    db: Session<Postgres>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let pages = unfold(Some(Pages { db, last: 0 }), async |pages| match next_page(pages?).await {
        Ok(Some((page, pages))) => Some((page.iter().map(row).collect(), Some(pages))),
        Ok(None) => None,
        // The last event. The client asks again from the last id that it has seen.
        Err(error) => Some((vec![Event::default().event("error").data(error.code())], None)),
    });
    Sse::new(pages.flat_map(|events: Vec<Event>| futures_util::stream::iter(events).map(Ok)))
}

fn row((id, text): &(i64, String)) -> Event {
    Event::default().id(id.to_string()).data(text)
}

// Tests.

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::remote::database;

#[tokio::test]
async fn all_rows_come_in_order() {
    let schema = "CREATE TABLE log (id bigint PRIMARY KEY, text text NOT NULL);
        INSERT INTO log SELECT n, 'line ' || n FROM generate_series(1, 1700) n";
    let (_scratch, db) = database(schema).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let routes = Router::new().route("/", get(log)).with_state(db);
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let events = client.get(url).send().await.unwrap().text().await.unwrap();
    let lines: Vec<_> = events.lines().filter(|line| !line.is_empty()).collect();
    let expected = (1..=1700).flat_map(|n| [format!("id: {n}"), format!("data: line {n}")]);
    assert!(lines.iter().copied().eq(expected), "{} lines", lines.len());
}
