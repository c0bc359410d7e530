//! Handlers at work, and a ledger of what they were told.

use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use shortlease::{Db, Error, Postgres};
use sqlx::PgConnection;
use sqlx::postgres::{PgDatabaseError, PgSeverity};
use tokio::task::JoinSet;

use crate::interrupt::Interrupt;
use crate::seeded_rng::SeededRng;
use crate::wait;

/// The rows that are there to be read: each says which it is.
pub const FACTS: i64 = 2_000;

/// The tables that the load works on; `entries` may be given a tablespace after it.
pub const SCHEMA: &str = "
    CREATE TABLE facts (key bigint PRIMARY KEY, fact text NOT NULL);
    INSERT INTO facts SELECT key, 'fact ' || key || repeat('.', 200) FROM generate_series(0, 1999) AS key;
    CREATE TABLE entries (id bigint NOT NULL, part integer NOT NULL, filler text NOT NULL)";

/// So many successes of every worker in a row, and the load runs clean.
const CLEAN: u32 = 20;

/// How long a client waits for what does not end.
const PATIENCE: Duration = Duration::from_millis(20);

/// What a client waits before it calls again after a failure.
const RETRY: Duration = Duration::from_millis(5);

/// What ends a handler early.
#[derive(Debug)]
enum Failure {
    Lease(Error),
    /// Not what is in the database.
    Wrong(String),
    /// The body changed its mind, or panicked.
    Undone,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Lease(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Failure::Lease(error.into())
    }
}

mod handlers {

    use std::sync::atomic::{AtomicBool, Ordering};

    use shortlease::{Postgres, Session, handler};

    use super::{Failure, right};

    const ENTER: &str = "INSERT INTO entries VALUES ($1, $2, repeat('x', 400))";

    #[handler]
    pub(super) async fn read(db: &mut Session<Postgres>, key: i64) -> Result<(), Failure> {
        let (read, fact, written): (i64, String, bool) = db
            .lease(async |conn| {
                // In a transaction of somebody else's, something may have been written.
                let ask = "SELECT key, fact, pg_current_xact_id_if_assigned() IS NOT NULL
                           FROM facts WHERE key = $1";
                sqlx::query_as(ask).bind(key).fetch_one(conn).await
            })
            .await?;
        if written {
            return Err(Failure::Wrong(format!("the lease that read {key} was in a transaction")));
        }
        right(key, read, &fact)
    }

    /// Reads so many rows of a stream; not always to its end.
    #[handler]
    pub(super) async fn stream(
        db: &mut Session<Postgres>,
        first: i64,
        rows: usize,
    ) -> Result<(), Failure> {
        db.lease(async |conn| {
            let ask = "SELECT key, fact FROM facts WHERE key >= $1 ORDER BY key LIMIT 100";
            let mut facts = sqlx::query_as::<_, (i64, String)>(ask).bind(first).fetch(conn);
            for key in (first..).take(rows) {
                let Some((read, fact)) = facts.try_next().await? else {
                    return Err(Failure::Wrong(format!("no {key} in the stream from {first}")));
                };
                right(key, read, &fact)?;
            }
            Ok(())
        })
        .await
    }

    #[handler]
    pub(super) async fn write(db: &mut Session<Postgres>, id: i64) -> Result<(), Failure> {
        let written = db.execute(sqlx::query(ENTER).bind(id).bind(1)).await?;
        match written.rows_affected() {
            1 => Ok(()),
            rows => Err(Failure::Wrong(format!("{rows} rows were written for {id}"))),
        }
    }

    /// Writes both parts; `done` says that COMMIT is next.
    #[handler]
    pub(super) async fn transaction(
        db: &mut Session<Postgres>,
        id: i64,
        done: &AtomicBool,
    ) -> Result<(), Failure> {
        db.transaction(async |tx| {
            for part in 1..=2 {
                sqlx::query(ENTER).bind(id).bind(part).execute(&mut *tx).await?;
            }
            done.store(true, Ordering::Relaxed);
            Ok(())
        })
        .await
    }

