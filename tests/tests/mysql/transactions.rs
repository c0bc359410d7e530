//! Transactions that the server ends by itself, and those that run again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shortlease::{Db, Error, Isolation, MySql, Session, TxOptions, handler};
use shortlease_tests::mysql::{Flavor, Server};
use shortlease_tests::scratch::MySqlDatabase;
use shortlease_tests::wait;
use sqlx::mysql::MySqlDatabaseError;
use sqlx::{Connection, Executor, MySqlConnection};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

async fn accounts(connections: u32) -> (MySqlDatabase, Db<MySql>) {
    let database = MySqlDatabase::new().await;
    let db = database.builder().max_connections(connections).connect().await.unwrap();
    let create = "CREATE TABLE accounts (id INT PRIMARY KEY, balance BIGINT NOT NULL); \
                  INSERT INTO accounts VALUES (1, 100), (2, 100)";
    db.session().execute(sqlx::raw_sql(create)).await.unwrap();
    (database, db)
}

async fn balance(db: &Db<MySql>, id: i64) -> i64 {
    let balance = sqlx::query_scalar("SELECT balance FROM accounts WHERE id = ?").bind(id);
    db.session().fetch_one(balance).await.unwrap()
}

fn number(error: &sqlx::Error) -> u16 {
    let error = error.as_database_error().unwrap_or_else(|| panic!("{error:?}"));
    error.downcast_ref::<MySqlDatabaseError>().number()
}

const TAKE: &str = "UPDATE accounts SET balance = balance - 1 WHERE id = ?";

#[handler]
async fn with_ddl(db: &mut Session<MySql>, fails: bool) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query(TAKE).bind(1).execute(&mut *tx).await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS other (n INT)").execute(&mut *tx).await?;
        if fails {
            return Err(sqlx::Error::RowNotFound.into());
        }
        sqlx::query(TAKE).bind(2).execute(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_statement_that_commits_by_itself_is_noticed() {
    let (_database, db) = accounts(1).await;
    let error = with_ddl(&mut db.session(), false).await.unwrap_err();
    assert!(matches!(error, Error::TransactionEnded { .. }), "{error:?}");
    assert_eq!((error.code(), error.is_retryable()), ("transaction_ended", false));
    assert!(error.to_string().contains("commits by itself"), "{error}");
    // The body's own error would say that nothing was done.
    let error = with_ddl(&mut db.session(), true).await.unwrap_err();
    assert!(matches!(error, Error::TransactionEnded { .. }), "{error:?}");
    // As it says: each statement took effect.
    assert_eq!((balance(&db, 1).await, balance(&db, 2).await), (98, 99));
}

/// Waits for the other one: a deadlock needs two at a time. Unchecked code would count as having committed.
macro_rules! meet {
    ($barrier:expr) => {
        $barrier.wait().await
    };
}

#[handler(trust(meet))]
async fn swap(
    mut db: Session<MySql>,
    [first, second]: [i64; 2],
    barrier: Arc<Barrier>,
    attempts: Arc<AtomicU32>,
    retries: u32,
) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().retries(retries), async |tx| {
        sqlx::query(TAKE).bind(first).execute(&mut *tx).await?;
        if attempts.fetch_add(1, Ordering::Relaxed) < 2 {
            meet!(barrier);
        }
        sqlx::query(TAKE).bind(second).execute(tx).await?;
        Ok(())
    })
    .await
}

async fn deadlock(db: &Db<MySql>, retries: u32) -> (Vec<Result<(), Error>>, u32) {
    let (barrier, attempts) = (Arc::new(Barrier::new(2)), Arc::<AtomicU32>::default());
    let mut both = JoinSet::new();
    for order in [[1, 2], [2, 1]] {
        both.spawn(swap(db.session(), order, barrier.clone(), attempts.clone(), retries));
    }
    (both.join_all().await, attempts.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_deadlock_runs_the_body_again() {
    let (_database, db) = accounts(2).await;
    let (outcomes, attempts) = deadlock(&db, 0).await;
    assert_eq!((outcomes.iter().filter(|outcome| outcome.is_ok()).count(), attempts), (1, 2));
    assert_eq!((balance(&db, 1).await, balance(&db, 2).await), (99, 99));
    let (outcomes, attempts) = deadlock(&db, 5).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert!(attempts > 2, "{attempts}");
    assert_eq!((balance(&db, 1).await, balance(&db, 2).await), (97, 97));
}

#[handler]
async fn demoted(db: &mut Session<MySql>, server: &Server) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        let demote =
            async |_: &mut MySqlConnection| server.execute("SET GLOBAL read_only = 1").await;
        tx.unchecked("a failover", demote).await;
        Ok(())
    })
    .await
}

