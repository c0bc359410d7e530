//! Types that share a name with a door and are none.

use shortlease::{Error, Session, Sqlite, handler};

/// A payment.
pub struct Transaction {
    pub amount: i64,
}

/// Threads.
pub struct Pool {
    pub threads: i64,
}

#[handler]
async fn pay(db: &mut Session<Sqlite>, payment: Transaction, pool: &Pool) -> Result<i64, Error> {
    db.lease(async |conn| {
        let (amount, threads) = (payment.amount, pool.threads);
        sqlx::query_scalar("SELECT $1 * $2").bind(amount).bind(threads).fetch_one(conn).await
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let paid = pay(&mut db.session(), Transaction { amount: 6 }, &Pool { threads: 7 }).await;
    assert_eq!(paid.unwrap(), 42);
}
