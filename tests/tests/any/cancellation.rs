//! What is left when a future is dropped, wherever it stands.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use shortlease::{Session, handler};
use tokio::sync::Notify;

use super::Database;
use super::fixture::{Failure, Fixture, call, sql};
use super::poll::{Moment, cancel_after};

/// Of the type of an id, which all databases know.
const MANY: &str = "WITH RECURSIVE n (i) AS \
                    (SELECT id FROM tools WHERE id = 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
                    SELECT i FROM n";

#[handler]
async fn thrice(mut db: Session<Database>, output: &str) -> Result<(), Failure> {
    db.transaction(async |tx| {
        call(tx, output).await?;
        tx.savepoint(async |tx| {
            call(tx, output).await?;
            let undone: Result<(), Failure> = tx
                .savepoint(async |tx| {
                    call(tx, output).await?;
                    Err(Failure::Refused)
                })
                .await;
            assert!(matches!(undone, Err(Failure::Refused)));
            Ok(())
        })
        .await?;
        let mut tools = sqlx::query_scalar::<_, i64>("SELECT id FROM tools").fetch(tx);
        while tools.try_next().await?.is_some() {}
        drop(tools);
        call(tx, output).await?;
        Ok(())
    })
    .await
}

/// The statements of [`thrice`]: it waits for each of them.
const STATEMENTS: usize = 12;

/// Drops a transaction after each number of polls, until one gets to its end. Returns how many did not.
async fn sweep(fixture: &Fixture, moment: Moment, nth: usize) -> usize {
    for polls in 1.. {
        let output = format!("{moment:?} after {polls}, {nth}");
        let attempt = thrice(fixture.db.session(), &output);
        let outcome = cancel_after(polls, moment, attempt).await;
        fixture.is_whole().await;
        match (fixture.calls(&output).await, outcome) {
            (3, Some(Ok(()))) => return polls - 1,
            (0 | 3, None) => {}
            (calls, outcome) => panic!("{output}: {calls} of 3 calls kept, {outcome:?}"),
        }
    }
    unreachable!("numbers do not end")
}

async fn at_every_await(fixture: &Fixture) {
    for moment in [Moment::Waiting, Moment::Woken] {
        // An answer that is there before it is waited for is a point left out, so one sweep may not do.
        let mut points = 0;
        for nth in 0..100 {
            points += sweep(fixture, moment, nth).await;
            if points >= STATEMENTS {
                break;
            }
        }
        assert!(points >= STATEMENTS, "{moment:?}: nothing to wait for");
    }
}

#[tokio::test]
async fn a_transaction_is_whole_or_not_at_all() {
    let fixture = Fixture::distant(|settings| settings).await;
    fixture.add_tools().await;
    at_every_await(&fixture).await;
}

#[tokio::test]
async fn so_it_is_when_each_connection_is_validated_first() {
    let fixture = Fixture::distant(|settings| settings.validate_after(Duration::ZERO)).await;
    fixture.add_tools().await;
    at_every_await(&fixture).await;
}

#[tokio::test]
async fn so_it_is_when_each_connection_is_new() {
    let fixture = Fixture::distant(|settings| settings.max_lifetime(Duration::from_nanos(1))).await;
    fixture.add_tools().await;
    at_every_await(&fixture).await;
}

#[handler]
async fn read_many(mut db: Session<Database>) -> Result<i64, Failure> {
    db.lease(async |conn| {
        let mut sum = 0;
        let mut rows = sqlx::query_scalar::<_, i64>(MANY).fetch(conn);
        while let Some(row) = rows.try_next().await? {
            sum += row;
        }
        Ok(sum)
    })
    .await
}

#[tokio::test]
async fn a_read_can_be_dropped_at_every_poll() {
    let fixture = Fixture::with_tools().await;
    for moment in [Moment::Waiting, Moment::Woken] {
        // Rows come in chunks of any size, so the number of polls is the machine's business.
        for polls in (0..12).map(|doubled| 1 << doubled) {
            let outcome = cancel_after(polls, moment, read_many(fixture.db.session())).await;
            fixture.is_whole().await;
            if let Some(sum) = outcome {
                assert_eq!(sum.unwrap(), 20_000 * 20_001 / 2);
                break;
            }
        }
        assert_eq!(read_many(fixture.db.session()).await.unwrap(), 20_000 * 20_001 / 2);
    }
}