/// The savepoint that each transaction begins with is gone by then.
#[tokio::test]
async fn the_error_of_a_commit_is_the_one_to_report() {
    let server = Server::start(&[]).await;
    let url = server.create_database("scratch_demoted").await;
    let db = Db::<MySql>::connect(&url).await.unwrap();
    db.session().execute(sqlx::query("CREATE TABLE notes (n INT)")).await.unwrap();
    let Err(Error::Database(error)) = demoted(&mut db.session(), &server).await else {
        panic!("a COMMIT on a server that is read-only")
    };
    assert_eq!(number(&error), 1290, "{error}");
    server.execute("SET GLOBAL read_only = 0").await;
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM notes");
    assert_eq!(db.session().fetch_one(count).await.unwrap(), 0);
}

#[handler]
async fn passes_over(db: &mut Session<MySql>, runs: &AtomicU32) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().retries(3), async |tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        let locked = "SELECT balance FROM accounts WHERE id = 1 FOR UPDATE NOWAIT";
        let locked = sqlx::query_scalar::<_, i64>(locked).fetch_one(&mut *tx).await;
        assert!(locked.is_err());
        sqlx::query(TAKE).bind(2).execute(&mut *tx).await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS other (n INT)").execute(tx).await?;
        Ok(())
    })
    .await
}

/// Whatever else has happened in it.
#[tokio::test]
async fn a_transaction_that_had_ended_does_not_run_again() {
    let (database, db) = accounts(1).await;
    let mut other = MySqlConnection::connect(&database.url()).await.unwrap();
    other.execute("BEGIN").await.unwrap();
    other.execute("SELECT balance FROM accounts WHERE id = 1 FOR UPDATE").await.unwrap();
    let runs = AtomicU32::new(0);
    let error = passes_over(&mut db.session(), &runs).await.unwrap_err();
    assert!(matches!(error, Error::TransactionEnded { .. }), "{error:?}");
    assert_eq!((runs.load(Ordering::Relaxed), balance(&db, 2).await), (1, 99));
}

/// The statements of a transaction after its first, and after one that commits it.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// The body fails with the conflict.
    Fails,
    /// It goes on after the conflict.
    GoesOn,
    /// It lends its connection to unchecked code after the conflict.
    IsUnchecked,
    /// It loses its connection after the conflict.
    IsKilled,
}

/// What commits a transaction before its end.
#[derive(Clone, Copy, Debug)]
enum Commits {
    Nothing,
    AStatement,
    UncheckedCode,
}

#[handler]
async fn pays(
    db: &mut Session<MySql>,
    commits: Commits,
    conflict: &'static str,
    then: Then,
    runs: &AtomicU32,
) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().retries(3), async |tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        sqlx::query(TAKE).bind(1).execute(&mut *tx).await?;
        const DDL: &str = "CREATE TABLE IF NOT EXISTS other (n INT)";
        match commits {
            Commits::Nothing => {}
            Commits::AStatement => {
                sqlx::query(DDL).execute(&mut *tx).await?;
            }
            Commits::UncheckedCode => {
                tx.unchecked("a schema", async |raw| raw.execute(DDL).await.map(drop)).await?;
            }
        }
        let met = sqlx::query(conflict).execute(&mut *tx).await.map(drop);
        match then {
            Then::Fails => met?,
            Then::GoesOn => {}
            Then::IsUnchecked => tx.unchecked("it is refused", async |_| {}).await,
            Then::IsKilled => {
                let id = sqlx::query_scalar("SELECT CONNECTION_ID()");
                let id: u64 = id.fetch_one(&mut *tx).await?;
                sqlx::query("KILL ?").bind(id).execute(tx).await?;
            }
        }
        Ok(())
    })
    .await
}

