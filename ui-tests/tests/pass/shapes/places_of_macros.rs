//! Macros that name a place, return, or declare: a call means in a lease what it means anywhere.
#![deny(warnings)]

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

struct Stats {
    calls: [i64; 2],
    slot: Option<i64>,
}

macro_rules! calls {
    ($stats:expr) => {
        $stats.calls
    };
}

macro_rules! slot {
    ($stats:expr) => {
        $stats.slot
    };
}

macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            return Ok(-1);
        }
    };
}

macro_rules! clean {
    ($name:ident) => {
        let $name = $name.trim();
    };
}

struct Noted<'n>(&'n std::cell::Cell<i64>);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

macro_rules! noted {
    ($cell:expr) => {
        let _noted = Noted($cell);
    };
}

#[leased]
async fn count(conn: &mut Conn<Sqlite>, calls: &mut i64) -> Result<i64, sqlx::Error> {
    *calls += sqlx::query_scalar::<_, i64>("SELECT count(*) FROM tools").fetch_one(conn).await?;
    Ok(*calls)
}

#[handler]
async fn written(db: &mut Session<Sqlite>, stats: &mut Stats, wanted: bool) -> Result<i64, Error> {
    db.transaction(async |tx| {
        ensure!(wanted);
        calls!(stats)[0] += 1;
        calls!(stats).sort();
        count(tx, &mut calls!(stats)[1]).await?;
        if let Some(ref mut slot) = slot!(stats) {
            *slot += 1;
        }
        let taken = slot!(stats).take().unwrap_or_default();
        (slot!(stats)) = Some(taken + 1);
        Ok(calls!(stats).len() as i64)
    })
    .await
}

#[handler]
async fn declared(db: &mut Session<Sqlite>, name: &str) -> Result<(String, i64), Error> {
    let ended = std::cell::Cell::new(0);
    db.lease(async move |conn| {
        clean!(name);
        noted!(&ended);
        let name: String = sqlx::query_scalar("SELECT $1").bind(name).fetch_one(conn).await?;
        Ok((name, ended.get()))
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut stats = Stats { calls: [0; 2], slot: Some(5) };
    let mut session = db.session();
    assert_eq!(written(&mut session, &mut stats, false).await.unwrap(), -1);
    assert_eq!(written(&mut session, &mut stats, true).await.unwrap(), 2);
    assert_eq!((stats.calls, stats.slot), ([0, 3], Some(7)));
    assert_eq!(declared(&mut session, " a ").await.unwrap(), ("a".to_owned(), 0));
}
