//! The limits that the server keeps, and those that it has.

use std::time::Duration;

use shortlease::{Builder, Db, Error, MySql, Session, handler};
use shortlease_tests::mysql::{Flavor, PASSWORD, Server};
use shortlease_tests::scratch::MySqlDatabase;
use shortlease_tests::wait;

const SOON: Duration = Duration::from_millis(300);

/// A query that takes minutes. To MySQL, a `SLEEP` that is cut short has succeeded.
const LONG: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000) \
                    SELECT count(*) FROM n a CROSS JOIN n b WHERE a.i * b.i % 7 = 3";

#[handler]
async fn compute(db: &mut Session<MySql>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query(LONG).execute(conn).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_statement_ends_at_its_limit() {
    let database = MySqlDatabase::new().await;
    let builder = database.builder().max_connections(1).max_lease(Duration::from_secs(300));
    let db = builder.statement_timeout(SOON).connect().await.unwrap();
    let error = compute(&mut db.session()).await.unwrap_err();
    let Error::LeaseExpired { setting, held, .. } = error else { panic!("{error:?}") };
    assert_eq!(setting, "statement_timeout");
    assert!(held >= SOON, "{held:?}");
    db.session().execute(sqlx::query("SELECT 1")).await.unwrap();
}

#[handler]
async fn length(db: &mut Session<MySql>, text: String) -> Result<i64, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT LENGTH(?)").bind(text).fetch_one(conn).await)
        .await
}

/// The server ends the session after it.
#[tokio::test]
async fn a_statement_that_is_too_large_costs_its_connection() {
    let server = Server::start(&["--max-allowed-packet=1M"]).await;
    let url = server.create_database("scratch_packets").await;
    let db = Db::<MySql>::builder(&url).max_connections(1).connect().await.unwrap();
    for _ in 0..3 {
        length(&mut db.session(), "x".repeat(1_200_000)).await.unwrap_err();
        assert_eq!(length(&mut db.session(), "x".repeat(1_000)).await.unwrap(), 1_000);
    }
}

/// MySQL ends the session after it, and MariaDB has no such limit.
#[tokio::test]
async fn a_statement_that_takes_too_much_memory_costs_its_connection() {
    if !Flavor::of_this_run().is_mysql() {
        return;
    }
    let limit = ["--connection-memory-limit=2M", "--connection-memory-chunk-size=1"];
    let server = Server::start(&limit).await;
    let url = server.create_database("scratch_memory").await;
    let db = Db::<MySql>::builder(&url).max_connections(1).connect().await.unwrap();
    let large = "WITH RECURSIVE n (i, p) AS (SELECT 1, REPEAT('x', 500) UNION ALL SELECT i + 1, p FROM n WHERE i < 9000) \
                 SELECT count(*) FROM n";
    for _ in 0..3 {
        let error = db.session().execute(large).await.unwrap_err();
        assert!(error.to_string().contains("Connection memory limit"), "{error}");
        db.session().execute("SELECT 1").await.unwrap();
    }
}

/// The limits of a session: of statements, and of idle transactions, for which MySQL has no limit.
async fn limits(builder: Builder<MySql>) -> (f64, Option<i64>) {
    let limits = match Flavor::of_this_run() {
        Flavor::MariaDb => {
            "SELECT @@max_statement_time, CAST(@@idle_transaction_timeout AS SIGNED)"
        }
        Flavor::MySql(_) => "SELECT CAST(@@max_execution_time / 1000 AS DOUBLE), NULL",
    };
    let builder = builder.statement_timeout(Duration::from_millis(2_500));
    let builder = builder.idle_in_transaction_timeout(Duration::from_millis(1_500));
    let db = builder.connect().await.unwrap();
    db.session().fetch_one(sqlx::query_as(limits)).await.unwrap()
}

/// 1.5 s, in whole seconds.
fn idle_limit() -> Option<i64> {
    (!Flavor::of_this_run().is_mysql()).then_some(2)
}

#[tokio::test]
async fn sessions_have_the_limits_of_a_lease() {
    assert_eq!(limits(MySqlDatabase::new().await.builder()).await, (2.5, idle_limit()));
}

