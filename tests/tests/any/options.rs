//! Limits of one session, and transactions that are rolled back on purpose.

use std::time::{Duration, Instant};

use shortlease::{Error, Session, Tx, TxOptions, handler, leased};
use shortlease_tests::wait;
use tokio::time::timeout;

use super::Database;
use super::fixture::{Failure, Fixture, OpenLease, call};

const SHORT: Duration = Duration::from_millis(200);

#[handler]
async fn dry_run(db: &mut Session<Database>) -> Result<i64, Failure> {
    db.transaction(async |tx| {
        call(tx, "dry").await?;
        let count = sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(&mut *tx).await?;
        Ok(tx.rollback_with(count))
    })
    .await
}

#[tokio::test]
async fn a_dry_run_returns_its_value_and_leaves_nothing() {
    let fixture = Fixture::with_tools().await;
    assert_eq!(dry_run(&mut fixture.db.session()).await.unwrap(), 1);
    assert_eq!(fixture.calls("dry").await, 0);
    fixture.is_whole().await;
}

#[handler]
async fn dry_part(db: &mut Session<Database>) -> Result<(), Failure> {
    db.transaction(async |tx| {
        call(tx, "kept").await?;
        tx.savepoint(async |tx| {
            call(tx, "dry").await?;
            tx.rollback_with(());
            Ok::<(), Failure>(())
        })
        .await?;
        call(tx, "kept").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_dry_savepoint_leaves_the_rest() {
    let fixture = Fixture::with_tools().await;
    dry_part(&mut fixture.db.session()).await.unwrap();
    assert_eq!((fixture.calls("kept").await, fixture.calls("dry").await), (2, 0));
    fixture.is_whole().await;
}

#[handler]
async fn dry_run_with_parts(db: &mut Session<Database>) -> Result<i64, Failure> {
    db.transaction(async |tx| {
        call(tx, "dry").await?;
        tx.rollback_with(());
        tx.savepoint(async |tx| {
            call(tx, "dry").await?;
            Ok::<(), Failure>(())
        })
        .await?;
        let undone: Result<(), Failure> = tx
            .savepoint(async |tx| {
                call(tx, "undone").await?;
                Err(Failure::Refused)
            })
            .await;
        assert!(undone.is_err());
        Ok(sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(tx).await?)
    })
    .await
}

/// The savepoint is kept in it, and is no end of it.
#[tokio::test]
async fn a_dry_run_stays_one_after_a_savepoint() {
    let fixture = Fixture::with_tools().await;
    assert_eq!(dry_run_with_parts(&mut fixture.db.session()).await.unwrap(), 2);
    assert_eq!((fixture.calls("dry").await, fixture.calls("undone").await), (0, 0));
    fixture.is_whole().await;
}

#[leased]
async fn endless_dry_part(tx: &mut Tx<Database>) -> Result<(), Failure> {
    tx.savepoint(async |tx| {
        tx.rollback_with(());
        loop {
            call(tx, "dry").await?;
        }
    })
    .await
}

#[handler]
async fn dropped_dry_part(db: &mut Session<Database>) -> Result<(), Failure> {
    db.transaction(async |tx| {
        let part = timeout(Duration::from_millis(50), endless_dry_part(tx)).await;
        assert!(part.is_err());
        call(tx, "after").await?;
        Ok(())
    })
    .await
}

/// What it asked for is not done to the rest without a word.
#[tokio::test]
async fn a_dry_savepoint_that_is_dropped_is_an_error() {
    let fixture = Fixture::with_tools().await;
    dropped_dry_part(&mut fixture.db.session()).await.unwrap_err();
    assert_eq!((fixture.calls("after").await, fixture.calls("dry").await), (0, 0));
    fixture.is_whole().await;
}

#[handler]
async fn read_twice(db: &mut Session<Database>) -> Result<(i64, i64), Failure> {
    db.transaction_with(TxOptions::new().read_only(), async |tx| {
        let count = "SELECT count(*) FROM tools";
        let first = sqlx::query_scalar(count).fetch_one(&mut *tx).await?;
        Ok((first, sqlx::query_scalar(count).fetch_one(tx).await?))
    })
    .await
}

#[handler]
async fn write_read_only(db: &mut Session<Database>) -> Result<(), Failure> {
    db.transaction_with(TxOptions::new().read_only(), async |tx| {
        call(tx, "no").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_read_only_transaction_reads_and_the_next_one_writes() {
    // One connection, so that whoever comes next has the same.
    let fixture = Fixture::with(1, |settings| settings).await;
    fixture.add_tools().await;
    assert_eq!(read_twice(&mut fixture.db.session()).await.unwrap(), (3, 3));
    fixture.is_whole().await;
    write_read_only(&mut fixture.db.session()).await.unwrap_err();
    fixture.is_whole().await;
    assert_eq!(fixture.calls("no").await, 0);
}

#[handler]
async fn owned(db: &mut Session<Database>, note: String) -> Result<(), Failure> {
    db.transaction_with(TxOptions::new().retries(2), async |tx| {
        call(tx, &note).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_body_may_own_what_it_borrows() {
    let fixture = Fixture::with_tools().await;
    owned(&mut fixture.db.session(), "mine".into()).await.unwrap();
    assert_eq!(fixture.calls("mine").await, 1);
}

#[tokio::test]
async fn a_session_waits_by_its_own_limit() {
    let fixture = Fixture::with(1, |settings| settings).await;
    let held = OpenLease::lease(&fixture.db).await;
    let mut session = fixture.db.session().acquire_timeout(Duration::from_millis(50));
    let error = session.execute(sqlx::query("SELECT 1")).await.unwrap_err();
    let Error::Busy(busy) = error else { panic!("{error}") };
    assert!(busy.waited < Duration::from_secs(30), "{busy}");
    held.end().await;
    wait::until("its turn", async || session.execute(sqlx::query("SELECT 1")).await.is_ok()).await;
}

#[handler]
async fn endless(db: &mut Session<Database>) -> Result<(), Error> {
    db.lease(async |conn| {
        loop {
            sqlx::query("SELECT 1").execute(&mut *conn).await?;
        }
    })
    .await
}

#[tokio::test]
async fn a_session_may_lower_max_lease() {
    let fixture = Fixture::with_tools().await;
    let mut session = fixture.db.session().max_lease(Duration::from_millis(50));
    let error = endless(&mut session).await.unwrap_err();
    assert!(matches!(error, Error::LeaseExpired { setting: "max_lease", .. }), "{error}");
    fixture.is_whole().await;
}

#[handler]
async fn computes(db: &mut Session<Database>) -> Result<(), Failure> {
    db.transaction(async |tx| {
        call(tx, "late").await?;
        let began = Instant::now();
        while began.elapsed() < 2 * SHORT {}
        Ok(())
    })
    .await
}

/// Nobody would know the outcome of a COMMIT that is sent and cut.
#[tokio::test]
async fn a_body_that_ends_after_max_lease_is_not_committed() {
    let fixture = Fixture::with_tools().await;
    let outcome = computes(&mut fixture.db.session().max_lease(SHORT)).await;
    let Err(Failure::Lease(Error::LeaseExpired { setting: "max_lease", .. })) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(fixture.calls("late").await, 0);
    fixture.is_whole().await;
}

#[tokio::test]
async fn a_ping_waits_no_longer_than_it_is_told() {
    let fixture = Fixture::with(1, |settings| settings).await;
    let limit = Duration::from_secs(20);
    fixture.db.ping(limit).await.unwrap();
    let held = OpenLease::lease(&fixture.db).await;
    let error = fixture.db.ping(Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, Error::Busy(_)), "{error}");
    held.end().await;
    fixture.db.ping(limit).await.unwrap();
    let _ = fixture.db.close(limit).await;
    assert!(matches!(fixture.db.ping(limit).await, Err(Error::Closed)));
}
