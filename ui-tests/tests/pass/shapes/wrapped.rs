//! Database futures with a time limit, in a box, mapped, instrumented, pinned.
#![deny(warnings)]

use std::pin::pin;
use std::time::Duration;

use futures::{FutureExt, TryFutureExt};
use shortlease::{Conn, Error, Session, Sqlite, handler, leased};
use tokio::time::timeout;
use tracing::{Instrument, info_span};

#[leased]
async fn url(conn: &mut Conn<Sqlite>, id: i64) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

#[handler]
async fn all(db: &mut Session<Sqlite>) -> Result<Vec<String>, Error> {
    db.lease(async |conn| {
        let limited = timeout(Duration::from_secs(5), url(conn, 1)).await;
        let boxed = Box::pin(url(conn, 1)).await?;
        let mapped = url(conn, 1).map(|url| url.map(|url| url.to_uppercase())).await?;
        let mapped_ok =
            url(conn, 1).map_ok(|url| url.len().to_string()).err_into::<Error>().await?;
        let or = url(conn, 9).unwrap_or_else(|_| "none".into()).await;
        let spanned = url(conn, 2).instrument(info_span!("url", id = 2)).await?;
        let then = url(conn, 1).and_then(|url| std::future::ready(Ok(url + "/"))).await?;
        let pinned = {
            let mut pinned = pin!(url(conn, 2));
            pinned.as_mut().await?
        };
        let limited = limited.map_err(|_| sqlx::Error::PoolTimedOut)??;
        Ok(vec![limited, boxed, mapped, mapped_ok, or, spanned, then, pinned])
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let all = all(&mut db.session()).await.unwrap();
    assert_eq!(all[2..6], ["HTTP://ONE", "10", "none", "http://two"]);
}
