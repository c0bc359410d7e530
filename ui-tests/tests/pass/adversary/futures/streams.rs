//! Beside remote calls for each row: collect the rows, end the lease, then call.
#![deny(warnings)]

use std::future::ready;

use futures::{StreamExt, TryStreamExt, stream};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::Mcp;

#[handler]
async fn call_all(db: &mut Session<Sqlite>, mcp: &Mcp) -> Result<Vec<String>, Error> {
    let urls: Vec<String> = db
        .lease(async |conn| {
            let urls = sqlx::query_scalar::<_, String>("SELECT url FROM tools").fetch(conn);
            let urls = urls.then(ready).inspect_ok(|url| assert!(!url.is_empty()));
            Ok(urls.try_collect().await?)
        })
        .await?;
    let outs = stream::iter(&urls).map(|url| mcp.call(url)).buffered(2).collect().await;
    Ok(outs)
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let outs = call_all(&mut db.session(), &Mcp).await.unwrap();
    assert_eq!(outs, ["http://one answered", "http://two answered"]);
}