const DEADLOCK: &str = "INSERT INTO deadlocks VALUES (1)";
const TIMEOUT: &str = "INSERT INTO timeouts VALUES (1)";

/// Tables that refuse rows as if another transaction were in the way.
async fn conflicts(db: &Db<MySql>) {
    for (table, number) in [("deadlocks", 1213), ("timeouts", 1205)] {
        let create = format!(
            "CREATE TABLE {table} (n INT); CREATE TRIGGER {table} BEFORE INSERT ON {table} \
             FOR EACH ROW SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = {number}"
        );
        db.session().execute(sqlx::raw_sql(sqlx::AssertSqlSafe(create))).await.unwrap();
    }
}

#[tokio::test]
async fn what_may_be_committed_does_not_run_again_and_is_not_said_to_be_undone() {
    let (_database, db) = accounts(1).await;
    conflicts(&db).await;
    let mut left = 100;
    for conflict in [DEADLOCK, TIMEOUT] {
        for commits in [Commits::AStatement, Commits::UncheckedCode] {
            for then in [Then::Fails, Then::GoesOn, Then::IsUnchecked, Then::IsKilled] {
                let case = format!("{commits:?} {conflict} {then:?}");
                let runs = AtomicU32::new(0);
                let ended = pays(&mut db.session(), commits, conflict, then, &runs).await;
                assert!(matches!(ended, Err(Error::TransactionEnded { .. })), "{case}: {ended:?}");
                left -= 1;
                let runs = runs.load(Ordering::Relaxed);
                assert_eq!((runs, balance(&db, 1).await), (1, left), "{case}");
            }
        }
        // Without the statement that commits, it was undone.
        let runs = AtomicU32::new(0);
        let failed = pays(&mut db.session(), Commits::Nothing, conflict, Then::Fails, &runs).await;
        assert!(matches!(failed, Err(Error::Database(_))), "{conflict}: {failed:?}");
        let runs = runs.load(Ordering::Relaxed);
        assert_eq!((runs, balance(&db, 1).await), (4, left), "{conflict}");
    }
}

#[handler]
async fn keeps(db: &mut Session<MySql>, text: &str, runs: &AtomicU32) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().retries(3), async |tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        sqlx::query(TAKE).bind(1).execute(&mut *tx).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut *tx).await?;
        sqlx::query(DEADLOCK).execute(tx).await?;
        Ok(())
    })
    .await
}

/// And the server does not commit at it, or less would be left.
#[tokio::test]
async fn what_only_looks_as_if_it_committed_runs_again() {
    let (database, db) = accounts(1).await;
    conflicts(&db).await;
    for text in [
        "SELECT 'a;b', \"c;d\", 'it''s; so' -- one; two\n /* three; */ # four; five",
        "SET @n = 1",
        "SET @n := 'a, b;'",
        "DESC accounts",
        "CHECKSUM TABLE accounts",
        &format!("USE {}", database.name()),
    ] {
        let runs = AtomicU32::new(0);
        let failed = keeps(&mut db.session(), text, &runs).await;
        assert!(matches!(failed, Err(Error::Database(_))), "{text}: {failed:?}");
        let runs = runs.load(Ordering::Relaxed);
        assert_eq!((runs, balance(&db, 1).await), (4, 100), "{text}: {failed:?}");
    }
}

#[handler]
async fn takes_too_long(db: &mut Session<MySql>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query(TAKE).bind(1).execute(&mut *tx).await?;
        sqlx::query("CREATE TABLE other (n INT)").execute(&mut *tx).await?;
        sqlx::query("SELECT SLEEP(600)").execute(tx).await?;
        Ok(())
    })
    .await
}

