//! Beside code that looks like something which is not checked: database awaits in the same places.
#![deny(warnings)]

use std::cell::Cell;

use shortlease::{Conn, EitherConn, Error, Session, Sqlite, Tx, handler, leased};

#[leased]
async fn one(conn: &mut Conn<Sqlite>) -> i64 {
    sqlx::query_scalar("SELECT 1").fetch_one(conn).await.unwrap_or(0)
}

#[handler]
#[rustfmt::skip]
async fn looked_through(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let one_behind_float = {
            let pair = (one(conn), ());
            pair.0. await
        };
        let ratio = 2. + 0. * f64::from(u8::try_from(one_behind_float).unwrap_or(0));
        let text = format!("{type}{mod}", type = one(conn).await, mod = one(conn).await);
        let macro_rules = one(conn).await;
        let pair = (1, 2);
        let is_null = (&raw const { assert_eq!(one(conn).await, 1); &pair }.1).is_null();
        Ok(format!("{text} {} {ratio} {is_null}", macro_rules != (one(conn).await + 1)))
    })
    .await
}

/// An async closure that says what it returns, with a comma in the type.
#[handler]
async fn unchecked(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let theirs = async |raw: &mut sqlx::SqliteConnection| -> Result<i64, sqlx::Error> {
            let one: i64 = sqlx::query_scalar("SELECT 1").fetch_one(&mut *raw).await?;
            Ok(one + sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(raw).await?)
        };
        conn.unchecked("it is given a raw connection", theirs).await
    })
    .await
}

macro_rules! five {
    () => {
        5
    };
}

macro_rules! next {
    () => {
        continue
    };
}

/// Macro calls in braces that blocks end in: a value, and a jump.
#[handler]
async fn at_the_end(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let mut sum = 0;
        for many in [true, false] {
            sum += if many { five! {} } else { one(conn).await };
            if many {
                next! {}
            }
            sum *= 10;
        }
        #[cfg(any())]
        let _both = (&mut first!(), &mut second!());
        Ok(sum)
    })
    .await
}

/// Counts how often it is dropped.
struct Noted<'n>(&'n Cell<i64>);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

macro_rules! event {
    ($cell:expr) => {
        let _noted = Noted($cell);
    };
}

/// A macro with the name of one of tracing's that keeps something for the block.
#[handler]
async fn guarded(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let ended = Cell::new(0);
    db.lease(async |_conn| {
        event! { &ended }
        Ok(ended.get())
    })
    .await
}

/// A body for any transaction, in a helper on either connection.
#[leased]
async fn helper(conn: &mut impl EitherConn<Sqlite>) -> Result<i64, sqlx::Error> {
    let body = #[leased]
    async |tx: &mut Tx<Sqlite>| {
        sqlx::query("DELETE FROM calls").execute(tx).await?;
        Ok::<_, Error>(())
    };
    let _ = body;
    sqlx::query_scalar("SELECT 1").fetch_one(conn).await
}

#[handler]
async fn helped(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| helper(conn).await).await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut session = db.session();
    assert_eq!(looked_through(&mut session).await.unwrap(), "11 true 2 false");
    assert_eq!(unchecked(&mut session).await.unwrap(), 2);
    assert_eq!(at_the_end(&mut session).await.unwrap(), 60);
    assert_eq!(guarded(&mut session).await.unwrap(), 0);
    assert_eq!(helped(&mut session).await.unwrap(), 1);
}