    #[handler]
    pub(super) async fn undone(db: &mut Session<Postgres>, id: i64) -> Result<(), Failure> {
        db.transaction(async |tx| {
            sqlx::query(ENTER).bind(id).bind(1).execute(tx).await?;
            Err(Failure::Undone)
        })
        .await
    }

    #[handler]
    pub(super) async fn panics(db: &mut Session<Postgres>, id: i64) -> Result<(), Failure> {
        db.transaction(async |tx| {
            sqlx::query(ENTER).bind(id).bind(1).execute(tx).await?;
            // Silent, unlike `panic!`.
            if id >= 0 {
                std::panic::resume_unwind(Box::new("in the body"));
            }
            Ok(())
        })
        .await
    }

    /// For longer than any client waits.
    #[handler]
    pub(super) async fn sleep(db: &mut Session<Postgres>) -> Result<(), Failure> {
        db.lease(async |conn| {
            sqlx::query("SELECT pg_sleep(600)").execute(conn).await?;
            Ok(())
        })
        .await
    }

    /// As [`transaction`], with a third part that is taken back.
    #[handler]
    pub(super) async fn savepoint(
        db: &mut Session<Postgres>,
        id: i64,
        done: &AtomicBool,
    ) -> Result<(), Failure> {
        db.transaction(async |tx| {
            sqlx::query(ENTER).bind(id).bind(1).execute(&mut *tx).await?;
            let undone: Result<(), Failure> = tx
                .savepoint(async |tx| {
                    sqlx::query(ENTER).bind(id).bind(3).execute(tx).await?;
                    Err(Failure::Undone)
                })
                .await;
            match undone {
                Err(Failure::Undone) => {}
                other => return other,
            }
            tx.savepoint(async |tx| -> Result<(), Failure> {
                sqlx::query(ENTER).bind(id).bind(2).execute(tx).await?;
                Ok(())
            })
            .await?;
            done.store(true, Ordering::Relaxed);
            Ok(())
        })
        .await
    }

    /// Holds a connection until somebody lets go of the lock.
    #[handler]
    pub(super) async fn hold(db: &mut Session<Postgres>) -> Result<(), Failure> {
        db.transaction(async |tx| {
            sqlx::query("SELECT pg_advisory_xact_lock_shared(1)").execute(tx).await?;
            Ok(())
        })
        .await
    }
}

fn right(key: i64, read: i64, fact: &str) -> Result<(), Failure> {
    let its_own = fact.trim_end_matches('.') == format!("fact {key}");
    if read == key && its_own {
        return Ok(());
    }
    Err(Failure::Wrong(format!("who asked for {key} got {read}: {fact}")))
}

/// One call of a handler.
#[derive(Clone, Copy)]
enum Call {
    Read(i64),
    Stream(i64, usize),
    Write(i64),
    Transaction(i64),
    Undone(i64),
    Savepoint(i64),
    Panics(i64),
    Sleep,
}

impl Call {
    fn draw(rng: &mut SeededRng, ids: &AtomicI64) -> Call {
        let id = || ids.fetch_add(1, Ordering::Relaxed);
        match rng.below(14) {
            0..3 => Call::Read(rng.below(FACTS as u64) as i64),
            3 => Call::Stream(rng.below(FACTS as u64 - 100) as i64, 100),
            4 => Call::Stream(rng.below(FACTS as u64 - 100) as i64, rng.below(100) as usize),
            5..7 => Call::Write(id()),
            7..10 => Call::Transaction(id()),
            10 => Call::Undone(id()),
            11 => Call::Savepoint(id()),
            12 => Call::Panics(id()),
            _ => Call::Sleep,
        }
    }

    async fn run(self, db: &Db<Postgres>, done: &AtomicBool) -> Result<(), Failure> {
        let mut db = db.session();
        match self {
            Call::Read(key) => handlers::read(&mut db, key).await,
            Call::Stream(first, rows) => handlers::stream(&mut db, first, rows).await,
            Call::Write(id) => handlers::write(&mut db, id).await,
            Call::Transaction(id) => handlers::transaction(&mut db, id, done).await,
            Call::Undone(id) => handlers::undone(&mut db, id).await,
            Call::Savepoint(id) => handlers::savepoint(&mut db, id, done).await,
            Call::Panics(id) => {
                let caught = AssertUnwindSafe(handlers::panics(&mut db, id)).catch_unwind().await;
                caught.unwrap_or(Err(Failure::Undone))
            }
            Call::Sleep => handlers::sleep(&mut db).await,
        }
    }