/// At `max_lease`, and at a limit of the server.
#[tokio::test]
async fn what_may_be_committed_is_not_said_to_be_undone_at_a_limit() {
    let (database, _) = accounts(1).await;
    let short = Duration::from_secs(2);
    let server = database.server();
    for (builder, left) in [
        (database.builder().max_lease(short), 99),
        (database.builder().max_lease(wait::LIMIT).statement_timeout(short), 98),
    ] {
        // To MySQL, a `SLEEP` that is cut short has succeeded.
        if Flavor::of_this_run().is_mysql() && left == 98 {
            break;
        }
        let db = builder.max_connections(1).connect().await.unwrap();
        let ended = takes_too_long(&mut db.session()).await;
        assert!(matches!(ended, Err(Error::TransactionEnded { .. })), "{left}: {ended:?}");
        assert_eq!(balance(&db, 1).await, left);
        server.execute(format!("DROP TABLE {}.other", database.name())).await;
    }
}

#[handler]
async fn dry_run(db: &mut Session<MySql>, in_savepoint: bool) -> Result<u64, Error> {
    db.transaction(async |tx| {
        let take = sqlx::query("UPDATE accounts SET balance = balance - 1");
        let taken = take.execute(&mut *tx).await?.rows_affected();
        if !in_savepoint {
            sqlx::query("CREATE TABLE IF NOT EXISTS other (n INT)").execute(&mut *tx).await?;
            return Ok(tx.rollback_with(taken));
        }
        let lost: Result<u64, Error> = tx
            .savepoint(async |tx| {
                sqlx::query("CREATE TABLE IF NOT EXISTS other (n INT)").execute(&mut *tx).await?;
                Ok(tx.rollback_with(taken))
            })
            .await;
        assert!(matches!(lost, Err(Error::TransactionEnded { .. })), "{lost:?}");
        Ok(tx.rollback_with(taken))
    })
    .await
}

#[tokio::test]
async fn a_dry_run_that_was_committed_does_not_return_its_value() {
    let (_database, db) = accounts(1).await;
    for in_savepoint in [false, true] {
        let ended = dry_run(&mut db.session(), in_savepoint).await;
        assert!(matches!(ended, Err(Error::TransactionEnded { .. })), "{ended:?}");
    }
    assert_eq!(balance(&db, 1).await, 98);
}

#[handler]
async fn reads_on(db: &mut Session<MySql>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let met = sqlx::query(DEADLOCK).execute(&mut *conn).await.unwrap_err();
        assert_eq!(number(&met), 1213);
        conn.unchecked("it is not refused", async |_| {}).await;
        sqlx::query_scalar("SELECT balance FROM accounts WHERE id = 1").fetch_one(conn).await
    })
    .await
}

#[tokio::test]
async fn a_lease_that_is_no_transaction_goes_on_after_a_deadlock() {
    let (_database, db) = accounts(1).await;
    conflicts(&db).await;
    assert_eq!(reads_on(&mut db.session()).await.unwrap(), 100);
}

#[handler]
async fn takes(db: &mut Session<MySql>, fails: bool) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query(TAKE).bind(1).execute(tx).await?;
        match fails {
            true => Err(Error::Closed),
            false => Ok(()),
        }
    })
    .await
}

#[tokio::test]
async fn a_transaction_ends_with_its_commit_whatever_the_server_adds_to_it() {
    let server = Server::start(&[]).await;
    let url = server.create_database("scratch_chained").await;
    let accounts = "CREATE TABLE scratch_chained.accounts (id INT PRIMARY KEY, balance BIGINT); \
                    INSERT INTO scratch_chained.accounts VALUES (1, 100)";
    server.execute(accounts).await;
    let mut left = 100;
    for completion in ["CHAIN", "RELEASE"] {
        server.execute(format!("SET GLOBAL completion_type = '{completion}'")).await;
        let db = Db::<MySql>::builder(&url).max_connections(1).connect().await.unwrap();
        for fails in [false, true] {
            assert_eq!(takes(&mut db.session(), fails).await.is_err(), fails);
            db.session().execute(sqlx::query(TAKE).bind(1)).await.unwrap();
            left -= if fails { 1 } else { 2 };
            let seen = "SELECT balance FROM scratch_chained.accounts";
            assert_eq!(server.number(seen).await, left, "{completion} {fails}");
        }
    }
}

