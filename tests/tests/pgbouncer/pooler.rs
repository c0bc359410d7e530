//! Through PgBouncer in transaction mode, with far fewer sessions than connections.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use shortlease::{Builder, Db, Error, Pooler, Postgres, Session, WaitPhase, handler};
use shortlease_tests::handlers::{create_notes, notes};
use shortlease_tests::pgbouncer::{self, PgBouncer};
use shortlease_tests::postgres::{SUPERUSER, Server};
use shortlease_tests::proxy::Proxy;
use shortlease_tests::wait;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::time::timeout;

#[handler]
async fn add(db: &mut Session<Postgres>, n: i64) -> Result<(i64, i32), Error> {
    db.lease(async |conn| {
        let sum = sqlx::query_scalar("SELECT $1 + 1").bind(n).fetch_one(&mut *conn).await?;
        let pid = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(conn).await?;
        Ok((sum, pid))
    })
    .await
}

#[handler]
async fn write(db: &mut Session<Postgres>, n: i64) -> Result<(), Error> {
    db.transaction(async |tx| {
        let insert = "INSERT INTO notes VALUES ($1)";
        sqlx::query(insert).bind(n).execute(&mut *tx).await?;
        tx.savepoint(async |tx| {
            sqlx::query(insert).bind(n).execute(tx).await?;
            Ok(())
        })
        .await
    })
    .await
}

#[handler]
async fn sleep(db: &mut Session<Postgres>, seconds: f64) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("INSERT INTO notes VALUES (0)").execute(&mut *conn).await?;
        sqlx::query("SELECT pg_sleep($1)").bind(seconds).execute(conn).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn limits(db: &mut Session<Postgres>) -> Result<(String, String), Error> {
    db.lease(async |conn| {
        sqlx::query_as(
            "SELECT current_setting('statement_timeout'),
                    current_setting('idle_in_transaction_session_timeout')",
        )
        .fetch_one(conn)
        .await
    })
    .await
}

#[handler]
async fn whose(db: &mut Session<Postgres>) -> Result<String, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT name FROM self").fetch_one(conn).await).await
}

/// What every mode has to hold.
const MODES: [Pooler; 2] = [Pooler::Transaction, Pooler::TransactionWithPreparedStatements];

/// A PgBouncer in front of one database of its own.
struct Bounced {
    server: &'static Server,
    bouncer: PgBouncer,
    database: String,
    pooler: Pooler,
}

impl Bounced {
    /// One that accepts only what any does, with `sessions` to lend.
    async fn new(pooler: Pooler, name: &str, sessions: &str) -> Bounced {
        Bounced::with(pooler, name, &[("default_pool_size", sessions)]).await
    }

    /// One that accepts only what any does, with those settings.
    async fn with(pooler: Pooler, name: &str, settings: &[(&str, &str)]) -> Bounced {
        let server = Server::shared().await;
        let database = format!("{name}_{pooler:?}").to_lowercase();
        server.create_database(&database).await;
        let mut settings = settings.to_vec();
        settings.push(("ignore_startup_parameters", ""));
        let bouncer = match pooler {
            Pooler::TransactionWithPreparedStatements => {
                // Fewer than any test uses, so that some are prepared again.
                settings.push(("max_prepared_statements", "2"));
                PgBouncer::start_recent(server, &settings).await
            }
            _ => PgBouncer::start(server, &settings).await,
        };
        Bounced { server, bouncer, database, pooler }
    }

    fn url(&self) -> String {
        self.bouncer.url(&self.database)
    }

    fn builder(&self) -> Builder<Postgres> {
        Db::builder(self.url()).pooler(self.pooler)
    }

    async fn runs(&self, what: &str) -> bool {
        let sessions = self.server.sessions(&self.database).await;
        sessions.iter().any(|session| session.query.contains(what))
    }

    /// How many clients its database has, by a column of `SHOW POOLS`.
    async fn clients(&self, column: &str) -> usize {
        let pools = self.bouncer.admin("SHOW POOLS").await;
        let pool = pools.iter().find(|pool| pool["database"] == self.database);
        pool.map_or(0, |pool| pool[column].parse().unwrap())
    }