#[tokio::test]
async fn one_statement_leases_can_be_dropped_at_every_poll() {
    let fixture = Fixture::with(2, |settings| settings.validate_after(Duration::ZERO)).await;
    fixture.add_tools().await;
    for moment in [Moment::Waiting, Moment::Woken] {
        for polls in 1.. {
            let output = format!("{moment:?} after {polls}");
            let insert = sqlx::query(sql("INSERT INTO calls VALUES (1, $1)")).bind(&output);
            let mut db = fixture.db.session();
            let outcome = cancel_after(polls, moment, db.execute(insert)).await;
            fixture.is_whole().await;
            match (fixture.calls(&output).await, outcome) {
                (1, Some(Ok(_))) => break,
                (0 | 1, None) => {}
                (calls, outcome) => panic!("{output}: {calls} calls kept, {outcome:?}"),
            }
        }
    }
}

#[handler]
#[tokio::test]
async fn a_stream_can_be_dropped_half_way() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    for _ in 0..3 {
        let read = db
            .lease(async |conn| {
                let mut rows = sqlx::query_scalar::<_, i64>(MANY).fetch(conn);
                assert_eq!(rows.try_next().await?, Some(1));
                assert_eq!(rows.try_next().await?, Some(2));
                drop(rows);
                let next: i64 = sqlx::query_scalar("SELECT uses FROM tools WHERE id = 3")
                    .fetch_one(conn)
                    .await?;
                // And again, as the last thing the lease does.
                let mut rows = sqlx::query_scalar::<_, i64>(MANY).fetch(conn);
                assert_eq!(rows.try_next().await?, Some(1));
                Ok(next)
            })
            .await;
        assert_eq!(read.unwrap(), 30);
        assert_eq!(fixture.number("SELECT uses FROM tools WHERE id = 2").await, 20);
    }
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn a_stream_dropped_half_way_does_not_stop_its_transaction() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.transaction(async |tx| {
        call(tx, "before").await?;
        let mut rows = sqlx::query_scalar::<_, i64>(MANY).fetch(tx);
        assert_eq!(rows.try_next().await?, Some(1));
        drop(rows);
        call(tx, "after").await?;
        let mut rows = sqlx::query_scalar::<_, i64>(MANY).fetch(tx);
        assert_eq!(rows.try_next().await?, Some(1));
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!((fixture.calls("before").await, fixture.calls("after").await), (1, 1));
    fixture.is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_can_be_aborted() {
    let fixture = Fixture::with_tools().await;
    for round in 0..20 {
        let output = format!("round {round}");
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (db, output) = (fixture.db.session(), output.clone());
                tokio::spawn(async move { thrice(db, &output).await })
            })
            .collect();
        // However far they have come by now.
        for task in &tasks {
            task.abort();
        }
        let mut done = 0;
        for task in tasks {
            done += i64::from(task.await.is_ok_and(|outcome| outcome.is_ok()));
        }
        fixture.is_whole().await;
        let calls = fixture.calls(&output).await;
        assert_eq!(calls % 3, 0, "{output}: {calls} calls kept");
        assert!(calls >= 3 * done, "{output}: {done} done, {calls} calls kept");
    }
}

/// Not even dropped in peace.
struct Trap;

impl Drop for Trap {
    fn drop(&mut self) {
        panic!("on purpose");
    }
}

#[handler]
async fn trapped(mut db: Session<Database>, inside: Arc<Notify>) -> Result<(), Failure> {
    db.lease(async |conn| {
        let _trap = Trap;
        conn.unchecked("a test", async |_| {
            inside.notify_one();
            pending::<()>().await;
        })
        .await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_body_that_panics_as_it_is_dropped_frees_its_slot() {
    let fixture = Fixture::with_tools().await;
    let inside = Arc::new(Notify::new());
    let lease = tokio::spawn(trapped(fixture.db.session(), Arc::clone(&inside)));
    inside.notified().await;
    lease.abort();
    assert!(lease.await.is_err_and(|error| error.is_panic()));
    fixture.is_whole().await;
}
