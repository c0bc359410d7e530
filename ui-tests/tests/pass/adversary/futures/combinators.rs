//! Beside remote futures in disguise: the same combinators over database futures, and remote
//! futures before and after the lease.
#![deny(warnings)]

use std::pin::Pin;
use std::time::Duration;

use futures::future::{self, Either};
use futures::{FutureExt, TryFutureExt};
use shortlease::{Conn, DbFuture, Error, Session, Sqlite, handler, leased};
use shortlease_ui_tests::remote;
use tokio::time::timeout;
use tracing::{Instrument, info_span};

#[leased]
async fn url(conn: &mut Conn<Sqlite>, id: i64) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

fn logged<F: DbFuture>(future: F) -> impl DbFuture<Output = F::Output> {
    future.instrument(info_span!("statement"))
}

fn boxed<'a, T>(
    future: impl DbFuture<Output = T> + Send + 'a,
) -> Pin<Box<dyn DbFuture<Output = T> + Send + 'a>> {
    Box::pin(future)
}

#[leased]
async fn either(conn: &mut Conn<Sqlite>, known: Option<String>) -> sqlx::Result<String> {
    match known {
        Some(url) => Either::Left(future::ready(Ok(url))),
        None => Either::Right(url(conn, 1)),
    }
    .await
}

/// Generic over what is awaited, and says that it is the database.
#[leased]
async fn with<F: DbFuture + Send>(_conn: &mut Conn<Sqlite>, before: F) -> F::Output
where
    F::Output: Send,
{
    before.await
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Vec<String>, Error> {
    let (asked, limited) = future::join(remote(), timeout(Duration::from_secs(1), remote())).await;
    assert_eq!(limited, Ok(asked.clone()));
    let fetch = async |n: usize| asked.repeat(n);
    let urls = db
        .lease(async |conn| {
            let first = logged(url(conn, 1)).await?;
            let second = boxed(url(conn, 2)).await?;
            let third = either(conn, Some("known".into())).await?;
            let fourth = either(conn, None).map_ok(|url| url + "/").await?;
            let fifth = with(conn, std::future::ready("ready".to_owned())).await;
            let sixth = url(conn, 9).or_else(|_| future::ok::<_, Error>("none".to_owned())).await?;
            let later = |n: i64| async move { n.to_string() };
            let seventh = later(7).map(|n| n + "!").await;
            Ok(vec![first, second, third, fourth, fifth, sixth, seventh])
        })
        .await?;
    assert_eq!(fetch(2).await.len(), 2 * asked.len());
    Ok(urls)
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let urls = call_tool(&mut db.session()).await.unwrap().join(" ");
    assert_eq!(urls, "http://one http://two known http://one/ ready none 7!");
}
