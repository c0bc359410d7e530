//! SQLite ends a transaction by itself, and goes on without one.

use shortlease::{Conn, Db, Error, Session, Sqlite, handler, leased};

use sqlx::SqliteConnection;

use super::any::fixture::{Failure, Fixture, call};

/// Fails, and takes the transaction with it.
const ENDS: &str = "INSERT OR ROLLBACK INTO tools VALUES (1, 'again', 0)";

#[leased]
async fn end(conn: &mut Conn<Sqlite>) {
    let ended = sqlx::query(ENDS).execute(conn).await.unwrap_err();
    assert!(ended.as_database_error().unwrap().is_unique_violation(), "{ended}");
}

fn is_refused<T>(outcome: Result<T, sqlx::Error>) {
    let error = outcome.err().expect("in no transaction, and done all the same");
    let text = error.to_string();
    assert!(text.contains("the transaction is over, as an earlier statement ended it"), "{text}");
}

async fn nothing_is_left_of_it(fixture: &Fixture) {
    assert_eq!(fixture.calls("lost").await, 0);
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn what_comes_after_is_refused() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            call(tx, "lost").await?;
            end(tx).await;
            is_refused(call(tx, "lost").await);
            is_refused(sqlx::query("SELECT 1").fetch_one(tx).await);
            let mut rows = sqlx::query("SELECT 1").fetch(tx);
            is_refused(rows.try_next().await);
            assert!(rows.try_next().await.unwrap().is_none());
            Ok(())
        })
        .await;
    let Err(error @ Error::TransactionAborted { site, .. }) = &outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        site.function().as_deref(),
        Some(concat!(module_path!(), "::what_comes_after_is_refused"))
    );
    assert!(error.to_string().contains("return the error"), "what to do: {error}");
    nothing_is_left_of_it(&fixture).await;
}

/// It would write in no transaction.
#[handler]
#[tokio::test]
async fn unchecked_code_after_it_does_not_run() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome: Result<(), Error> = db
        .transaction(async |tx| {
            call(tx, "lost").await?;
            end(tx).await;
            let insert = async |raw: &mut SqliteConnection| {
                sqlx::query("INSERT INTO calls VALUES (1, 'lost')").execute(raw).await
            };
            tx.unchecked("a test", insert).await?;
            Ok(())
        })
        .await;
    let Err(Error::Database(error)) = outcome else { panic!("{outcome:?}") };
    is_refused(Err::<(), _>(error));
    nothing_is_left_of_it(&fixture).await;
}

#[handler]
#[tokio::test]
async fn nothing_after_it_is_aborted_too() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            call(tx, "lost").await?;
            end(tx).await;
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(Error::TransactionAborted { .. })), "{outcome:?}");
    nothing_is_left_of_it(&fixture).await;
}

#[handler]
#[tokio::test]
async fn the_error_that_ended_it_is_reported_where_it_is_returned() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            call(tx, "lost").await?;
            sqlx::query(ENDS).execute(tx).await?;
            Ok(())
        })
        .await;
    let Err(Error::Database(sqlx::Error::Database(error))) = outcome else { panic!("{outcome:?}") };
    assert!(error.is_unique_violation(), "{error}");
    nothing_is_left_of_it(&fixture).await;
}

#[handler]
#[tokio::test]
async fn a_savepoint_does_not_keep_it() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    for swallows in [true, false] {
        let outcome: Result<(), Failure> = db
            .transaction(async |tx| -> Result<(), Failure> {
                call(tx, "lost").await?;
                let inner = tx
                    .savepoint(async |tx| -> Result<(), Failure> {
                        call(tx, "lost").await?;
                        end(tx).await;
                        if swallows { Ok(()) } else { Err(Failure::Refused) }
                    })
                    .await;
                match inner {
                    Err(Failure::Lease(Error::TransactionAborted { .. })) if swallows => {}
                    Err(Failure::Refused) if !swallows => {}
                    other => panic!("{other:?}"),
                }
                is_refused(call(tx, "lost").await);
                let next = tx.savepoint(async |tx| call(tx, "lost").await).await;
                assert!(
                    matches!(&next, Err(Failure::Lease(Error::Database(sqlx::Error::Io(_))))),
                    "{next:?}"
                );
                Ok(())
            })
            .await;
        let aborted = matches!(&outcome, Err(Failure::Lease(Error::TransactionAborted { .. })));
        assert!(aborted, "{outcome:?}");
        nothing_is_left_of_it(&fixture).await;
    }
}

#[handler]
#[tokio::test]
async fn unchecked_code_does_not_hide_it() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            call(tx, "lost").await?;
            let why = "a crate that tolerates a failure";
            tx.unchecked(why, async |raw| drop(sqlx::query(ENDS).execute(raw).await)).await;
            is_refused(call(tx, "lost").await);
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(Error::TransactionAborted { .. })), "{outcome:?}");
    nothing_is_left_of_it(&fixture).await;
}

/// SQLite's `SQLITE_FULL`, as of a full disk.
#[handler(allow(SL005 = "the limit does no harm to who comes next"))]
#[tokio::test]
async fn so_does_a_full_disk() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            // No page more than there is.
            sqlx::query("PRAGMA max_page_count = 1").execute(tx).await?;
            call(tx, "lost").await?;
            let much = "INSERT INTO calls VALUES (1, zeroblob(1000000))";
            let full = sqlx::query(much).execute(tx).await.unwrap_err();
            assert!(full.to_string().contains("full"), "{full}");
            is_refused(call(tx, "lost").await);
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(Error::TransactionAborted { .. })), "{outcome:?}");
    nothing_is_left_of_it(&fixture).await;
}

/// Each of its statements is a transaction of its own.
#[handler]
#[tokio::test]
async fn a_lease_goes_on() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.lease(async |conn| {
        end(conn).await;
        call(conn, "kept").await
    })
    .await
    .unwrap();
    assert_eq!(fixture.calls("kept").await, 1);
    // And a transaction after it is none the worse.
    db.transaction(async |tx| call(tx, "kept").await).await.unwrap();
    assert_eq!(fixture.calls("kept").await, 2);
}

#[handler]
async fn lose(mut db: Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        end(tx).await;
        is_refused(call(tx, "committed").await);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn nothing_is_committed_in_a_test() {
    let fixture = Fixture::with_tools().await;
    let test =
        Db::<Sqlite>::builder(fixture.scratch.url()).test_transaction().connect().await.unwrap();
    let lost = lose(test.session()).await;
    assert!(matches!(lost, Err(Error::TransactionAborted { .. })), "{lost:?}");
    let insert = "INSERT INTO calls VALUES (1, 'committed')";
    match test.session().execute(sqlx::query(insert)).await {
        Err(Error::Setting { setting: "test_transaction", reason }) => {
            assert!(reason.contains("was lost with its connection"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(fixture.calls("committed").await, 0);
}
