//! Macros of one's own that leave the lease, or a loop in it, trusted to.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};

fn denied(why: &str) -> Result<i64, Error> {
    println!("denied: {why}");
    Err(Error::Closed)
}

macro_rules! deny {
    ($why:expr) => {
        return denied($why)
    };
}

#[handler(trust(deny))]
async fn delete(db: &mut Session<Sqlite>, admin: bool) -> Result<i64, Error> {
    db.transaction(async |tx| {
        sqlx::query("DELETE FROM tools").execute(&mut *tx).await?;
        if !admin {
            deny!("not an admin");
        }
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut session = db.session();
    assert!(delete(&mut session, false).await.is_err());
    let count: i64 =
        session.fetch_one(sqlx::query_scalar("SELECT count(*) FROM tools")).await.unwrap();
    assert_eq!(count, 2);
    assert_eq!(delete(&mut session, true).await.unwrap(), 0);
}

macro_rules! leave {
    ($loop:lifetime) => {
        break $loop
    };
}

#[handler(trust(leave))]
async fn three(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let mut count: i64 = 0;
        'tools: loop {
            count += sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&mut *conn).await?;
            if count > 2 {
                leave!('tools);
            }
        }
        Ok(count)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn leaves_its_loop() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(three(&mut db.session()).await.unwrap(), 3);
}
