//! Leases of a handle that is [rolled back](crate::Builder::test_transaction): all on one connection, in one
//! transaction that never commits. A savepoint stands for what a commit would have kept.
//!
//! Each is set upon the last, and none is released: releasing one would leave a moment without any, in
//! which a failed or cancelled statement takes all with it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::{BoxFuture, FutureExt, TryFutureExt};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::migrate::Migrator;
use sqlx::{Connection, Database, Describe, Either, Execute, Executor, SqlStr};

use crate::lease::{Lease, Wanted};
use crate::pool::Pool;
use crate::settings::Settings;
use crate::site::CallSite;
use crate::{Backend, Conn, Error};

/// In place of ROLLBACK: back to what [`KEEP`](Backend::KEEP) has kept last.
pub(crate) const UNDO: &str = "ROLLBACK TO SAVEPOINT shortlease";

/// What cannot be part of one transaction.
pub(crate) fn refuse(reason: &str) -> Error {
    Error::setting("test_transaction", format!("keeps all leases in one transaction, {reason}"))
}

pub(crate) fn refuse_dedicated(settings: &Settings) -> Result<(), Error> {
    match settings.test_transaction {
        false => Ok(()),
        true => Err(refuse(
            "which a dedicated connection would not see; give the test a database of its own",
        )),
    }
}

/// There is no second connection: what the first has done would be missing on it.
pub(crate) fn is_first<DB: Backend>(pool: &Pool<DB>) -> Result<(), Error> {
    match pool.rehearsing.load(Ordering::Acquire) {
        false => Ok(()),
        true => Err(refuse(
            "which was lost with its connection, as a lease was revoked or could not be recovered; \
             make a new `Db`",
        )),
    }
}

/// Opens the transaction that is never committed.
pub(crate) async fn begin<DB: Backend>(
    pool: &Pool<DB>,
    raw: &mut DB::Connection,
) -> Result<(), Error> {
    let begin = DB::begin(&pool.connector, None)?;
    // `sqlx` is to know of it, so that `begin` in unchecked code or a migration becomes a savepoint,
    // and not to end it.
    std::mem::forget(raw.begin_with(begin).await.map_err(Error::Connect)?);
    DB::executor(raw).execute(DB::KEEP).await.map_err(Error::Connect)?;
    pool.rehearsing.store(true, Ordering::Release);
    Ok(())
}

/// The migrations, in the transaction.
pub(crate) async fn migrate<DB: Backend>(
    pool: &Arc<Pool<DB>>,
    migrator: &Migrator,
) -> Result<(), Error> {
    let wanted = Wanted { pool, tenant: &None, site: CallSite::caller(), transaction: true };
    Lease::open(wanted).await?.migrate(migrator).await
}

/// Whether the next statement would be a transaction by itself.
pub(crate) fn is_alone<DB: Backend>(conn: &Conn<DB>) -> bool {
    conn.rehearsed && conn.depth == 0
}

/// The end of what would have been a transaction by itself.
pub(crate) async fn settle<DB: Backend, T>(
    raw: &mut DB::Connection,
    outcome: Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    let outcome = match outcome {
        Ok(value) => DB::executor(&mut *raw).execute(DB::KEEP).await.map(|_| value),
        failed => failed,
    };
    match outcome {
        Ok(value) => Ok(value),
        Err(error) => match DB::executor(raw).execute(UNDO).await {
            Ok(_) => Err(error),
            // What came next would be committed: the connection must go.
            Err(lost) => Err(sqlx::Error::Protocol(format!(
                "{error}; it ended the transaction that is rolled back at the end: {lost}"
            ))),
        },
    }
}

/// A row, or the end of a statement.
type Answer<DB> = Either<<DB as Database>::QueryResult, <DB as Database>::Row>;

/// All that a query answers, read before the first row is handed on: the savepoint comes behind it.
pub(crate) fn rows<'e, 'q: 'e, DB: Backend>(
    raw: &'e mut DB::Connection,
    query: impl Execute<'q, DB> + 'q,
) -> BoxStream<'e, Result<Answer<DB>, sqlx::Error>> {
    let rows = async move {
        let rows = DB::executor(&mut *raw).fetch_many(query).try_collect::<Vec<_>>().await;
        settle::<DB, _>(raw, rows).await
    };
    rows.map_ok(|rows| stream::iter(rows.into_iter().map(Ok))).try_flatten_stream().boxed()
}

pub(crate) fn row<'e, 'q: 'e, DB: Backend>(
    raw: &'e mut DB::Connection,
    query: impl Execute<'q, DB> + 'q,
) -> BoxFuture<'e, Result<Option<DB::Row>, sqlx::Error>> {
    async move {
        let row = DB::executor(&mut *raw).fetch_optional(query).await;
        settle::<DB, _>(raw, row).await
    }
    .boxed()
}

pub(crate) fn statement<'e, DB: Backend>(
    raw: &'e mut DB::Connection,
    sql: SqlStr,
    parameters: &'e [DB::TypeInfo],
) -> BoxFuture<'e, Result<DB::Statement, sqlx::Error>> {
    async move {
        let statement = DB::executor(&mut *raw).prepare_with(sql, parameters).await;
        settle::<DB, _>(raw, statement).await
    }
    .boxed()
}

pub(crate) fn description<DB: Backend>(
    raw: &mut DB::Connection,
    sql: SqlStr,
) -> BoxFuture<'_, Result<Describe<DB>, sqlx::Error>> {
    async move {
        let description = DB::executor(&mut *raw).describe(sql).await;
        settle::<DB, _>(raw, description).await
    }
    .boxed()
}