    async fn is_idle(&self) -> bool {
        let sessions = self.server.sessions(&self.database).await;
        sessions.iter().all(|session| session.state.as_deref() == Some("idle"))
    }
}

#[handler]
async fn repeat(db: &mut Session<Postgres>, goes_on: &AtomicBool) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO single VALUES (1), (1)").execute(&mut *tx).await?;
        while !goes_on.load(Ordering::Relaxed) {
            sqlx::query("SELECT 1").execute(&mut *tx).await?;
        }
        Ok(())
    })
    .await
}

/// The session has gone to the next client with it.
#[tokio::test]
async fn a_commit_that_is_refused_waits_for_nobody() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "commit", "1").await;
        let db = bounced.builder().max_lease(Duration::from_secs(10)).connect().await.unwrap();
        create_notes(&db).await;
        let single = "CREATE TABLE single (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)";
        db.session().execute(sqlx::query(single)).await.unwrap();
        let goes_on = AtomicBool::new(false);
        let (mut first, mut next) = (db.session(), db.session());
        let next_waits = async {
            wait::until("the transaction", || bounced.runs("SELECT 1")).await;
            let next = tokio::spawn(async move { sleep(&mut next, 600.0).await });
            wait::until("who comes next", async || bounced.clients("cl_waiting").await == 1).await;
            goes_on.store(true, Ordering::Relaxed);
            next.abort_handle()
        };
        let (refused, next) = tokio::join!(repeat(&mut first, &goes_on), next_waits);
        let Err(Error::Database(sqlx::Error::Database(error))) = refused else {
            panic!("{refused:?}")
        };
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(db.status().recovering, 0, "clean");
        next.abort();
    }
}

#[tokio::test]
async fn a_setting_may_be_a_list() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "list", "2").await;
        let builder = bounced.builder().setting("search_path", "app, public");
        let db = builder.connect().await.unwrap();
        let path = sqlx::query_scalar::<_, String>("SHOW search_path");
        assert_eq!(db.session().fetch_one(path).await.unwrap(), "app, public");
    }
}

