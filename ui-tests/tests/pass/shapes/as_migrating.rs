//! Code as it was written for sqlx's own connections, and as people write it first: each means what it says.

use std::borrow::Cow;
use std::ops::DerefMut;

use shortlease::{Conn, Db, Error, Session, Sqlite, Tx, handler, leased};

#[handler]
async fn verbs_of_the_connection(db: &mut Session<Sqlite>) -> Result<(i64, Vec<String>), Error> {
    let uses = db
        .transaction(async |tx| {
            tx.execute(sqlx::query("UPDATE tools SET uses = 1 WHERE id = 1")).await?;
            let query = sqlx::query_scalar("SELECT uses FROM tools WHERE id = 1");
            tx.fetch_one(query).await
        })
        .await?;
    let urls = db.lease(async |conn| conn.fetch_all(sqlx::query_scalar("SELECT url FROM tools")).await).await?;
    Ok((uses, urls))
}

#[handler]
async fn reborrowed(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("UPDATE tools SET uses = 2").execute(&mut **tx).await?;
        sqlx::query("UPDATE tools SET uses = 3").execute(tx.as_mut()).await?;
        sqlx::query("UPDATE tools SET uses = 4").execute(tx.deref_mut()).await?;
        Ok(())
    })
    .await?;
    db.lease(async |conn| {
        sqlx::query("UPDATE tools SET uses = uses + 1").execute(&mut **conn).await?;
        sqlx::query("UPDATE tools SET uses = uses + 1").execute(conn.as_mut()).await?;
        Ok(())
    })
    .await
}

#[leased]
async fn load_url(conn: &mut Conn<Sqlite>) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = 2").fetch_one(conn).await
}

#[leased]
async fn uses(tx: &mut Tx<Sqlite>) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT uses FROM tools WHERE id = 2").fetch_one(tx).await?)
}

#[handler]
async fn by_name(db: &mut Session<Sqlite>) -> Result<(String, i64), Error> {
    let url = db.lease(load_url).await?;
    Ok((url, db.transaction(self::uses).await?))
}

#[handler]
async fn closure_with_a_block(db: &mut Session<Sqlite>, id: i64) -> Result<String, Error> {
    db.lease(|conn| async move {
        sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
    })
    .await
}

/// Another type with a method of this name, whose closure is its own.
struct Ledger(i64);

impl Ledger {
    async fn transaction<T>(&self, entry: impl AsyncFnOnce(i64) -> T) -> T {
        entry(self.0).await
    }
}

#[handler]
async fn another_transaction(db: &mut Session<Sqlite>, ledger: &Ledger) -> Result<i64, Error> {
    let sum = ledger
        .transaction(async |n| {
            tokio::task::yield_now().await;
            n + 1
        })
        .await;
    db.fetch_one(sqlx::query_scalar("SELECT $1").bind(sum)).await
}

macro_rules! skip {
    ($when:expr) => {
        if $when {
            continue;
        }
    };
}

#[handler]
async fn macro_that_goes_on(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let mut used = 0;
        for id in [1, 2] {
            skip!(id == 1);
            sqlx::query("UPDATE tools SET uses = 9 WHERE id = $1").bind(id).execute(&mut *conn).await?;
            used += id;
        }
        Ok(used)
    })
    .await
}

#[leased]
async fn elided(conn: &mut Conn<Sqlite>, url: impl Into<Cow<'_, str>>) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT $1").bind(url.into().into_owned()).fetch_one(conn).await
}

#[handler]
async fn calls_elided(db: &mut Session<Sqlite>, url: &str) -> Result<String, Error> {
    db.lease(async |conn| elided(conn, url).await).await
}

#[tokio::test]
async fn runs() {
    let db: Db<Sqlite> = shortlease_ui_tests::db().await;
    let mut session = db.session();
    let urls = vec!["http://one".to_owned(), "http://two".to_owned()];
    assert_eq!(verbs_of_the_connection(&mut session).await.unwrap(), (1, urls));
    reborrowed(&mut session).await.unwrap();
    assert_eq!(by_name(&mut session).await.unwrap(), ("http://two".to_owned(), 6));
    assert_eq!(closure_with_a_block(&mut session, 1).await.unwrap(), "http://one");
    assert_eq!(another_transaction(&mut session, &Ledger(2)).await.unwrap(), 3);
    assert_eq!(macro_that_goes_on(&mut session).await.unwrap(), 2);
    assert_eq!(calls_elided(&mut session, "http://three").await.unwrap(), "http://three");
}
