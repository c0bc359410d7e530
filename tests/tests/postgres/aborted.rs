//! PostgreSQL ends a transaction at its first error, and answers its COMMIT with a silent ROLLBACK.

use shortlease::{Error, handler};

use super::any::fixture::{Failure, Fixture, call};

const FAILS: &str = "INSERT INTO tools VALUES (1, 'again', 0)";

#[handler]
#[tokio::test]
async fn a_swallowed_error_is_not_taken_for_a_commit() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            call(tx, "lost").await?;
            let _ = sqlx::query(FAILS).execute(tx).await;
            Ok(())
        })
        .await;
    let Err(error @ Error::TransactionAborted { site, .. }) = &outcome else {
        panic!("{outcome:?}")
    };
    let here = concat!(module_path!(), "::a_swallowed_error_is_not_taken_for_a_commit");
    assert_eq!(site.function().as_deref(), Some(here));
    assert!(error.to_string().contains("savepoint"), "what to do: {error}");
    assert!(!error.is_retryable());
    assert!(!fixture.scratch.in_transaction().await, "rolled back before it is reported");
    assert_eq!(fixture.calls("lost").await, 0);
    fixture.is_whole().await;
}

/// The server tells of a COMMIT that it refuses before it rolls back, which takes it long here: it deletes files.
#[handler]
#[tokio::test]
async fn a_refused_commit_is_told_after_its_rollback() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let tables = "DO $$ BEGIN FOR n IN 1..500 LOOP
                      EXECUTE format('CREATE TABLE many_%s (id int PRIMARY KEY, t text)', n);
                  END LOOP; END $$";
    let outcome = db
        .transaction(async |tx| {
            sqlx::query(tables).execute(&mut *tx).await?;
            sqlx::query("INSERT INTO calls VALUES (99, 'orphan')").execute(tx).await?;
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");
    assert!(!fixture.scratch.in_transaction().await);
}

#[handler]
#[tokio::test]
async fn nor_in_a_savepoint() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.transaction(async |tx| {
        call(tx, "before").await?;
        let inner = tx
            .savepoint(async |tx| {
                call(tx, "lost").await?;
                let _ = sqlx::query(FAILS).execute(tx).await;
                Ok(())
            })
            .await;
        assert!(matches!(inner, Err(Error::TransactionAborted { .. })), "{inner:?}");
        call(tx, "after").await
    })
    .await
    .unwrap();
    for (output, expected) in [("before", 1), ("lost", 0), ("after", 1)] {
        assert_eq!(fixture.calls(output).await, expected, "{output}");
    }
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn an_error_before_a_savepoint_is_remembered_after_it() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome: Result<(), Failure> = db
        .transaction(async |tx| -> Result<(), Failure> {
            call(tx, "lost").await?;
            let _ = sqlx::query(FAILS).execute(tx).await;
            let inner = tx.savepoint(async |tx| call(tx, "lost").await).await;
            assert!(inner.is_err(), "the transaction has ended");
            Ok(())
        })
        .await;
    let aborted = matches!(&outcome, Err(Failure::Lease(Error::TransactionAborted { .. })));
    assert!(aborted, "{outcome:?}");
    assert_eq!(fixture.calls("lost").await, 0);
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn a_row_that_cannot_be_read_ends_nothing() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.transaction(async |tx| {
        call(tx, "kept").await?;
        let mistyped = sqlx::query_scalar::<_, i64>("SELECT url FROM tools").fetch_one(tx).await;
        assert!(matches!(mistyped, Err(sqlx::Error::ColumnDecode { .. })));
        let missing = sqlx::query("SELECT FROM tools WHERE id = 99").fetch_one(tx).await;
        assert!(matches!(missing, Err(sqlx::Error::RowNotFound)));
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(fixture.calls("kept").await, 1);
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn nor_is_one_that_unchecked_code_has_swallowed() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            call(tx, "lost").await?;
            let why = "a crate that tolerates a failure";
            tx.unchecked(why, async |raw| drop(sqlx::query(FAILS).execute(raw).await)).await;
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(Error::TransactionAborted { .. })), "{outcome:?}");
    assert_eq!(fixture.calls("lost").await, 0);
    fixture.is_whole().await;
}