#[tokio::test]
async fn many_connections_share_few_sessions() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "many", "2").await;
        let db = bounced.builder().max_connections(8).connect().await.unwrap();
        create_notes(&db).await;
        let leases: Vec<_> = (0..100)
            .map(|n| {
                let mut session = db.session();
                tokio::spawn(async move {
                    write(&mut session, n).await.unwrap();
                    add(&mut session, n).await.unwrap()
                })
            })
            .collect();
        let mut pids = HashSet::new();
        for (n, lease) in leases.into_iter().enumerate() {
            let (sum, pid) = lease.await.unwrap();
            assert_eq!(sum, n as i64 + 1);
            pids.insert(pid);
        }
        assert!(pids.len() <= 2);
        assert_eq!(notes(&db).await, 200);
        assert!(bounced.server.sessions(&bounced.database).await.len() <= 2);
        // No statement has a name that another client could meet.
        let named = "SELECT count(*) FROM pg_prepared_statements WHERE name NOT LIKE 'PGBOUNCER%'";
        let named = sqlx::query_scalar::<_, i64>(named);
        assert_eq!(db.session().fetch_one(named).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn prepared_statements_save_their_round_trip() {
    for (pooler, spent) in MODES.into_iter().zip([4, 3]) {
        let bounced = Bounced::new(pooler, "round_trips", "1").await;
        let proxy = Proxy::start(bounced.bouncer.address());
        let settings =
            Db::<Postgres>::builder(proxy.url(&bounced.url())).pooler(pooler).max_connections(1);
        let db = settings.validate_after(Duration::from_secs(600)).connect_lazy().unwrap();
        let add = async |n: i64| {
            let sum = sqlx::query_scalar::<_, i64>("SELECT $1 + 1").bind(n);
            assert_eq!(db.session().fetch_one(sum).await.unwrap(), n + 1);
        };
        add(1).await;
        let before = proxy.counts();
        add(2).await;
        assert_eq!((proxy.counts() - before).round_trips, spent, "{pooler:?}");
    }
}

#[handler]
async fn ask(db: &mut Session<Postgres>, n: i64) -> Result<i64, Error> {
    let sql = AssertSqlSafe(format!("SELECT $1 + {n}::int8"));
    db.lease(async |conn| sqlx::query_scalar(sql).bind(1_i64).fetch_one(conn).await).await
}

#[tokio::test]
async fn there_can_be_more_statements_than_are_kept() {
    let pooler = Pooler::TransactionWithPreparedStatements;
    let bounced = Bounced::new(pooler, "statements", "1").await;
    let db = bounced.builder().max_connections(3).connect_lazy().unwrap();
    let tasks = [(); 3].map(|()| {
        let mut session = db.session();
        tokio::spawn(async move {
            // More than `sqlx` keeps too, so that it closes some.
            for n in (0..150).chain(0..150) {
                assert_eq!(ask(&mut session, n).await.unwrap(), n + 1);
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn sessions_of_the_pooler_outlive_a_change_of_types_until_told() {
    let bounced = Bounced::new(MODES[1], "types", "1").await;
    let count = async || {
        let db = bounced.builder().connect().await.unwrap();
        let rows = db.session().fetch_all(sqlx::query("SELECT * FROM notes")).await;
        rows.map(|rows| rows.len())
    };
    create_notes(&bounced.builder().connect_lazy().unwrap()).await;
    assert_eq!(count().await.unwrap(), 0);
    let direct = bounced.server.url_for(SUPERUSER, "", &bounced.database);
    let mut admin = PgConnection::connect(&direct).await.unwrap();
    admin.execute("ALTER TABLE notes ADD COLUMN body text").await.unwrap();
    let error = count().await.unwrap_err();
    assert!(error.to_string().contains("cached plan must not change result type"), "{error}");
    bounced.bouncer.admin("RECONNECT").await;
    wait::until("new sessions", async || count().await.is_ok()).await;
}

/// `pooler` does not fit, and the way out is said.
fn does_not_fit(error: &Error) {
    let message = error.to_string();
    for part in ["setting `pooler`", "`max_prepared_statements`", "1.21", "`Pooler::Transaction`"] {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
}

async fn keeps_nothing(url: String) {
    let builder = || Db::<Postgres>::builder(&url).pooler(MODES[1]);
    let refused = builder().connect().await.unwrap_err();
    assert!(matches!(refused, Error::Setting { setting: "pooler", .. }), "{refused:?}");
    does_not_fit(&refused);
    let refused = add(&mut builder().connect_lazy().unwrap().session(), 1).await.unwrap_err();
    assert!(matches!(refused, Error::Setting { setting: "pooler", .. }), "{refused:?}");
    // What was asked leaves nothing behind that would fail later.
    let db = Db::<Postgres>::builder(&url).pooler(Pooler::Transaction).connect_lazy().unwrap();
    let named = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_prepared_statements");
    assert_eq!(db.session().fetch_one(named).await.unwrap(), 0);
}

#[tokio::test]
async fn a_pooler_that_keeps_no_statements_is_found_out() {
    let server = Server::shared().await;
    let url = server.create_database("forgetful").await;
    let one = ("default_pool_size", "1");
    let forgets = [one, ("max_prepared_statements", "0")];
    let forgetful = PgBouncer::start_recent(server, &forgets).await;
    keeps_nothing(forgetful.url("forgetful")).await;
    if pgbouncer::version() < (1, 21) {
        let old = PgBouncer::start(server, &[one]).await;
        keeps_nothing(old.url("forgetful")).await;
    }
    // Where no pooler is, none was needed.
    keeps_nothing(url).await;
}

#[tokio::test]
async fn a_name_that_others_left_is_found_out_too() {
    let server = Server::shared().await;
    server.create_database("left_names").await;
    let settings = [("default_pool_size", "1"), ("max_prepared_statements", "0")];
    let bouncer = PgBouncer::start_recent(server, &settings).await;
    let url = bouncer.url("left_names");
    let mut other = PgConnection::connect(&url).await.unwrap();
    sqlx::query("SELECT 1").execute(&mut other).await.unwrap();
    let refused = Db::<Postgres>::builder(url).pooler(MODES[1]).connect().await.unwrap_err();
    does_not_fit(&refused);
}

#[tokio::test]
async fn a_pooler_that_stops_keeping_statements_is_named() {
    let bounced = Bounced::new(MODES[1], "stops_keeping", "1").await;
    let db = bounced.builder().max_connections(1).connect().await.unwrap();
    assert_eq!(ask(&mut db.session(), 1).await.unwrap(), 2);
    bounced.bouncer.admin("SET max_prepared_statements = 0").await;
    let error = ask(&mut db.session(), 1).await.unwrap_err();
    does_not_fit(&error);
    assert!(error.to_string().contains("does not exist"), "what the server said: {error}");
}

#[tokio::test]
async fn so_is_one_that_nobody_told_of() {
    let server = Server::shared().await;
    server.create_database("untold").await;
    let settings = [
        ("default_pool_size", "1"),
        ("ignore_startup_parameters", "extra_float_digits,options"),
        ("max_prepared_statements", "0"),
    ];
    let bouncer = PgBouncer::start_recent(server, &settings).await;
    let db = Db::<Postgres>::builder(bouncer.url("untold")).connect_lazy().unwrap();
    // Each connection calls its first statement the same.
    let other = Db::<Postgres>::builder(bouncer.url("untold")).connect_lazy().unwrap();
    add(&mut db.session(), 1).await.unwrap();
    does_not_fit(&add(&mut other.session(), 1).await.unwrap_err());
}

#[tokio::test]
async fn limits_hold_in_each_transaction() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "limits", "1").await;
        let settings = bounced.builder().max_lease(Duration::from_secs(5));
        let db = settings
            .statement_timeout(Duration::from_secs(7))
            .idle_in_transaction_timeout(Duration::from_secs(9))
            .connect_lazy()
            .unwrap();
        for _ in 0..2 {
            assert_eq!(limits(&mut db.session()).await.unwrap(), ("7s".into(), "9s".into()));
        }
    }
}

#[tokio::test]
async fn a_running_statement_is_cancelled() {
    for pooler in MODES {
        // One for the statement, one for who cancels it.
        let bounced = Bounced::new(pooler, "cancel", "2").await;
        let db = bounced.builder().max_connections(1).connect_lazy().unwrap();
        create_notes(&db).await;
        let mut session = db.session();
        {
            let mut lease = std::pin::pin!(sleep(&mut session, 600.0));
            tokio::select! {
                biased;
                done = &mut lease => panic!("it sleeps: {done:?}"),
                () = wait::until("the statement", async || bounced.runs("pg_sleep").await) => {}
            }
        }
        assert!(db.leases().is_empty());
        assert_eq!(add(&mut session, 1).await.unwrap().0, 2);
        wait::until("the end of the statement", async || bounced.is_idle().await).await;
        assert_eq!(notes(&db).await, 0);
    }
}

#[tokio::test]
async fn a_forgotten_lease_is_revoked() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "revoked", "2").await;
        let long = Duration::from_secs(600);
        let db = bounced
            .builder()
            .max_connections(1)
            .max_lease(Duration::from_millis(400))
            .statement_timeout(long)
            .idle_in_transaction_timeout(long)
            .connect_lazy()
            .unwrap();
        create_notes(&db).await;
        let leaked = Box::leak(Box::new(db.session()));
        let mut lease = Box::pin(sleep(leaked, 600.0));
        tokio::select! {
            biased;
            done = &mut lease => panic!("it sleeps: {done:?}"),
            () = wait::until("the statement", async || bounced.runs("pg_sleep").await) => {}
        }
        std::mem::forget(lease);
        assert_eq!(add(&mut db.session(), 1).await.unwrap().0, 2);
        wait::until("the end of the session", async || bounced.is_idle().await).await;
        assert_eq!(notes(&db).await, 0);
    }
}

#[tokio::test]
async fn tenants_keep_apart() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "tenants", "1").await;
        let db = bounced.builder().max_connections(4).connect_lazy().unwrap();
        for (schema, name) in [("acme", "acme"), ("\"B; --\"", "B; --")] {
            let create = format!(
                "CREATE SCHEMA {schema}; CREATE TABLE {schema}.self (name text);
                 INSERT INTO {schema}.self VALUES ('{name}')"
            );
            db.session().execute(sqlx::raw_sql(AssertSqlSafe(create))).await.unwrap();
        }
        let leases: Vec<_> = (0..40)
            .map(|n| {
                let tenant = if n % 2 == 0 { "acme" } else { "B; --" };
                let mut session = db.session().tenant(tenant);
                tokio::spawn(async move { (whose(&mut session).await, tenant) })
            })
            .collect();
        for lease in leases {
            let (name, tenant) = lease.await.unwrap();
            assert_eq!(name.unwrap(), tenant);
        }
        let path = sqlx::query_scalar::<_, String>("SHOW search_path");
        assert_eq!(db.session().fetch_one(path).await.unwrap(), "\"$user\", public");
    }
}

