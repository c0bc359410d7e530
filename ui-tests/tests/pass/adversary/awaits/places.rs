//! Beside a remote await in an odd place: database awaits in the same places.
#![deny(warnings)]

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[leased]
async fn one(conn: &mut Conn<Sqlite>) -> i64 {
    sqlx::query_scalar("SELECT 1").fetch_one(conn).await.unwrap_or(0)
}

#[leased(boxed)]
async fn descend(conn: &mut Conn<Sqlite>, depth: i64) -> i64 {
    match depth {
        0 => 0,
        _ => one(conn).await + descend(conn, depth - 1).await,
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let guarded = match 1 {
            1 if one(conn).await == 1 => 10,
            _ => 20,
        };
        let Some(found) = Some(one(conn).await).filter(|n| *n > 0) else { return Ok(-1) };
        let chained = if let Some(1) = Some(found)
            && one(conn).await == 1
        {
            100
        } else {
            0
        };
        let labelled = 'found: { break 'found one(conn).await };
        let fields = (one(conn).await, [one(conn).await; 2], Some(one(conn).await));
        let indexed = [7, 1000][one(conn).await as usize];
        let bound: i64 =
            sqlx::query_scalar("SELECT $1").bind(one(conn).await).fetch_one(&mut *conn).await?;
        let sum = fields.0 + fields.1.iter().sum::<i64>() + fields.2.unwrap_or(0);
        let descended = descend(conn, 3).await;
        return Ok(guarded + chained + labelled + indexed + bound + sum + descended);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(call_tool(&mut db.session()).await.unwrap(), 10 + 100 + 1 + 1000 + 1 + 4 + 3);
}
