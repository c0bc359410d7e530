//! The ways to pin a database future in a lease.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};
use tokio::pin;

#[handler]
async fn pinned(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.transaction(async |tx| {
        let first = {
            let first = sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&mut *tx);
            pin!(first);
            first.await?
        };
        let second = {
            pin! {
                let second = sqlx::query_scalar::<_, i64>("SELECT 2").fetch_one(&mut *tx);
            }
            second.as_mut().await?
        };
        let third = {
            let third =
                std::pin::pin!(sqlx::query_scalar::<_, i64>("SELECT 3").fetch_one(&mut *tx));
            third.await?
        };
        let rows = sqlx::query_scalar::<_, i64>("SELECT 4").fetch(tx);
        futures::pin_mut!(rows);
        let fourth = rows.try_next().await?.unwrap_or(0);
        Ok(first + second + third + fourth)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(pinned(&mut db.session()).await.unwrap(), 10);
}
