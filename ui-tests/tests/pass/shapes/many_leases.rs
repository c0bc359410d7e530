//! Many leases at once, all of which are polled until they are done.
#![deny(warnings)]

use std::pin::pin;
use std::time::Duration;

use futures::stream::{self, FuturesUnordered};
use futures::{StreamExt, TryStreamExt};
use shortlease::{Db, Error, Session, Sqlite, handler};
use tokio::task::JoinSet;

async fn remote(number: i64) -> i64 {
    tokio::time::sleep(Duration::from_millis(1)).await;
    number
}

#[handler]
async fn double(db: &mut Session<Sqlite>, number: i64) -> Result<i64, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT $1 * 2").bind(number).fetch_one(conn).await)
        .await
}

#[handler]
async fn collected(db: &Db<Sqlite>) -> Result<i64, Error> {
    let doubled: Vec<i64> = stream::iter(1..5)
        .map(|number| async move {
            let query = sqlx::query_scalar::<_, i64>("SELECT $1 * 2").bind(number);
            db.session().lease(async |conn| query.fetch_one(conn).await).await
        })
        .buffer_unordered(4)
        .try_collect()
        .await?;
    let mut sum = 0;
    for number in doubled {
        sum += remote(number).await;
    }
    Ok(sum)
}

/// Between two items nothing is awaited, and after the last one no lease is open.
#[handler]
async fn added_up(db: &Db<Sqlite>) -> Result<i64, Error> {
    let mut doubled = FuturesUnordered::new();
    for number in 1..5 {
        doubled.push(async move {
            let query = sqlx::query_scalar::<_, i64>("SELECT $1 * 2").bind(number);
            db.session().lease(async |conn| query.fetch_one(conn).await).await
        });
    }
    let mut sum = 0;
    while let Some(number) = doubled.next().await {
        sum += number?;
    }
    Ok(remote(sum).await)
}

/// One after the other: the stream runs none ahead.
#[handler]
async fn in_turn(db: &Db<Sqlite>) -> Result<i64, Error> {
    let doubled = stream::iter(1..5).then(|number| async move {
        let query = sqlx::query_scalar::<_, i64>("SELECT $1 * 2").bind(number);
        db.session().lease(async |conn| query.fetch_one(conn).await).await
    });
    let mut doubled = pin!(doubled);
    let mut sum = 0;
    while let Some(number) = doubled.next().await {
        sum += remote(number?).await;
    }
    Ok(sum)
}

/// Each in a task of its own, which polls it.
#[handler]
async fn spawned(db: &Db<Sqlite>) -> Result<i64, Error> {
    let mut tasks = JoinSet::new();
    for number in 1..5 {
        let mut session = db.session();
        tasks.spawn(async move { double(&mut session, number).await });
    }
    let mut sum = 0;
    while let Some(number) = tasks.join_next().await {
        sum += remote(number.expect("it does not panic")?).await;
    }
    Ok(sum)
}

/// No branch awaits, so the lease is polled whenever anything happens.
#[handler]
async fn selected(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let doubled = async {
        db.lease(async |conn| sqlx::query_scalar("SELECT 10 * 2").fetch_one(conn).await).await
    };
    let mut doubled = pin!(doubled);
    let mut ticks = 0;
    loop {
        tokio::select! {
            doubled = &mut doubled => return doubled,
            () = tokio::time::sleep(Duration::from_millis(1)) => ticks += 1,
        }
        assert!(ticks < 10_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(collected(&db).await.unwrap(), 20);
    assert_eq!(added_up(&db).await.unwrap(), 20);
    assert_eq!(in_turn(&db).await.unwrap(), 20);
    assert_eq!(spawned(&db).await.unwrap(), 20);
    assert_eq!(selected(&mut db.session()).await.unwrap(), 20);
}
