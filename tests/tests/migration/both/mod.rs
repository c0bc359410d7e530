mod helpers;

use shortlease::{Error, Postgres, Session, handler};
use sqlx::PgPool;

use self::helpers::{load_url, record};
use super::both;
use crate::remote::number;

/// Converted.
#[handler]
async fn repeat(db: &mut Session<Postgres>, id: i64) -> Result<(), Error> {
    db.transaction(async |tx| {
        let url = load_url(&mut *tx, id).await?;
        record(tx, id, &url).await
    })
    .await
}

/// Not converted yet. It calls the same helpers.
async fn repeat_on_pool(pool: &PgPool, id: i64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    let url = load_url(&mut *tx, id).await?;
    record(&mut *tx, id, &url).await?;
    tx.commit().await
}

#[tokio::test]
async fn both_call_the_same_helpers() {
    let (_scratch, db, pool) = both().await;
    repeat_on_pool(&pool, 1).await.unwrap();
    repeat(&mut db.session(), 1).await.unwrap();
    assert_eq!(number(&db, "SELECT count(*) FROM calls WHERE output = 'http://a'").await, 2);
    assert_eq!(number(&db, "SELECT uses FROM tools").await, 2);
}