#[handler(trust(meet))]
async fn swallow(
    mut db: Session<MySql>,
    [first, second]: [i64; 2],
    barrier: Arc<Barrier>,
) -> Result<bool, Error> {
    let mut swallowed = false;
    let outcome = db
        .transaction(async |tx| {
            sqlx::query(TAKE).bind(first).execute(&mut *tx).await?;
            meet!(barrier);
            if sqlx::query(TAKE).bind(second).execute(&mut *tx).await.is_err() {
                swallowed = true;
                // Outside of any transaction by now: it would be committed by itself.
                let late = sqlx::query(TAKE).bind(first).execute(tx).await;
                assert!(late.unwrap_err().to_string().contains("the transaction is over"));
            }
            Ok(())
        })
        .await;
    match outcome {
        Err(Error::TransactionAborted { .. }) if swallowed => Ok(true),
        outcome => outcome.map(|()| false),
    }
}

#[tokio::test]
async fn nothing_is_written_after_a_deadlock_that_was_swallowed() {
    let (_database, db) = accounts(2).await;
    let barrier = Arc::new(Barrier::new(2));
    let mut both = JoinSet::new();
    for order in [[1, 2], [2, 1]] {
        both.spawn(swallow(db.session(), order, barrier.clone()));
    }
    let mut swallowed: Vec<bool> = both.join_all().await.into_iter().map(Result::unwrap).collect();
    swallowed.sort_unstable();
    assert_eq!(swallowed, [false, true]);
    assert_eq!((balance(&db, 1).await, balance(&db, 2).await), (99, 99));
}