/// A lease that never had a session has not been open for too long.
#[tokio::test]
async fn an_exhausted_pooler_is_busy_at_max_lease_too() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "max_lease", "1").await;
        let limit = Duration::from_secs(1);
        let settings = bounced.builder().max_lease(limit).acquire_timeout(wait::LIMIT);
        let long = Duration::from_secs(600);
        let db = settings.validate_after(long).connect_lazy().unwrap();
        // What is idle is lent as it is, so that it is BEGIN that waits.
        add(&mut db.session(), 1).await.unwrap();
        wait::until("the connection", async || db.status().idle == 1).await;
        let other = bounced.builder().max_lease(long).connect_lazy().unwrap();
        let (mut first, held) = (other.session(), AtomicBool::new(true));
        let mut holds = Box::pin(hold(&mut first, &held));
        tokio::select! {
            biased;
            done = &mut holds => panic!("it holds: {done:?}"),
            () = wait::until("the holder", async || bounced.runs("'held'").await) => {}
        }
        let error = add(&mut db.session(), 1).await.unwrap_err();
        let Error::Busy(busy) = &error else { panic!("{error:?}") };
        assert_eq!((busy.phase, busy.setting), (WaitPhase::Pooler, "max_lease"), "{busy}");
        assert!(error.is_retryable());
        held.store(false, Ordering::Relaxed);
        holds.await.unwrap();
    }
}

