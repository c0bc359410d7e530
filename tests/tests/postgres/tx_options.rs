//! Transactions with options, and the settings of a session.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use shortlease::{Db, Error, Isolation, Postgres, Session, TxOptions, handler};
use shortlease_tests::handlers::{in_query, sleep};
use shortlease_tests::scratch::builder;
use shortlease_tests::wait;
use tokio::task::JoinSet;
use tokio::time::timeout;

#[handler]
async fn shown(
    db: &mut Session<Postgres>,
    options: TxOptions,
    name: &str,
) -> Result<String, Error> {
    let show = "SELECT current_setting($1)";
    db.transaction_with(options, async |tx| sqlx::query_scalar(show).bind(name).fetch_one(tx).await)
        .await
}

#[tokio::test]
async fn the_isolation_is_set_for_one_transaction() {
    let (_, builder) = builder("tx_isolation").await;
    let db = builder.max_connections(1).connect().await.unwrap();
    let mut session = db.session();
    for (isolation, name) in [
        (Isolation::Serializable, "serializable"),
        (Isolation::RepeatableRead, "repeatable read"),
        (Isolation::ReadCommitted, "read committed"),
    ] {
        let options = TxOptions::new().isolation(isolation);
        assert_eq!(shown(&mut session, options, "transaction_isolation").await.unwrap(), name);
        let plain = shown(&mut session, TxOptions::new(), "transaction_isolation").await;
        assert_eq!(plain.unwrap(), "read committed", "left behind by {name}");
    }
}

