//! Transactions with options: borrowed and owned values, savepoints, options of any form, `Send`.
#![deny(warnings)]

use std::sync::atomic::{AtomicU32, Ordering};

use shortlease::{Error, Isolation, Session, Sqlite, TxOptions, handler};

#[handler]
async fn borrowed(db: &mut Session<Sqlite>, urls: &[String]) -> Result<usize, Error> {
    let attempts = AtomicU32::new(0);
    let options = TxOptions::new().isolation(Isolation::Serializable).retries(3);
    let added = db
        .transaction_with(options, async |tx| {
            attempts.fetch_add(1, Ordering::Relaxed);
            for url in urls {
                let insert = "INSERT INTO tools (url, uses) VALUES ($1, 0)";
                sqlx::query(insert).bind(url).execute(&mut *tx).await?;
            }
            Ok(urls.len())
        })
        .await?;
    assert_eq!(attempts.into_inner(), 1);
    Ok(added)
}

#[handler]
async fn owned(db: &mut Session<Sqlite>, url: String) -> Result<String, Error> {
    db.transaction_with(TxOptions::new(), async |tx| {
        sqlx::query("INSERT INTO tools (url, uses) VALUES ($1, 0)").bind(&url).execute(tx).await?;
        Ok(url.clone())
    })
    .await
}

fn options(attempts: u32, read_only: bool) -> TxOptions {
    let options = TxOptions::new().retries(attempts);
    if read_only { options.read_only() } else { options }
}

#[handler]
async fn nested(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.transaction_with(options(2, false), async |tx| {
        let dry = tx
            .savepoint(async |tx| {
                sqlx::query("DELETE FROM tools").execute(&mut *tx).await?;
                Ok(tx.rollback_with(1))
            })
            .await?;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await?;
        Ok(count * dry)
    })
    .await
}

#[handler]
async fn named(db: &mut Session<Sqlite>) -> Result<i64, String> {
    let count = db
        .transaction_with(options(0, true), async |tx| -> Result<i64, sqlx::Error> {
            sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await
        })
        .await;
    count.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let before = named(&mut db.session()).await.unwrap();
    let mut session = db.session();
    let added = tokio::spawn(async move { borrowed(&mut session, &["a".into(), "b".into()]).await });
    assert_eq!(added.await.unwrap().unwrap(), 2);
    assert_eq!(owned(&mut db.session(), "c".into()).await.unwrap(), "c");
    assert_eq!(nested(&mut db.session()).await.unwrap(), before + 3);
}