#[handler]
async fn lock(mut db: Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("SELECT pg_advisory_xact_lock(1)").execute(tx).await?;
        Ok(())
    })
    .await
}

/// Who cancels them waits for one of their sessions.
#[tokio::test]
async fn dropped_leases_on_all_sessions_make_way() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "all_sessions", "2").await;
        let long = Duration::from_secs(600);
        let builder = bounced.builder().max_connections(4).acquire_timeout(long);
        let db = builder.max_lease(long).statement_timeout(long).connect().await.unwrap();
        let direct = bounced.server.url_for(SUPERUSER, "", &bounced.database);
        for statements_end in [true, false] {
            let mut holder = PgConnection::connect(&direct).await.unwrap();
            holder.execute("SELECT pg_advisory_lock(1)").await.unwrap();
            let leases = [(); 2].map(|()| tokio::spawn(lock(db.session())));
            wait::until("both", async || {
                let sessions = bounced.server.sessions(&bounced.database).await;
                sessions.iter().filter(|session| session.query.contains("xact_lock")).count() == 2
            })
            .await;
            for lease in leases {
                lease.abort();
                assert!(lease.await.unwrap_err().is_cancelled());
            }
            wait::until("who cancels", async || {
                bounced.clients("cl_waiting").await > 0 || db.status().recovering == 0
            })
            .await;
            if statements_end {
                holder.execute("SELECT pg_advisory_unlock(1)").await.unwrap();
            }
            // A recovery may take longer than that.
            let served = timeout(Duration::from_secs(4), add(&mut db.session(), 1)).await;
            assert_eq!(served.expect("a session").unwrap().0, 2, "{pooler:?}, {statements_end}");
            holder.close().await.unwrap();
            wait::until("the recoveries", async || db.status().recovering == 0).await;
            wait::until("the sessions' rest", || bounced.is_idle()).await;
        }
    }
}