#[handler]
async fn write(db: &mut Session<Postgres>, options: TxOptions) -> Result<(), Error> {
    db.transaction_with(options, async |tx| {
        sqlx::query("UPDATE accounts SET balance = balance").execute(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_read_only_transaction_writes_nothing() {
    let db = accounts("tx_read_only", 1).await;
    let error = write(&mut db.session(), TxOptions::new().read_only()).await.unwrap_err();
    let Error::Database(error) = error else { panic!("{error}") };
    assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("25006"));
    write(&mut db.session(), TxOptions::new()).await.unwrap();
}

async fn accounts(name: &str, connections: u32) -> Db<Postgres> {
    let (_, builder) = builder(name).await;
    let db = builder.max_connections(connections).connect().await.unwrap();
    let create = "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);
                  INSERT INTO accounts SELECT n, 1000 FROM generate_series(1, 4) n;
                  CREATE TABLE transfers (writer int NOT NULL, nth int NOT NULL)";
    db.session().execute(sqlx::raw_sql(create)).await.unwrap();
    db
}

/// Reads a sum and writes by it, so that two at a time conflict.
#[handler]
async fn transfer(
    mut db: Session<Postgres>,
    options: TxOptions,
    (writer, nth): (i32, i32),
    attempts: &AtomicU32,
) -> Result<(), Error> {
    db.transaction_with(options, async |tx| {
        attempts.fetch_add(1, Ordering::Relaxed);
        let sum: i64 = sqlx::query_scalar("SELECT sum(balance)::bigint FROM accounts")
            .fetch_one(&mut *tx)
            .await?;
        let update = "UPDATE accounts SET balance = balance + $1 WHERE id = $2";
        let share = sum / 4000;
        sqlx::query(update).bind(-share).bind(1 + writer % 4).execute(&mut *tx).await?;
        sqlx::query(update).bind(share).bind(1 + nth % 4).execute(&mut *tx).await?;
        sqlx::query("INSERT INTO transfers VALUES ($1, $2)")
            .bind(writer)
            .bind(nth)
            .execute(tx)
            .await?;
        Ok(())
    })
    .await
}

const WRITERS: i32 = 8;
const EACH: i32 = 20;

#[tokio::test]
async fn serializable_writers_run_again_and_leave_the_right_sum() {
    let db = accounts("tx_retries", WRITERS as u32).await;
    let options = TxOptions::new().isolation(Isolation::Serializable).retries(1000);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let db = db.clone();
        writers.spawn(async move {
            let attempts = AtomicU32::new(0);
            for nth in 0..EACH {
                transfer(db.session(), options, (writer, nth), &attempts).await.unwrap();
            }
            attempts.into_inner()
        });
    }
    let attempts: u32 = writers.join_all().await.into_iter().sum();
    assert!(attempts > (WRITERS * EACH) as u32, "no two conflicted, so nothing was shown");
    let mut session = db.session();
    let sum = sqlx::query_scalar::<_, i64>("SELECT sum(balance)::bigint FROM accounts");
    assert_eq!(session.fetch_one(sum).await.unwrap(), 4000);
    let once = "SELECT count(*) FROM (SELECT DISTINCT writer, nth FROM transfers) t";
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM transfers");
    assert_eq!(session.fetch_one(count).await.unwrap(), i64::from(WRITERS * EACH));
    let distinct = session.fetch_one(sqlx::query_scalar::<_, i64>(once)).await.unwrap();
    assert_eq!(distinct, i64::from(WRITERS * EACH));
}

#[tokio::test]
async fn without_retries_a_conflict_is_the_outcome() {
    let db = accounts("tx_no_retries", WRITERS as u32).await;
    let options = TxOptions::new().isolation(Isolation::Serializable);
    let mut conflicts = 0;
    for nth in 0..50 {
        let attempts: Vec<AtomicU32> = (0..WRITERS).map(|_| AtomicU32::new(0)).collect();
        let writers = (0..WRITERS).map(|writer| {
            transfer(db.session(), options, (writer, nth), &attempts[writer as usize])
        });
        for outcome in join_all(writers).await {
            let Err(error) = outcome else { continue };
            let Error::Database(error) = error else { panic!("{error}") };
            let code = error.as_database_error().unwrap().code().unwrap().into_owned();
            assert!(matches!(code.as_str(), "40001" | "40P01"), "{code}");
            conflicts += 1;
        }
        assert!(attempts.iter().all(|attempts| attempts.load(Ordering::Relaxed) == 1));
        if conflicts > 0 {
            return;
        }
    }
    panic!("no conflict in 50 rounds");
}

#[handler]
async fn never(db: &mut Session<Postgres>, attempts: &AtomicU32) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().retries(3), async |tx| {
        attempts.fetch_add(1, Ordering::Relaxed);
        let fail = "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$";
        sqlx::query(fail).execute(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn retries_are_counted_and_the_last_error_is_the_outcome() {
    let (_, builder) = builder("tx_never").await;
    let db = builder.max_connections(1).connect().await.unwrap();
    let attempts = AtomicU32::new(0);
    let error = never(&mut db.session(), &attempts).await.unwrap_err();
    assert!(error.to_string().contains("again"), "{error}");
    assert_eq!(attempts.into_inner(), 4);
}

#[tokio::test]
async fn no_attempt_begins_after_max_lease() {
    let (_, builder) = builder("tx_total").await;
    let db = builder.max_connections(1).max_lease(wait::LIMIT).connect().await.unwrap();
    #[handler]
    async fn forever(db: &mut Session<Postgres>) -> Result<(), Error> {
        db.transaction_with(TxOptions::new().retries(u32::MAX), async |tx| {
            let fail = "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$";
            sqlx::query(fail).execute(tx).await?;
            Ok(())
        })
        .await
    }
    let mut session = db.session().max_lease(Duration::from_millis(300));
    let outcome = timeout(wait::LIMIT / 2, forever(&mut session)).await;
    outcome.expect("it gives up").unwrap_err();
}

/// The time for attempts begins with the first, and not while that waits for a connection.
#[tokio::test]
async fn a_wait_for_the_first_attempt_takes_nothing_from_the_others() {
    let (_, builder) = builder("tx_waits").await;
    let limit = Duration::from_secs(1);
    let db = builder.max_connections(1).max_lease(limit).connect().await.unwrap();
    let others = [(); 2].map(|()| {
        let mut other = db.session();
        tokio::spawn(async move { sleep(&mut other, 0.7).await })
    });
    in_query(&db, 1).await;
    wait::until("the other", async || db.status().waiting == 1).await;
    let attempts = AtomicU32::new(0);
    never(&mut db.session(), &attempts).await.unwrap_err();
    assert_eq!(attempts.into_inner(), 4);
    for other in others {
        other.await.unwrap().unwrap();
    }
}

/// Meets a conflict or a limit in a savepoint and goes on, or ends with it.
#[handler]
async fn handled(
    db: &mut Session<Postgres>,
    fails: &'static str,
    goes_on: bool,
    attempts: &AtomicU32,
) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().retries(2), async |tx| {
        attempts.fetch_add(1, Ordering::Relaxed);
        let met = tx
            .savepoint(async |tx| {
                sqlx::query(fails).execute(tx).await?;
                Ok(())
            })
            .await;
        if goes_on {
            sqlx::query("SELECT 1").execute(tx).await?;
            return Err(Error::Closed);
        }
        met
    })
    .await
}

#[tokio::test]
async fn what_a_body_has_handled_does_not_decide_its_outcome() {
    let (_, builder) = builder("tx_handled").await;
    let limit = Duration::from_millis(300);
    let db = builder.max_connections(1).statement_timeout(limit).connect().await.unwrap();
    let conflict = "DO $$ BEGIN RAISE deadlock_detected; END $$";
    for fails in [conflict, "SELECT pg_sleep(60)"] {
        let attempts = AtomicU32::new(0);
        let outcome = handled(&mut db.session(), fails, true, &attempts).await;
        assert!(matches!(outcome, Err(Error::Closed)), "{fails}: {outcome:?}");
        assert_eq!(attempts.into_inner(), 1, "{fails}");
    }
    let attempts = AtomicU32::new(0);
    let outcome = handled(&mut db.session(), conflict, false, &attempts).await;
    assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");
    assert_eq!(attempts.into_inner(), 3);
    let outcome =
        handled(&mut db.session(), "SELECT pg_sleep(60)", false, &AtomicU32::new(0)).await;
    let Err(Error::LeaseExpired { setting, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(setting, "statement_timeout");
}

#[handler]
async fn user(db: &mut Session<Postgres>) -> Result<Option<String>, Error> {
    let query = "SELECT nullif(current_setting('app.user_id', true), '')";
    db.lease(async |conn| sqlx::query_scalar(query).fetch_one(conn).await).await
}

#[tokio::test]
async fn a_setting_holds_for_the_leases_of_its_session() {
    let (_, builder) = builder("session_settings").await;
    let db = builder.max_connections(1).connect().await.unwrap();
    for value in ["7", "o'neil", r"\'; DROP TABLE users; --", "ünïcode ☃", "$1"] {
        let mut session = db.session().setting("app.user_id", value);
        assert_eq!(user(&mut session).await.unwrap().as_deref(), Some(value));
        let query = sqlx::query_scalar::<_, String>("SELECT current_setting('app.user_id')");
        assert_eq!(session.fetch_one(query).await.unwrap(), value);
        assert_eq!(user(&mut db.session()).await.unwrap(), None, "left behind: {value}");
    }
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_refused_and_named() {
    let (_, builder) = builder("session_settings_bad").await;
    let db = builder.max_connections(1).connect().await.unwrap();
    for (name, value) in [("", "1"), ("app user", "1"), ("a;b", "1"), ("app.user", "a\0b")] {
        let error = user(&mut db.session().setting(name, value)).await.unwrap_err();
        assert!(error.to_string().starts_with("setting `setting`"), "{name:?}: {error}");
    }
    assert_eq!(user(&mut db.session()).await.unwrap(), None);
}

#[tokio::test]
async fn row_level_security_reads_the_setting() {
    let (server, builder) = builder("row_security").await;
    let _ = server;
    let db = builder.max_connections(1).connect().await.unwrap();
    let create = "CREATE TABLE notes (owner text NOT NULL);
                  INSERT INTO notes VALUES ('ann'), ('ann'), ('bob');
                  ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
                  CREATE POLICY own ON notes USING (owner = current_setting('app.user_id'));
                  DO $$ BEGIN CREATE ROLE reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
                  GRANT SELECT ON notes TO reader";
    db.session().execute(sqlx::raw_sql(create)).await.unwrap();
    for (name, notes) in [("ann", 2), ("bob", 1), ("eve", 0)] {
        let mut session = db.session().setting("app.user_id", name).setting("role", "reader");
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM notes");
        assert_eq!(session.fetch_one(count).await.unwrap(), notes, "{name}");
    }
}
