//! Rows one by one, mapped and collected.
#![deny(warnings)]

use futures::{StreamExt, TryStreamExt};
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn read(db: &mut Session<Sqlite>) -> Result<Vec<String>, Error> {
    db.transaction(async |tx| {
        let mut seen = Vec::new();
        let mut rows = sqlx::query_scalar::<_, String>("SELECT url FROM tools").fetch(&mut *tx);
        while let Some(url) = rows.try_next().await? {
            seen.push(url);
        }
        drop(rows);
        let mut rows = sqlx::query_scalar::<_, i64>("SELECT id FROM tools").fetch(tx);
        while let Some(id) = rows.next().await {
            seen.push(id?.to_string());
        }
        drop(rows);
        let rows = sqlx::query_scalar::<_, String>("SELECT url FROM tools").fetch(tx);
        let urls: Vec<String> = rows.map_ok(|url| url.to_uppercase()).try_collect().await?;
        seen.extend(urls);
        let rows = sqlx::query_scalar::<_, i64>("SELECT id FROM tools").fetch(tx);
        seen.extend(rows.take(1).map(|id| id.unwrap().to_string()).collect::<Vec<_>>().await);
        Ok(seen)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let read = read(&mut db.session()).await.unwrap();
    assert_eq!(read.join(" "), "http://one http://two 1 2 HTTP://ONE HTTP://TWO 1");
}