#[handler]
async fn wait_for_rows(db: &mut Session<Postgres>, waits: &AtomicBool) -> Result<(), Error> {
    db.lease(async |conn| {
        let mut rows = sqlx::query("SELECT generate_series(1, 1000000000)").fetch(&mut *conn);
        rows.try_next().await?;
        drop(rows);
        waits.store(true, Ordering::Relaxed);
        sqlx::query("SELECT 1").execute(conn).await?;
        Ok(())
    })
    .await
}

/// They are read until somebody cancels them, who needs a session too.
#[tokio::test]
async fn a_reserve_ends_rows_without_end() {
    for pooler in MODES {
        let settings = [
            ("default_pool_size", "1"),
            ("reserve_pool_size", "1"),
            ("reserve_pool_timeout", "0.2"),
        ];
        let bounced = Bounced::with(pooler, "reserve", &settings).await;
        let long = Duration::from_secs(600);
        let builder = bounced.builder().acquire_timeout(long).max_lease(long);
        let db = builder.statement_timeout(long).connect_lazy().unwrap();
        // On a busy machine who cancels may come too late.
        wait::until("a connection that is kept", async || {
            let (mut session, waits) = (db.session(), AtomicBool::new(false));
            let mut lease = Box::pin(wait_for_rows(&mut session, &waits));
            tokio::select! {
                biased;
                done = &mut lease => panic!("it waits: {done:?}"),
                () = wait::until("the rows", async || waits.load(Ordering::Relaxed)) => {}
            }
            drop(lease);
            wait::until("the recovery", async || db.status().recovering == 0).await;
            db.status().idle == 1
        })
        .await;
        assert_eq!(add(&mut db.session(), 1).await.unwrap().0, 2, "{pooler:?}");
    }
}

#[handler]
async fn hold(db: &mut Session<Postgres>, held: &AtomicBool) -> Result<(), Error> {
    db.lease(async |conn| {
        loop {
            sqlx::query("SELECT 'held'").execute(conn).await?;
            if !held.load(Ordering::Relaxed) {
                break Ok(());
            }
        }
    })
    .await
}