    /// As [`run`](Call::run), by a client that may not wait for the end.
    async fn run_or_drop(
        self,
        db: &Db<Postgres>,
        done: &AtomicBool,
        rng: &mut SeededRng,
    ) -> Option<Result<(), Failure>> {
        let lease = self.run(db, done);
        match (self, rng.below(8)) {
            (Call::Sleep, _) => tokio::time::timeout(PATIENCE, lease).await.ok(),
            (_, 0) => Interrupt::Drop.after(rng.below(16) as usize, lease).await,
            _ => Some(lease.await),
        }
    }

    /// What it enters where it succeeds: an id and its parts.
    fn enters(self) -> Option<(i64, i32)> {
        match self {
            Call::Read(_) | Call::Stream(..) | Call::Sleep => None,
            Call::Write(id) => Some((id, 1)),
            Call::Transaction(id) | Call::Undone(id) | Call::Savepoint(id) | Call::Panics(id) => {
                Some((id, 2))
            }
        }
    }

    /// What its client may believe: `None` is a client that did not wait for the answer.
    fn outcome(self, answer: Option<&Result<(), Failure>>, done: bool) -> Outcome {
        match (self, answer) {
            (_, Some(Ok(()))) => Outcome::Committed,
            (_, Some(Err(Failure::Lease(Error::CommitUnknown { .. })))) => Outcome::Unknown,
            // One statement, without a transaction around it: nothing but an answer says how it went.
            (Call::Write(_), None) => Outcome::Unknown,
            (Call::Write(_), Some(Err(Failure::Lease(error)))) if !was_refused(error) => {
                Outcome::Unknown
            }
            // Dropped: COMMIT may have been sent once the body was done, and not before.
            (_, None) if done => Outcome::Unknown,
            _ => Outcome::Failed,
        }
    }
}

/// Whether the server never got the statement, or answered that it failed.
fn was_refused(error: &Error) -> bool {
    match error {
        Error::Busy(_) | Error::Connect(_) | Error::Closed => true,
        Error::Database(sqlx::Error::Database(error)) => {
            // The others end the session: its last words are no answer to the statement.
            let error = error.try_downcast_ref::<PgDatabaseError>();
            error.is_some_and(|error| error.severity() == PgSeverity::Error)
        }
        _ => false,
    }
}

/// What a client was told about what it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Committed,
    Failed,
    Unknown,
}

struct Entry {
    id: i64,
    parts: i32,
    outcome: Outcome,
    said: String,
}

/// How a worker fares since [`Load::heal`].
#[derive(Clone, Copy, Debug)]
struct Progress {
    successes: u32,
    /// The end of the first of them.
    since: Instant,
}

/// What all clients were told.
pub struct Ledger {
    books: Mutex<Books>,
    ids: AtomicI64,
    stopping: AtomicBool,
}

struct Books {
    entries: Vec<Entry>,
    wrong: Vec<String>,
    failures: BTreeMap<String, usize>,
    /// What the last failure said.
    last: String,
    answers: usize,
    cuts: usize,
    healed: Instant,
    workers: Vec<Progress>,
}

/// How the ledger and the table compare.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Calls that succeeded, reads among them.
    pub answers: usize,
    /// Leases that were dropped before their end.
    pub cuts: usize,
    /// Failures by what they said.
    pub failures: BTreeMap<String, usize>,
    /// Ids whose clients were told that they are there.
    pub committed: usize,
    /// Ids whose clients were told that they are not.
    pub failed: usize,
    /// Ids whose clients were told that nobody knows, and how many of these are there.
    pub unknown: (usize, usize),
    /// What must not be: wrong answers, entries that contradict what was said of them.
    pub wrong: Vec<String>,
}

/// Clients that call handlers, one call after the other, until they are stopped.
pub struct Load {
    ledger: Arc<Ledger>,
    workers: JoinSet<()>,
}

