//! What is kept of a transaction, by how its body ends.

use std::time::Duration;

use shortlease::{Error, Session, Tx, handler, leased};
use tokio::time::timeout;

use super::fixture::{Failure, Fixture, call};
use super::{Database, Scratch};

const SOON: Duration = Duration::from_millis(200);

#[derive(Clone, Copy)]
enum End {
    Ok,
    Err,
    Panic,
}

#[leased]
async fn end(tx: &mut Tx<Database>, end: End) -> Result<(), Failure> {
    call(tx, "last").await?;
    match end {
        End::Ok => Ok(()),
        End::Err => Err(Failure::Refused),
        End::Panic => panic!("on purpose"),
    }
}

#[handler]
async fn twice(mut db: Session<Database>, how: End) -> Result<&'static str, Failure> {
    db.transaction(async |tx| {
        call(tx, "first").await?;
        end(tx, how).await?;
        Ok("done")
    })
    .await
}

#[tokio::test]
async fn ok_commits() {
    let fixture = Fixture::with_tools().await;
    assert_eq!(twice(fixture.db.session(), End::Ok).await.unwrap(), "done");
    assert_eq!((fixture.calls("first").await, fixture.calls("last").await), (1, 1));
    fixture.is_whole().await;
}

#[tokio::test]
async fn err_rolls_back() {
    let fixture = Fixture::with_tools().await;
    let error = twice(fixture.db.session(), End::Err).await.unwrap_err();
    assert!(matches!(error, Failure::Refused), "the body's own error, not {error:?}");
    assert_eq!((fixture.calls("first").await, fixture.calls("last").await), (0, 0));
    fixture.is_whole().await;
}

#[tokio::test]
async fn a_panic_passes_through_and_rolls_back() {
    let fixture = Fixture::with_tools().await;
    let panicked = tokio::spawn(twice(fixture.db.session(), End::Panic)).await.unwrap_err();
    let message = panicked.into_panic();
    assert_eq!(message.downcast_ref::<&str>(), Some(&"on purpose"));
    fixture.is_whole().await;
    assert_eq!((fixture.calls("first").await, fixture.calls("last").await), (0, 0));
}

#[handler]
#[tokio::test]
async fn a_panic_in_a_lease_frees_its_slot() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let panics = async move {
        db.lease(async |conn| {
            call(conn, "kept").await?;
            panic!("on purpose")
        })
        .await
    };
    let panicked: Result<Result<(), _>, _> = tokio::spawn(panics).await;
    assert!(panicked.unwrap_err().is_panic());
    fixture.is_whole().await;
    // Outside of a transaction, what is done is done.
    let kept = i64::from(!Scratch::LEASES_ARE_TRANSACTIONS);
    assert_eq!(fixture.calls("kept").await, kept);
}

#[handler]
#[tokio::test]
async fn a_failed_statement_rolls_back() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            call(tx, "first").await?;
            sqlx::query("INSERT INTO tools VALUES (1, 'again', 0)").execute(tx).await
        })
        .await;
    let Err(Error::Database(sqlx::Error::Database(error))) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(error.is_unique_violation());
    assert_eq!(fixture.calls("first").await, 0);
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn a_failed_commit_is_reported_and_rolled_back() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    for _ in 0..3 {
        let outcome = db
            .transaction(async |tx| {
                call(tx, "before").await?;
                // There is no such tool, which only COMMIT looks at.
                sqlx::query("INSERT INTO calls VALUES (99, 'orphan')").execute(tx).await?;
                call(tx, "after").await
            })
            .await;
        let Err(Error::Database(sqlx::Error::Database(error))) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(error.is_foreign_key_violation());
        assert!(!fixture.scratch.in_transaction().await, "rolled back before it is reported");
    }
    assert_eq!(fixture.number("SELECT count(*) FROM calls").await, 0);
    fixture.is_whole().await;
    twice(fixture.db.session(), End::Ok).await.unwrap();
}

/// Runs for longer than any test.
const SLOW: &str = "WITH RECURSIVE n (i) AS \
                    (SELECT id FROM tools WHERE id = 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) \
                    SELECT count(*) FROM n a CROSS JOIN n b CROSS JOIN n c";

#[handler]
async fn give_up(db: &mut Session<Database>) -> Result<(), Failure> {
    db.transaction(async |tx| {
        call(tx, "before").await?;
        let slow = sqlx::query_scalar::<_, i64>(SLOW).fetch_one(tx);
        match timeout(SOON, slow).await {
            Ok(count) => count.map(drop).map_err(Failure::from),
            Err(_) => Err(Failure::Refused),
        }
    })
    .await
}

#[tokio::test]
async fn a_failed_body_does_not_wait_for_a_statement_that_it_gave_up() {
    let fixture = Fixture::with_tools().await;
    let outcome = give_up(&mut fixture.db.session().max_lease(10 * SOON)).await;
    assert!(matches!(outcome, Err(Failure::Refused)), "{outcome:?}");
    assert_eq!(fixture.calls("before").await, 0);
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn savepoints_are_kept_or_undone_alone() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.transaction(async |tx| {
        call(tx, "before").await?;
        let kept = tx.savepoint(async |inner| call(inner, "kept").await).await;
        kept?;
        let undone: Result<(), _> = tx
            .savepoint(async |inner| {
                call(inner, "undone").await?;
                Err(sqlx::Error::RowNotFound.into())
            })
            .await;
        assert!(matches!(undone, Err(Error::Database(sqlx::Error::RowNotFound))), "{undone:?}");
        call(tx, "after").await
    })
    .await
    .unwrap();
    for (output, expected) in [("before", 1), ("kept", 1), ("undone", 0), ("after", 1)] {
        assert_eq!(fixture.calls(output).await, expected, "{output}");
    }
    fixture.is_whole().await;
}