#[tokio::test]
async fn an_exhausted_pooler_is_busy() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "exhausted", "1").await;
        let soon = Duration::from_millis(500);
        let settings = bounced.builder().max_connections(2).acquire_timeout(soon);
        // What is idle is lent as it is, so that it is BEGIN that waits.
        let long = Duration::from_secs(600);
        let settings = settings.validate_after(long).max_lease(long);
        let db = settings.connect_lazy().unwrap();
        create_notes(&db).await;
        wait::until("both connections", async || {
            let (mut one, mut two) = (db.session(), db.session());
            let _ = tokio::join!(add(&mut one, 1), add(&mut two, 1));
            bounced.clients("cl_active").await == 2
        })
        .await;

        let (mut first, held) = (db.session(), AtomicBool::new(true));
        let mut holds = Box::pin(hold(&mut first, &held));
        tokio::select! {
            biased;
            done = &mut holds => panic!("it holds: {done:?}"),
            () = wait::until("the holder", async || bounced.runs("'held'").await) => {}
        }
        let since = Instant::now();
        let error = write(&mut db.session(), 1).await.unwrap_err();
        assert!(since.elapsed() >= soon && since.elapsed() < soon + wait::LIMIT / 6);
        assert!(error.is_retryable());
        let message = error.to_string();
        assert!(message.contains("still waiting for a session of the pooler: 1 of 2"), "{message}");
        let Error::Busy(busy) = error else { panic!("{error:?}") };
        assert_eq!(busy.phase, WaitPhase::Pooler, "{busy}");
        assert_eq!(busy.holders.len(), 1, "who holds a session, not who waits for one: {busy}");
        assert!(busy.holders[0].site.function().unwrap().ends_with("::hold"));
        assert_eq!(db.leases().len(), 1, "its place is free at once");
        let next = write(&mut db.session(), 1).await.unwrap_err();
        let Error::Busy(busy) = next else { panic!("{next:?}") };
        assert_eq!(busy.recovering, 1, "its connection waits on: {busy}");

        held.store(false, Ordering::Relaxed);
        holds.await.unwrap();
        wait::until("an end of the waiting", async || {
            bounced.clients("cl_waiting").await == 0 && bounced.is_idle().await
        })
        .await;
        assert_eq!(notes(&db).await, 0, "nothing is done by who gave up");
    }
}

/// Its connection forgets the statements of another, which needs a session too.
#[tokio::test]
async fn so_it_is_for_a_tenant_on_a_connection_of_another() {
    let bounced =
        Bounced::new(Pooler::TransactionWithPreparedStatements, "exhausted_tenant", "1").await;
    let long = Duration::from_secs(600);
    let settings = bounced.builder().max_connections(1).validate_after(long).max_lease(long);
    let db = settings.acquire_timeout(Duration::from_secs(1)).connect_lazy().unwrap();
    create_notes(&db).await;
    add(&mut db.session(), 1).await.unwrap();

    let other = bounced.builder().max_lease(long).connect_lazy().unwrap();
    let (mut holder, held) = (other.session(), AtomicBool::new(true));
    let mut holds = Box::pin(hold(&mut holder, &held));
    tokio::select! {
        biased;
        done = &mut holds => panic!("it holds: {done:?}"),
        () = wait::until("the holder", async || bounced.runs("'held'").await) => {}
    }
    let mut session = db.session().tenant("acme");
    match timeout(wait::LIMIT, write(&mut session, 1)).await.expect("an end of its wait") {
        Err(Error::Busy(busy)) => assert_eq!(busy.phase, WaitPhase::Pooler, "{busy}"),
        other => panic!("{other:?}"),
    }
}

/// How a body ends after code that is not checked has named a statement.
#[derive(Clone, Copy, Debug)]
enum Unchecked {
    Ok,
    Err,
    /// It swallows that a statement failed, and so that its transaction is aborted.
    Aborted,
    Panic,
    /// It never ends.
    Stuck,
}

async fn names_a_statement(raw: &mut PgConnection, how: Unchecked) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 'named by sqlx'").execute(&mut *raw).await?;
    sqlx::raw_sql("PREPARE by_hand AS SELECT 'named'").execute(&mut *raw).await?;
    match how {
        Unchecked::Ok => Ok(()),
        Unchecked::Err => Err(sqlx::Error::RowNotFound),
        Unchecked::Aborted => {
            raw.execute("SELECT no_such_column").await.unwrap_err();
            Ok(())
        }
        Unchecked::Panic => panic!("on purpose"),
        Unchecked::Stuck => std::future::pending().await,
    }
}

#[handler]
async fn unchecked(mut db: Session<Postgres>, how: Unchecked) -> Result<(), Error> {
    db.lease(async |conn| {
        conn.unchecked("a test", async |raw| names_a_statement(raw, how).await).await
    })
    .await
}