#[handler(allow(SL004 = "a client that is gone"))]
async fn idle(db: &mut Session<MySql>, idle: Duration) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("SELECT * FROM notes").fetch_all(&mut *tx).await?;
        std::thread::sleep(idle);
        sqlx::query("SELECT * FROM notes").fetch_all(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_transaction_that_stands_idle_is_ended_by_the_server() {
    let database = MySqlDatabase::new().await;
    let builder = database.builder().max_connections(1).stall_timeout(None);
    let limit = Duration::from_secs(1);
    let db = builder.idle_in_transaction_timeout(limit).connect().await.unwrap();
    db.session().execute(sqlx::query("CREATE TABLE notes (n INT)")).await.unwrap();
    // Longer than the limit, however late the server looks.
    let ended = idle(&mut db.session(), Duration::from_secs(3)).await;
    match Flavor::of_this_run() {
        Flavor::MariaDb => assert!(matches!(ended, Err(Error::Database(_))), "{ended:?}"),
        // It has no such limit.
        Flavor::MySql(_) => ended.unwrap(),
    }
    db.session().execute(sqlx::query("SELECT 1")).await.unwrap();
}

fn refused(connected: Result<Db<MySql>, Error>) -> String {
    match connected {
        Err(error @ Error::Setting { setting: "max_connections", .. }) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_or_waited_for() {
    let limit = match Flavor::of_this_run() {
        Flavor::MariaDb => "--max-statement-time=1.25",
        Flavor::MySql(_) => "--max-execution-time=1250",
    };
    let server = Server::start(&["--max-connections=30", limit]).await;
    server.execute("CREATE DATABASE scratch").await;
    let url = server.url("scratch");
    let builder = |instances: u32| -> Builder<MySql> {
        Db::builder(url.clone()).max_connections(8).instances(instances)
    };
    // The server's own limit is the shorter one.
    assert_eq!(limits(Db::builder(url.clone())).await, (1.25, idle_limit()));
    // 12 sessions each.
    builder(2).connect().await.unwrap();
    let text = refused(builder(3).connect().await);
    assert!(text.contains("up to 36 sessions: 3 instances of 12"), "{text}");
    assert!(
        text.ends_with("room for 30 only: the server's `max_connections` is 30; 6 would fit"),
        "{text}"
    );
    assert!(!text.contains(PASSWORD));
    server.execute("ALTER USER app WITH MAX_USER_CONNECTIONS 7").await;
    let text = refused(builder(1).connect().await);
    assert!(text.contains("account \"app@%\" has `max_user_connections` of 7"), "{text}");

    // Its last session, and then one that becomes free while a lease waits for it.
    server.execute("ALTER USER app WITH MAX_USER_CONNECTIONS 1").await;
    let first = Db::<MySql>::builder(url.clone()).max_connections(1).connect_lazy().unwrap();
    first.session().execute(sqlx::query("SELECT 1")).await.unwrap();
    let second = Db::<MySql>::builder(url.clone()).max_connections(1);
    let second = second.acquire_timeout(Duration::from_secs(30)).connect_lazy().unwrap();
    let waiting = tokio::spawn({
        let second = second.clone();
        async move { second.session().execute(sqlx::query("SELECT 1")).await }
    });
    wait::until("a lease that waits", async || second.status().waiting == 1).await;
    let refused = Db::<MySql>::connect(&url).await.unwrap_err();
    assert!(refused.to_string().contains("no room for another connection"), "{refused}");
    let _ = first.close(Duration::from_secs(30)).await;
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_in_offline_mode_is_waited_for() {
    if !Flavor::of_this_run().is_mysql() {
        // It has no such mode.
        return;
    }
    let server = Server::start(&["--offline-mode=ON"]).await;
    let url = server.create_database("scratch_offline").await;
    let builder = Db::<MySql>::builder(&url).acquire_timeout(Duration::from_secs(2));
    let db = builder.connect_lazy().unwrap();
    let error = db.session().execute("SELECT 1").await.unwrap_err();
    let Error::Busy(busy) = &error else { panic!("{error}") };
    let told = busy.connect_error.as_deref().unwrap_or_default();
    assert!(told.contains("takes no clients now"), "{error}");
    server.execute("SET GLOBAL offline_mode = OFF").await;
    db.session().execute("SELECT 1").await.unwrap();
}

#[tokio::test]
async fn connections_from_before_a_failover_are_left() {
    let server = Server::start(&[]).await;
    server.execute("CREATE DATABASE scratch; CREATE TABLE scratch.notes (n INT)").await;
    let db =
        Db::<MySql>::builder(server.url("scratch")).max_connections(1).connect().await.unwrap();
    let id = async || {
        let id = sqlx::query_scalar::<_, u64>("SELECT CONNECTION_ID()");
        db.session().fetch_one(id).await.unwrap()
    };
    let write = async || db.session().execute(sqlx::query("INSERT INTO notes VALUES (1)")).await;
    write().await.unwrap();
    let before = id().await;
    assert_eq!(id().await, before);
    server.execute("SET GLOBAL read_only = 1").await;
    let error = write().await.unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
    assert_ne!(id().await, before, "another server may take writes now");
    server.execute("SET GLOBAL read_only = 0").await;
    write().await.unwrap();
}