/// Three levels, of which `refused` fails and is caught by the one around it.
#[handler]
async fn nest(mut db: Session<Database>, refused: u32) -> Result<(), Failure> {
    db.transaction(async |tx| {
        call(tx, "level 0").await?;
        let first = tx
            .savepoint(async |tx| {
                call(tx, "level 1").await?;
                let second = tx
                    .savepoint(async |tx| {
                        call(tx, "level 2").await?;
                        let third = tx
                            .savepoint(async |tx| {
                                call(tx, "level 3").await?;
                                refuse(refused == 3)
                            })
                            .await;
                        call(tx, "after 3").await?;
                        assert_eq!(third.is_err(), refused == 3);
                        refuse(refused == 2)
                    })
                    .await;
                call(tx, "after 2").await?;
                assert_eq!(second.is_err(), refused == 2);
                refuse(refused == 1)
            })
            .await;
        call(tx, "after 1").await?;
        assert_eq!(first.is_err(), refused == 1);
        refuse(refused == 0)
    })
    .await
}

fn refuse(refused: bool) -> Result<(), Failure> {
    if refused { Err(Failure::Refused) } else { Ok(()) }
}

#[tokio::test]
async fn savepoints_nest() {
    for (refused, kept) in [
        (0, vec![]),
        (1, vec!["level 0", "after 1"]),
        (2, vec!["level 0", "level 1", "after 2", "after 1"]),
        (3, vec!["level 0", "level 1", "level 2", "after 3", "after 2", "after 1"]),
        (4, vec!["level 0", "level 1", "level 2", "level 3", "after 3", "after 2", "after 1"]),
    ] {
        let fixture = Fixture::with_tools().await;
        assert_eq!(nest(fixture.db.session(), refused).await.is_err(), refused == 0);
        let all = ["level 0", "level 1", "level 2", "level 3", "after 3", "after 2", "after 1"];
        for output in all {
            let expected = i64::from(kept.contains(&output));
            assert_eq!(fixture.calls(output).await, expected, "{output}, level {refused} refused");
        }
        fixture.is_whole().await;
    }
}

#[handler]
#[tokio::test]
async fn a_failed_statement_in_a_savepoint_ends_only_that() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.transaction(async |tx| {
        call(tx, "before").await?;
        let failed = tx
            .savepoint(async |tx| {
                call(tx, "undone").await?;
                sqlx::query("INSERT INTO tools VALUES (1, 'again', 0)").execute(tx).await
            })
            .await;
        assert!(failed.is_err());
        call(tx, "after").await
    })
    .await
    .unwrap();
    for (output, expected) in [("before", 1), ("undone", 0), ("after", 1)] {
        assert_eq!(fixture.calls(output).await, expected, "{output}");
    }
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn a_panic_in_a_savepoint_rolls_all_back() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let panics = async move {
        db.transaction(async |tx| {
            call(tx, "outer").await?;
            tx.savepoint(async |tx| end(tx, End::Panic).await.map_err(|_| Error::Closed)).await
        })
        .await
    };
    assert!(tokio::spawn(panics).await.unwrap_err().is_panic());
    fixture.is_whole().await;
    assert_eq!((fixture.calls("outer").await, fixture.calls("last").await), (0, 0));
}

#[handler]
#[tokio::test]
async fn a_transaction_reads_what_it_wrote() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let sum = db
        .transaction(async |tx| {
            sqlx::query("UPDATE tools SET uses = uses + 1").execute(&mut *tx).await?;
            let one: i64 = sqlx::query_scalar("SELECT uses FROM tools WHERE id = 1")
                .fetch_one(&mut **tx)
                .await?;
            let two: i64 =
                sqlx::query_scalar("SELECT uses FROM tools WHERE id = 2").fetch_one(tx).await?;
            Ok(one + two)
        })
        .await
        .unwrap();
    assert_eq!(sum, 32);
}

#[leased]
async fn never_done(tx: &mut Tx<Database>) -> Result<(), Error> {
    tx.savepoint(async |tx| {
        loop {
            call(tx, "half").await?;
        }
    })
    .await
}

#[handler]
#[tokio::test]
async fn a_savepoint_that_is_dropped_half_way_is_not_committed() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            call(tx, "before").await?;
            assert!(timeout(SOON, never_done(tx)).await.is_err());
            assert_eq!(call(tx, "after").await.is_ok(), Scratch::READS_ON);
            Ok(())
        })
        .await;
    assert!(matches!(outcome, Err(Error::TransactionAborted { .. })), "{outcome:?}");
    for output in ["before", "half", "after"] {
        assert_eq!(fixture.calls(output).await, 0, "{output}");
    }
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn a_savepoint_that_is_dropped_half_way_takes_the_one_around_it_along() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .transaction(async |tx| {
            call(tx, "before").await?;
            let around = tx
                .savepoint(async |tx| {
                    call(tx, "around").await?;
                    assert!(timeout(SOON, never_done(tx)).await.is_err());
                    Ok(())
                })
                .await;
            assert!(matches!(around, Err(Error::TransactionAborted { .. })), "{around:?}");
            call(tx, "after").await
        })
        .await;
    assert_eq!(outcome.is_ok(), Scratch::READS_ON, "{outcome:?}");
    let kept = i64::from(Scratch::READS_ON);
    for (output, expected) in [("before", kept), ("around", 0), ("half", 0), ("after", kept)] {
        assert_eq!(fixture.calls(output).await, expected, "{output}");
    }
    fixture.is_whole().await;
}
