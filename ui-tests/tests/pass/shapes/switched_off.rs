//! Leases and statements that `cfg` leaves out, and lint attributes on them.
#![deny(warnings)]

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    #[cfg(any())]
    db.lease(async |conn| {
        sqlx::query("DELETE FROM tools").execute(conn).await?;
        Ok(())
    })
    .await;
    #[cfg(any())]
    db.transaction(async |tx| sqlx::query("DELETE FROM tools").execute(tx).await).await?;
    #[cfg(any())]
    (db.lease(async |conn| sqlx::query("DELETE FROM tools").execute(conn).await).await?);
    #[cfg(any())]
    db.nobody().begin().await;
    let outcomes = [
        #[cfg(any())]
        db.lease(async |conn| sqlx::query("DELETE FROM tools").execute(conn).await).await,
        #[cfg(not(any()))]
        db.lease(async |conn| sqlx::query("SELECT 1").execute(conn).await).await,
    ];
    assert_eq!(outcomes.len(), 1);
    #[expect(clippy::let_unit_value, clippy::ignored_unit_patterns)]
    let _ = db.lease(async |_conn| Ok(())).await?;
    db.lease(async |conn| {
        #[cfg(any())]
        sqlx::query("DELETE FROM tools").execute(conn).await;
        #[cfg(any())]
        sqlx::query("DELETE FROM tools").execute(&mut *conn.field).await?;
        #[cfg(any())]
        clear(conn).await;
        #[cfg(any())]
        println!("{}", clear(conn).await?);
        #[cfg(any())]
        async { clear(conn).await }.await;
        let outcomes = [
            #[cfg(any())]
            sqlx::query("DELETE FROM tools").execute(&mut *conn).await,
            #[cfg(not(any()))]
            sqlx::query("SELECT 1").execute(&mut *conn).await,
            #[cfg(any())]
            clear(conn).await,
            #[cfg(any())]
            vec![clear(conn).await?],
        ];
        assert_eq!(outcomes.len(), 1);
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    })
    .await
}

#[leased]
async fn clear(
    conn: &mut Conn<Sqlite>,
    #[cfg(any())] nothing: u8,
) -> Result<sqlx::sqlite::SqliteQueryResult, sqlx::Error> {
    sqlx::query("DELETE FROM tools").execute(conn).await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(count(&mut db.session()).await.unwrap(), 2);
    let cleared = db.session();
    assert!(clear_in(cleared).await.is_ok());
}

#[handler]
async fn clear_in(mut db: Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| clear(conn).await).await.map(drop)
}
