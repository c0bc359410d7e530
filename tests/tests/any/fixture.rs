//! A database with the tables of `migrations/`, and some handlers on it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shortlease::{Builder, Conn, Db, Error, Session, WaitPhase, handler, leased};
use shortlease_tests::wait::{self, LIMIT};
use sqlx::migrate::Migrator;
use sqlx::{Arguments, AssertSqlSafe};

use super::poll::poll_until;
use super::{Database, MIGRATIONS, Scratch};

/// Far above [`LIMIT`], so that no lease of a test is cut unless the test asks for it.
const NEVER: Duration = Duration::from_secs(300);

pub(crate) struct Fixture {
    pub(crate) db: Db<Database>,
    pub(crate) scratch: Scratch,
    max_connections: u32,
}

impl Fixture {
    /// With two connections.
    pub(crate) async fn new() -> Fixture {
        Fixture::with(2, |settings| settings).await
    }

    pub(crate) async fn with(
        max_connections: u32,
        settings: impl FnOnce(Builder<Database>) -> Builder<Database>,
    ) -> Fixture {
        Fixture::on(Scratch::new().await, max_connections, settings).await
    }

    /// With two connections to where no answer comes at once, as far as the database can be had so far away.
    pub(crate) async fn distant(
        settings: impl FnOnce(Builder<Database>) -> Builder<Database>,
    ) -> Fixture {
        Fixture::on(Scratch::distant().await, 2, settings).await
    }

    async fn on(
        scratch: Scratch,
        max_connections: u32,
        settings: impl FnOnce(Builder<Database>) -> Builder<Database>,
    ) -> Fixture {
        let unhurried = scratch
            .builder()
            .max_connections(max_connections)
            .acquire_timeout(NEVER)
            .max_lease(NEVER);
        let db = settings(unhurried).connect().await.expect("an empty database");
        scratch.migrate(&db, &MIGRATIONS).await.expect("migrations that fit");
        Fixture { db, scratch, max_connections }
    }

    pub(crate) async fn migrate(&self, migrator: &Migrator) -> Result<(), Error> {
        self.scratch.migrate(&self.db, migrator).await
    }

    /// With the tools 1 `one`, 2 `two` and 3 `three`, which were used 10, 20 and 30 times.
    pub(crate) async fn with_tools() -> Fixture {
        let fixture = Fixture::new().await;
        fixture.add_tools().await;
        fixture
    }

    pub(crate) async fn add_tools(&self) {
        let tools = "INSERT INTO tools VALUES (1, 'one', 10), (2, 'two', 20), (3, 'three', 30)";
        self.db.session().execute(sqlx::query(tools)).await.expect("three rows");
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        self.db.session().fetch_one(sqlx::query_scalar(sql)).await.expect(sql)
    }

    /// How often [`call`] was told `output`, as far as it was committed.
    pub(crate) async fn calls(&self, output: &str) -> i64 {
        let count = sqlx::query_scalar(sql("SELECT count(*) FROM calls WHERE output = $1"));
        let count = count.bind(output);
        self.db.session().fetch_one(count).await.expect("a number")
    }

    /// Waits until nobody holds a lease and no transaction is left open, then takes every connection that
    /// there may be, at the same time, and writes.
    pub(crate) async fn is_whole(&self) {
        assert_eq!(self.db.leases().len(), 0, "a lease is left");
        let ended = async || !self.scratch.in_transaction().await;
        wait::until("the end of all transactions", ended).await;
        let mut held = Vec::new();
        for _ in 0..self.max_connections {
            held.push(OpenLease::lease(&self.db).await);
        }
        assert_eq!(self.db.leases().len(), self.max_connections as usize);
        for held in held {
            held.end().await;
        }
        let write = sqlx::query("UPDATE tools SET uses = uses");
        self.db.session().execute(write).await.expect("nothing in the way");
    }
}

/// Writes the parameters of a statement, `$1` and so on in their order, as the database has them.
pub(crate) fn sql(statement: &str) -> AssertSqlSafe<String> {
    let mut placeholder = String::new();
    let none = <Database as sqlx::Database>::Arguments::default();
    none.format_placeholder(&mut placeholder).expect("a string takes all");
    let mut statement = statement.to_owned();
    if placeholder == "?" {
        for nth in 1..=9 {
            statement = statement.replace(&format!("${nth}"), "?");
        }
    }
    AssertSqlSafe(statement)
}

/// What the handlers of the suite fail with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("refused on purpose")]
    Refused,
    #[error(transparent)]
    Lease(#[from] Error),
    #[error(transparent)]
    Statement(#[from] sqlx::Error),
}

/// Writes something that can be counted.
#[leased]
pub(crate) async fn call(conn: &mut Conn<Database>, output: &str) -> Result<(), sqlx::Error> {
    let insert = sqlx::query(sql("INSERT INTO calls (tool_id, output) VALUES (1, $1)"));
    insert.bind(output).execute(conn).await?;
    Ok(())
}

/// A lease that is open until told otherwise. Nothing polls it in between.
pub(crate) struct OpenLease {
    pub(crate) lease: Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>,
    gate: Gate,
}

/// Where a body tells that it began, and waits for its end.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(AtomicBool, AtomicBool)>);

impl Gate {
    pub(crate) fn enter(&self) {
        self.0.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn entered(&self) -> bool {
        self.0.0.load(Ordering::Relaxed)
    }

    pub(crate) fn open(&self) {
        self.0.1.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.1.load(Ordering::Relaxed)
    }
}

impl OpenLease {
    /// Waits for a connection and keeps it.
    pub(crate) async fn lease(db: &Db<Database>) -> OpenLease {
        OpenLease::by(|gate| hold_lease(db.session(), gate)).await
    }

    /// As [`OpenLease::lease`], in a transaction.
    pub(crate) async fn transaction(db: &Db<Database>) -> OpenLease {
        OpenLease::by(|gate| hold_transaction(db.session(), gate)).await
    }

    pub(crate) async fn by<F>(hold: impl Fn(Gate) -> F) -> OpenLease
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        loop {
            let gate = Gate::default();
            let mut lease: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(hold(gate.clone()));
            match poll_until(lease.as_mut(), || gate.entered()).await {
                None => return OpenLease { lease, gate },
                // A short `acquire_timeout` on a busy machine: the connect goes on without it.
                Some(Err(Error::Busy(busy)))
                    if matches!(busy.phase, WaitPhase::Connect | WaitPhase::SharedPool) => {}
                early => panic!("ended before it was told to: {early:?}"),
            }
        }
    }

    /// Lets the body come to its end.
    pub(crate) async fn end(self) {
        self.gate.open();
        let outcome = tokio::time::timeout(LIMIT, self.lease).await.expect("an end");
        outcome.expect("an undisturbed lease");
    }
}

#[handler]
pub(crate) async fn hold_lease(mut db: Session<Database>, gate: Gate) -> Result<(), Error> {
    db.lease(async |conn| {
        gate.enter();
        while !gate.is_open() {
            sqlx::query("SELECT 1").execute(conn).await?;
        }
        Ok(())
    })
    .await
}

#[handler]
pub(crate) async fn hold_transaction(mut db: Session<Database>, gate: Gate) -> Result<(), Error> {
    db.transaction(async |tx| {
        gate.enter();
        while !gate.is_open() {
            sqlx::query("SELECT 1").execute(tx).await?;
        }
        Ok(())
    })
    .await
}