impl Load {
    /// Starts `workers` clients; what they call is up to `seed`.
    pub fn start(db: &Db<Postgres>, workers: usize, seed: u64) -> Load {
        let now = Instant::now();
        let books = Books {
            entries: Vec::new(),
            wrong: Vec::new(),
            failures: BTreeMap::new(),
            last: String::new(),
            answers: 0,
            cuts: 0,
            healed: now,
            workers: vec![Progress { successes: 0, since: now }; workers],
        };
        let ledger = Arc::new(Ledger {
            books: Mutex::new(books),
            ids: AtomicI64::new(0),
            stopping: AtomicBool::new(false),
        });
        let mut rng = SeededRng::new(seed);
        let workers = (0..workers)
            .map(|nth| {
                work(db.clone(), Arc::clone(&ledger), nth, SeededRng::new(rng.below(u64::MAX)))
            })
            .collect();
        Load { ledger, workers }
    }

    /// From now on nothing should fail.
    pub fn heal(&self) {
        let mut books = self.ledger.books();
        let now = Instant::now();
        books.healed = now;
        books.workers.fill(Progress { successes: 0, since: now });
    }

    /// Waits until all clients have had nothing but successes for a while, and tells how long after
    /// [`Load::heal`] that began.
    ///
    /// # Panics
    /// Where it does not, within [`wait::LIMIT`].
    pub async fn clean(&self) -> Duration {
        let start = Instant::now();
        let is_clean = || {
            let books = self.ledger.books();
            let clean = books.workers.iter().all(|worker| worker.successes >= CLEAN);
            let in_time = start.elapsed() < wait::LIMIT;
            let Books { workers, failures, last, .. } = &*books;
            assert!(clean || in_time, "not clean again: {workers:?}, {failures:?}, last {last:?}");
            clean
        };
        while !is_clean() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let books = self.ledger.books();
        let last = books.workers.iter().map(|worker| worker.since).max();
        last.unwrap_or(books.healed) - books.healed
    }

    /// Ends every client after its call.
    ///
    /// # Panics
    /// Where a client panicked or its call does not end.
    pub async fn stop(self) -> Arc<Ledger> {
        self.ledger.stopping.store(true, Ordering::Relaxed);
        let ended = tokio::time::timeout(wait::LIMIT, self.workers.join_all()).await;
        ended.expect("every call has time limits");
        self.ledger
    }
}

async fn work(db: Db<Postgres>, ledger: Arc<Ledger>, nth: usize, mut rng: SeededRng) {
    while !ledger.stopping.load(Ordering::Relaxed) {
        let call = Call::draw(&mut rng, &ledger.ids);
        let done = AtomicBool::new(false);
        let began = Instant::now();
        let answer = call.run_or_drop(&db, &done, &mut rng).await;
        if !ledger.record(nth, call, began, answer, done.into_inner()) {
            tokio::time::sleep(RETRY).await;
        }
    }
}

impl Ledger {
    /// `false` for a failure.
    fn record(
        &self,
        nth: usize,
        call: Call,
        began: Instant,
        answer: Option<Result<(), Failure>>,
        done: bool,
    ) -> bool {
        let outcome = call.outcome(answer.as_ref(), done);
        let mut books = self.books();
        let mut said = "dropped".to_owned();
        let mut failed = false;
        match answer {
            None => books.cuts += 1,
            Some(Ok(()) | Err(Failure::Undone)) => {
                "answered".clone_into(&mut said);
                books.answers += 1;
                let healed = books.healed;
                let worker = &mut books.workers[nth];
                if began >= healed {
                    worker.successes += 1;
                    if worker.successes == 1 {
                        worker.since = Instant::now();
                    }
                }
            }
            Some(Err(Failure::Wrong(wrong))) => {
                said.clone_from(&wrong);
                books.wrong.push(wrong);
            }
            Some(Err(Failure::Lease(error))) => {
                failed = true;
                said = error.to_string();
                books.last.clone_from(&said);
                books.workers[nth].successes = 0;
                *books.failures.entry(kind(&error)).or_default() += 1;
                if !is_of_a_fault(&error) {
                    books.wrong.push(format!("a failure that no fault explains: {error}"));
                }
            }
        }
        if let Some((id, parts)) = call.enters() {
            books.entries.push(Entry { id, parts, outcome, said });
        }
        !failed
    }

