//! What a handler may do around its leases: wait for anything, use several sessions in turn.
#![deny(warnings)]

use std::time::Duration;

use shortlease::{Error, Remote, Session, Sqlite, handler};
use shortlease_ui_tests::{Mcp, remote};
use tokio::time::timeout;

#[handler]
async fn call_tool(
    db: &mut Session<Sqlite>,
    other: &mut Session<Sqlite>,
    mcp: &Remote<Mcp>,
) -> Result<String, Error> {
    let url: String = db
        .lease(async |conn| Ok(sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await?))
        .await?;
    let out = mcp.get(db).call(&url).await;
    let (first, second) = tokio::join!(remote(), timeout(Duration::from_secs(1), remote()));
    let saved = async {
        other
            .lease(async |conn| {
                let call =
                    sqlx::query("INSERT INTO calls (tool, output) VALUES (1, $1)").bind(&out);
                Ok(call.execute(conn).await?.rows_affected())
            })
            .await
    };
    assert_eq!(timeout(Duration::from_secs(5), saved).await.unwrap()?, 1);
    assert_eq!(second, Ok(first));
    db.execute(sqlx::query("UPDATE tools SET uses = 1")).await?;
    Ok(out)
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let out = call_tool(&mut db.session(), &mut db.session(), &Remote::new(Mcp)).await.unwrap();
    assert_eq!(out, "http://one answered");
}