#[tokio::test]
async fn unchecked_code_leaves_no_names() {
    let bounced = Bounced::new(Pooler::Transaction, "unchecked", "1").await;
    let db = bounced.builder().max_connections(1).connect_lazy().unwrap();
    let names = async || {
        let names = sqlx::query_scalar("SELECT name FROM pg_prepared_statements");
        let names: Vec<String> = db.session().fetch_all(names).await.unwrap();
        names
    };
    let pid = add(&mut db.session(), 1).await.unwrap().1;
    for how in
        [Unchecked::Ok, Unchecked::Err, Unchecked::Aborted, Unchecked::Panic, Unchecked::Stuck]
    {
        let lease = tokio::spawn(unchecked(db.session(), how));
        let outcome = match how {
            Unchecked::Stuck => {
                let named = async || bounced.runs("PREPARE by_hand").await;
                wait::until("the statement", named).await;
                lease.abort();
                lease.await
            }
            _ => lease.await,
        };
        match (how, outcome) {
            (Unchecked::Ok, Ok(Ok(())))
            | (Unchecked::Err, Ok(Err(Error::Database(_))))
            | (Unchecked::Aborted, Ok(Err(Error::TransactionAborted { .. }))) => {}
            (Unchecked::Panic, Err(ended)) if ended.is_panic() => {}
            (Unchecked::Stuck, Err(ended)) if ended.is_cancelled() => {}
            (how, outcome) => panic!("{how:?}: {outcome:?}"),
        }
        wait::until("the session's rest", async || bounced.is_idle().await).await;
        assert_eq!(names().await, Vec::<String>::new(), "{how:?}");
        assert_eq!(add(&mut db.session(), 1).await.unwrap().1, pid, "{how:?}");
    }
}

#[handler]
async fn lend(mut db: Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        conn.unchecked("a test", async |raw| sqlx::query("SELECT 1").execute(raw).await).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_others_prepared_is_theirs() {
    // One that keeps statements, with those of others in the session.
    let bounced = Bounced::new(MODES[1], "others", "1").await;
    let options: PgConnectOptions = bounced.url().parse().unwrap();
    let options = options.extra_float_digits(None);
    let mut other = PgConnection::connect_with(&options).await.unwrap();
    for pooler in MODES {
        let db = Db::<Postgres>::builder(bounced.url()).pooler(pooler).connect_lazy().unwrap();
        for n in 0..3 {
            let sum = sqlx::query_scalar::<_, i64>("SELECT $1 + 40").bind(n);
            assert_eq!(sum.fetch_one(&mut other).await.unwrap(), 40 + n, "{pooler:?}");
            assert_eq!(add(&mut db.session(), n).await.unwrap().0, n + 1);
            lend(db.session()).await.unwrap();
            // Its COMMIT has left nothing to take back.
            assert_eq!(db.status().idle, 1, "{pooler:?}");
        }
    }
}

#[tokio::test]
async fn what_needs_a_session_is_refused_with_the_reason() {
    for pooler in MODES {
        let bounced = Bounced::new(pooler, "refused", "1").await;
        let db = bounced.builder().connect().await.unwrap();
        let migrations = sqlx::migrate!();
        for refused in [
            db.dedicated("news").await.map(drop).unwrap_err(),
            db.migrate(&migrations).await.unwrap_err(),
        ] {
            assert!(matches!(refused, Error::Setting { setting: "pooler", .. }), "{refused:?}");
            let message = refused.to_string();
            for part in [
                &format!("setting `pooler` is `{pooler:?}`"),
                "LISTEN",
                "session locks",
                "migrations",
                "whose `url` is the server's own",
            ] {
                assert!(message.contains(part), "no {part:?} in: {message}");
            }
        }
        assert_eq!(add(&mut db.session(), 1).await.unwrap().0, 2);
        let url = format!("{}?options=-c%20geqo%3Doff", bounced.url());
        let refused = Db::<Postgres>::builder(url).pooler(pooler).connect_lazy();
        assert!(matches!(refused, Err(Error::Setting { setting: "url", .. })));
        // Without the setting, PgBouncer itself refuses what is sent at startup.
        let refused = Db::<Postgres>::connect(bounced.url()).await;
        assert!(matches!(refused, Err(Error::Connect(_))));
    }
}
