//! Rows that still come when their stream is dropped: what follows in the lease waits for them, and gives way meanwhile.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt};
use shortlease::{Conn, Db, Error, Postgres, Session, handler, leased};
use shortlease_tests::handlers::{create_notes, notes};
use shortlease_tests::postgres::SUPERUSER;
use shortlease_tests::scratch::builder;
use shortlease_tests::wait;
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_millis(500);

/// Far above what a cut takes, and far below what reading all rows takes.
const CUT: Duration = Duration::from_secs(3);

const ENDLESS: &str = "SELECT generate_series(1, 1000000000)";

#[leased]
async fn drop_after_first(
    conn: &mut Conn<Postgres>,
    rows: &'static str,
) -> Result<(), sqlx::Error> {
    let mut rows = sqlx::query(rows).fetch(conn);
    rows.try_next().await.map(drop)
}

#[handler]
async fn statement(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        drop_after_first(conn, ENDLESS).await?;
        sqlx::query("SELECT 1").execute(conn).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn rows(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        drop_after_first(conn, ENDLESS).await?;
        drop_after_first(conn, "SELECT 1").await
    })
    .await
}

#[handler]
async fn lent(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        drop_after_first(conn, ENDLESS).await?;
        conn.unchecked("a test", async |raw| raw.execute("SELECT 1").await.map(drop)).await
    })
    .await
}

#[handler]
async fn commit(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        drop_after_first(tx, ENDLESS).await
    })
    .await
}

#[handler]
async fn savepoint(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        tx.savepoint(async |tx| {
            drop_after_first(tx, ENDLESS).await?;
            Err(sqlx::Error::RowNotFound.into())
        })
        .await
    })
    .await
}

fn all<'s>(sessions: &'s mut [Session<Postgres>; 5]) -> [BoxFuture<'s, Result<(), Error>>; 5] {
    let [a, b, c, d, e] = sessions;
    [
        statement(a).boxed(),
        rows(b).boxed(),
        lent(c).boxed(),
        commit(d).boxed(),
        savepoint(e).boxed(),
    ]
}

async fn is_cut(db: &Db<Postgres>, limit: Option<Duration>) {
    create_notes(db).await;
    let mut sessions = [(); 5].map(|()| db.session());
    for (nth, follows) in all(&mut sessions).into_iter().enumerate() {
        let began = Instant::now();
        match (limit, timeout(limit.unwrap_or(wait::LIMIT), follows).await) {
            (Some(_), Err(_)) => {}
            (None, Ok(Err(Error::LeaseExpired { setting: "max_lease", .. }))) => {}
            (_, other) => panic!("{nth}: {other:?}"),
        }
        assert!(began.elapsed() < CUT, "{nth}: {:?}", began.elapsed());
        wait::until("the recovery", async || db.status().recovering == 0).await;
        assert!(began.elapsed() < 2 * CUT, "{nth}: {:?}", began.elapsed());
    }
    assert_eq!(notes(db).await, 0);
}

#[tokio::test]
async fn the_callers_time_limit_cuts_what_follows_them() {
    let db = builder("dropped_rows_timeout").await.1.connect_lazy().unwrap();
    is_cut(&db, Some(LIMIT)).await;
}

/// COMMIT was not sent, so its outcome is known.
#[tokio::test]
async fn max_lease_cuts_what_follows_them() {
    let builder = builder("dropped_rows_max_lease").await.1;
    // Enough for the tests' table.
    let db = builder.max_lease(2 * LIMIT).statement_timeout(wait::LIMIT).connect_lazy().unwrap();
    is_cut(&db, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_cuts_what_follows_them_with_several_workers_too() {
    let builder = builder("dropped_rows_workers").await.1;
    let db = builder.max_lease(2 * LIMIT).statement_timeout(wait::LIMIT).connect_lazy().unwrap();
    is_cut(&db, None).await;
}

#[handler]
async fn write_behind(db: &mut Session<Postgres>, rows: &'static str) -> Result<(), Error> {
    db.transaction(async |tx| {
        drop_after_first(tx, rows).await?;
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        drop_after_first(tx, rows).await
    })
    .await
}

/// They are read, and not cancelled: that would end the transaction.
#[tokio::test]
async fn a_transaction_goes_on_behind_rows_that_end() {
    let db = builder("dropped_rows_end").await.1.max_lease(wait::LIMIT).connect_lazy().unwrap();
    create_notes(&db).await;
    let many = "SELECT repeat('x', 1000) FROM generate_series(1, 100000)";
    write_behind(&mut db.session(), many).await.unwrap();
    assert_eq!(notes(&db).await, 1);
    assert_eq!((db.status().recovering, db.status().idle), (0, 1), "clean");
    let fails = "SELECT 1 / (n - 100000) FROM generate_series(1, 100000) AS n";
    let error = write_behind(&mut db.session(), fails).await.unwrap_err();
    assert!(error.to_string().contains("division by zero"), "{error}");
    assert_eq!(notes(&db).await, 1);
}

#[handler]
async fn behind_lock(mut db: Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        let rows = "SELECT generate_series(1, 1000000000) FROM pg_advisory_xact_lock(1)";
        sqlx::query(rows).execute(tx).await?;
        Ok(())
    })
    .await
}

/// Rows that nobody knew of when the lease was dropped.
#[tokio::test]
async fn a_recovery_gives_way_too() {
    let (server, builder) = builder("dropped_rows_recovery").await;
    let settings = builder.max_lease(wait::LIMIT).statement_timeout(wait::LIMIT);
    let db = settings.connect_lazy().unwrap();
    let direct = server.url_for(SUPERUSER, "", "dropped_rows_recovery");
    let mut holder = PgConnection::connect(&direct).await.unwrap();
    for _ in 0..5 {
        holder.execute("SELECT pg_advisory_lock(1)").await.unwrap();
        let lease = tokio::spawn(behind_lock(db.session()));
        wait::until("the statement", async || {
            let sessions = server.sessions("dropped_rows_recovery").await;
            sessions.iter().any(|session| session.query.contains("xact_lock"))
        })
        .await;
        lease.abort();
        assert!(lease.await.unwrap_err().is_cancelled());
        let began = Instant::now();
        // Sooner than its statement is cancelled, as a rule.
        holder.execute("SELECT pg_advisory_unlock(1)").await.unwrap();
        wait::until("the recovery", async || db.status().recovering == 0).await;
        assert!(began.elapsed() < CUT, "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn who_cannot_start_a_thread_that_reads_them_is_told_so() {
    let tests = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "dropped_rows::without_memory_for_a_thread"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tests.stdout);
    let errors = String::from_utf8_lossy(&tests.stderr);
    assert!(tests.status.success() && said.contains("1 passed"), "{said}{errors}");
}

#[tokio::test]
#[ignore = "it limits its process"]
async fn without_memory_for_a_thread() {
    let db = builder("dropped_rows_no_thread").await.1.connect_lazy().unwrap();
    create_notes(&db).await;
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let size: u64 = size.trim().trim_end_matches(" kB").parse().unwrap();
    let (_, most) = rlimit::Resource::AS.get().unwrap();
    rlimit::Resource::AS.set((size + 900) * 1024, most).unwrap();
    let mut sessions = [db.session(), db.session()];
    let [one, other] = &mut sessions;
    let outcomes = [statement(one).await, lent(other).await];
    rlimit::Resource::AS.set(most, most).unwrap();
    for outcome in outcomes {
        let Err(Error::Database(error)) = outcome else { panic!("{outcome:?}") };
        assert!(error.to_string().contains("could not be started"), "{error}");
    }
}