    /// Compares what was said with what is there, on a connection to the load's database.
    ///
    /// # Panics
    /// Where the table cannot be read.
    pub async fn check(&self, connection: &mut PgConnection) -> Findings {
        let rows =
            sqlx::query_as("SELECT id, array_agg(part ORDER BY part) FROM entries GROUP BY id");
        let rows: Vec<(i64, Vec<i32>)> = rows.fetch_all(connection).await.expect("the entries");
        let mut there: HashMap<_, _> = rows.into_iter().collect();
        let books = self.books();
        let mut findings = Findings {
            answers: books.answers,
            cuts: books.cuts,
            failures: books.failures.clone(),
            wrong: books.wrong.clone(),
            ..Findings::default()
        };
        for Entry { id, parts, outcome, said } in &books.entries {
            let found = there.remove(id);
            let whole = found.as_ref().is_some_and(|found| found.iter().copied().eq(1..=*parts));
            let as_told = match outcome {
                Outcome::Committed => {
                    findings.committed += 1;
                    whole
                }
                Outcome::Failed => {
                    findings.failed += 1;
                    found.is_none()
                }
                Outcome::Unknown => {
                    findings.unknown.0 += 1;
                    findings.unknown.1 += usize::from(whole);
                    whole || found.is_none()
                }
            };
            if !as_told {
                let found = found.unwrap_or_default();
                findings.wrong.push(format!("{id} is {outcome:?} ({said}); there are {found:?}"));
            }
        }
        findings.wrong.extend(there.keys().map(|id| format!("{id} is there and nobody wrote it")));
        findings
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same word for the same failure.
fn kind(error: &Error) -> String {
    match error {
        Error::Busy(_) => "busy".into(),
        Error::LeaseExpired { .. } => "lease expired".into(),
        Error::LeaseRevoked { .. } => "lease revoked".into(),
        Error::CommitUnknown { .. } => "commit unknown".into(),
        Error::Connect(error) => format!("connect: {}", cause(error)),
        Error::Database(error) => cause(error),
        other => other.to_string(),
    }
}

fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.code().unwrap_or_default().into_owned(),
        sqlx::Error::Io(error) if error.to_string().contains("lookup") => "no such host".into(),
        sqlx::Error::Io(_) => "i/o".into(),
        other => other.to_string(),
    }
}

/// Whether a fault outside of the code under test can have this consequence.
fn is_of_a_fault(error: &Error) -> bool {
    let (Error::Database(error) | Error::Connect(error)) = error else {
        return !matches!(error, Error::TransactionAborted { .. } | Error::Closed);
    };
    match error {
        sqlx::Error::Io(_) => true,
        // No resources, an administrator's doing, no access, no connection.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["53", "57P", "28", "08"].iter().any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}

/// Whether all connections of a pool can be in leases at once. `connection` is to the same database, and not
/// of the pool.
///
/// # Panics
/// Where the lock that the leases wait for cannot be had.
pub async fn all_at_once(
    db: &Db<Postgres>,
    connections: usize,
    connection: &mut PgConnection,
) -> bool {
    let lock = sqlx::raw_sql("SELECT pg_advisory_lock(1)");
    lock.execute(&mut *connection).await.expect("a lock");
    let mut holders: JoinSet<_> = (0..connections)
        .map(|_| {
            let mut db = db.session();
            async move { handlers::hold(&mut db).await.is_ok() }
        })
        .collect();
    let mut ended = Vec::new();
    wait::until("the connections, or why not", async || {
        ended.extend(holders.try_join_next());
        let held = db.leases().iter().filter(|holder| holder.in_query).count();
        !ended.is_empty() || held == connections
    })
    .await;
    let unlock = sqlx::raw_sql("SELECT pg_advisory_unlock(1)");
    unlock.execute(connection).await.expect("the lock is ours");
    holders.join_all().await.iter().all(|held| *held) && ended.is_empty()
}