#[handler]
async fn without_waiting(db: &mut Session<MySql>, attempts: &AtomicU32) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().retries(2), async |tx| {
        attempts.fetch_add(1, Ordering::Relaxed);
        sqlx::query("SELECT id FROM accounts FOR UPDATE NOWAIT").fetch_all(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_lock_wait_timeout_runs_the_body_again() {
    let (database, db) = accounts(1).await;
    let mut other = database.server().admin().await;
    let lock = format!("START TRANSACTION; SELECT id FROM {}.accounts FOR UPDATE", database.name());
    other.execute(sqlx::AssertSqlSafe(lock)).await.unwrap();
    let attempts = AtomicU32::new(0);
    let Err(Error::Database(error)) = without_waiting(&mut db.session(), &attempts).await else {
        panic!("locked")
    };
    let number_of_nowait = if Flavor::of_this_run().is_mysql() { 3572 } else { 1205 };
    assert_eq!((number(&error), attempts.load(Ordering::Relaxed)), (number_of_nowait, 3));
    other.execute("ROLLBACK").await.unwrap();
    without_waiting(&mut db.session(), &attempts).await.unwrap();
}

#[handler]
async fn takes_and_does_not_wait(
    db: &mut Session<MySql>,
    attempts: &AtomicU32,
) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().retries(2), async |tx| {
        attempts.fetch_add(1, Ordering::Relaxed);
        sqlx::query(TAKE).bind(2).execute(&mut *tx).await?;
        let locked = "SELECT id FROM accounts WHERE id = 1 FOR UPDATE NOWAIT";
        sqlx::query(locked).fetch_all(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_timeout_that_rolls_all_back_runs_the_body_again() {
    let server = Server::start(&["--innodb-rollback-on-timeout=ON"]).await;
    let url = server.create_database("scratch_rolled_back").await;
    let db = Db::<MySql>::builder(&url).max_connections(1).connect().await.unwrap();
    let create = "CREATE TABLE accounts (id INT PRIMARY KEY, balance BIGINT NOT NULL); \
                  INSERT INTO accounts VALUES (1, 100), (2, 100)";
    db.session().execute(sqlx::raw_sql(create)).await.unwrap();
    let mut other = MySqlConnection::connect(&url).await.unwrap();
    other.execute("BEGIN; SELECT id FROM accounts WHERE id = 1 FOR UPDATE").await.unwrap();
    let attempts = AtomicU32::new(0);
    let locked = takes_and_does_not_wait(&mut db.session(), &attempts).await;
    assert!(matches!(locked, Err(Error::Database(_))), "{locked:?}");
    assert_eq!((attempts.load(Ordering::Relaxed), balance(&db, 2).await), (3, 100));
}

#[handler]
async fn snapshot(db: &mut Session<MySql>, meanwhile: &Db<MySql>) -> Result<[i64; 2], Error> {
    let read = "SELECT balance FROM accounts WHERE id = 1";
    db.snapshot(async |conn| {
        let first = sqlx::query_scalar(read).fetch_one(&mut *conn).await?;
        let take = async |_: &mut MySqlConnection| {
            let take = sqlx::query(TAKE).bind(1);
            meanwhile.session().execute(take).await
        };
        conn.unchecked("another client", take).await?;
        Ok([first, sqlx::query_scalar(read).fetch_one(conn).await?])
    })
    .await
}

#[tokio::test]
async fn a_snapshot_sees_one_state() {
    let (database, db) = accounts(1).await;
    let other = database.builder().max_connections(1).connect().await.unwrap();
    assert_eq!(snapshot(&mut db.session(), &other).await.unwrap(), [100, 100]);
    assert_eq!(balance(&db, 1).await, 99);
}

#[handler]
async fn reads_a_changed_table(
    db: &mut Session<MySql>,
    meanwhile: &Db<MySql>,
    attempts: &AtomicU32,
) -> Result<i64, Error> {
    let options = TxOptions::new().isolation(Isolation::RepeatableRead).read_only().retries(1);
    db.transaction_with(options, async |tx| {
        if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
            let change = async |_: &mut MySqlConnection| {
                let change = "ALTER TABLE accounts ADD COLUMN note INT, ALGORITHM=COPY";
                meanwhile.session().execute(change).await
            };
            tx.unchecked("a migration", change).await?;
        }
        sqlx::query_scalar("SELECT balance FROM accounts WHERE id = 1").fetch_one(tx).await
    })
    .await
}

#[tokio::test]
async fn a_table_that_has_changed_since_the_snapshot_runs_the_body_again() {
    let (database, db) = accounts(1).await;
    let other = database.builder().max_connections(1).connect().await.unwrap();
    let attempts = AtomicU32::new(0);
    assert_eq!(reads_a_changed_table(&mut db.session(), &other, &attempts).await.unwrap(), 100);
    assert_eq!(attempts.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_transaction_that_only_reads_writes_nothing() {
    let (_database, db) = accounts(1).await;
    let mut session = db.session();
    let error = read_only(&mut session).await.unwrap_err();
    let Error::Database(error) = error else { panic!("{error}") };
    assert_eq!(number(&error), 1792);
    session.execute(sqlx::query(TAKE).bind(1)).await.unwrap();
    assert_eq!(balance(&db, 1).await, 99);
}

#[handler]
async fn read_only(db: &mut Session<MySql>) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().read_only(), async |tx| {
        sqlx::query(TAKE).bind(1).execute(tx).await?;
        Ok(())
    })
    .await
}

/// Reads a sum and writes by it, so that two at a time conflict.
#[handler]
async fn add_sum(mut db: Session<MySql>) -> Result<(), Error> {
    let options = TxOptions::new().isolation(Isolation::Serializable).retries(1_000);
    db.transaction_with(options, async |tx| {
        let sum = "SELECT CAST(SUM(balance) AS SIGNED) FROM accounts";
        let sum: i64 = sqlx::query_scalar(sum).fetch_one(&mut *tx).await?;
        let add = sqlx::query("UPDATE accounts SET balance = ? WHERE id = 1").bind(sum - 99);
        add.execute(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn serializable_writers_leave_the_right_sum() {
    let (_database, db) = accounts(4).await;
    let mut writers = JoinSet::new();
    for _ in 0..20 {
        writers.spawn(add_sum(db.session()));
    }
    for outcome in writers.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(balance(&db, 1).await, 120);
}
