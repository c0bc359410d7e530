use std::fmt;
use std::future::{Ready, ready};
use std::ops::{Deref, DerefMut};

use futures_util::future::{BoxFuture, FutureExt, TryFutureExt};
use futures_util::stream::TryStreamExt;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::leased::Leased;
use super::unlogged::Unlogged;
use crate::backend::driver::{Begin, ErrorClass};
use crate::error::ForeignTransaction;
use crate::handler::InHandler;
use crate::mode::tracked::Tracked;
use crate::mode::verb::FetchMany;
use crate::{Backend, Conn, DbCall, Error};

/// The connection a transaction's body sees: a [`Conn`] with a transaction open on it.
pub struct Tx<DB: Backend> {
    conn: Conn<DB>,
}

impl<DB: Backend> Leased<DB> for Tx<DB> {
    fn over(conn: Conn<DB>) -> Self {
        Tx { conn }
    }

    fn into_conn(self) -> Conn<DB> {
        self.conn
    }
}

impl<DB: Backend> Tx<DB> {
    /// Runs a part of the transaction that can be undone alone: released if the body returns
    /// `Ok`, rolled back if it returns `Err`, with the rest of the transaction untouched.
    /// Savepoints nest.
    ///
    /// ```
    /// # use shortlease::{Session, Sqlite, handler};
    /// #[handler]
    /// async fn import(db: &mut Session<Sqlite>, lines: Vec<String>) -> Result<usize, shortlease::Error> {
    ///     db.transaction(async |tx| {
    ///         let mut skipped = 0;
    ///         for line in lines {
    ///             let added = tx
    ///                 .savepoint(async |tx| {
    ///                     let line = sqlx::query("INSERT INTO lines (text) VALUES ($1)").bind(line);
    ///                     line.execute(tx).await
    ///                 })
    ///                 .await;
    ///             skipped += usize::from(added.is_err());
    ///         }
    ///         Ok(skipped)
    ///     })
    ///     .await
    /// }
    /// ```
    ///
    /// If its body fails and leaves a statement running, as after a timeout, the savepoint waits for that statement. A
    /// transaction does not: the statement is cancelled.
    ///
    /// # Errors
    ///
    /// The body's own; [`Error::TransactionAborted`] if it returns `Ok` although a statement had
    /// failed and ended it; [`Error::TransactionEnded`] if it returns `Ok` although a statement had committed the whole
    /// transaction; [`Error::Database`] if the savepoint itself fails.
    ///
    /// # Panics
    ///
    /// A panic in the body passes through; the transaction is rolled back.
    ///
    /// # Cancel safety
    ///
    /// Dropped at any point, the savepoint and the transaction around it are rolled back.
    pub fn savepoint<F, T, E>(&mut self, body: F) -> Ready<Result<T, E>>
    where
        F: AsyncFnOnce(&mut Tx<DB>) -> Result<T, E> + InHandler,
        E: From<Error>,
    {
        let _ = body;
        ready(Err(Error::Closed.into()))
    }

    /// Rolls the transaction back at its end, although its body returns `Ok`, and gives the value back: for
    /// a dry run that reports what it would have done. In a savepoint, it rolls back that savepoint.
    ///
    /// ```
    /// use shortlease::{Error, Session, Sqlite, handler};
    ///
    /// #[handler]
    /// async fn purge(db: &mut Session<Sqlite>, dry_run: bool) -> Result<u64, Error> {
    ///     db.transaction(async |tx| {
    ///         let deleted = sqlx::query("DELETE FROM calls").execute(&mut *tx).await?.rows_affected();
    ///         Ok(if dry_run { tx.rollback_with(deleted) } else { deleted })
    ///     })
    ///     .await
    /// }
    /// ```
    pub fn rollback_with<T>(&mut self, value: T) -> T {
        self.lease.roll_back();
        value
    }

    /// Sets a savepoint: [`savepoint`](Tx::savepoint) in a transaction's body.
    #[doc(hidden)]
    pub fn savepoint_in_lease<E, T, F>(
        &mut self,
        body: F,
    ) -> DbCall<impl Future<Output = Result<T, E>> + use<'_, DB, E, T, F>>
    where
        F: AsyncFnOnce(&mut Tx<DB>) -> Result<T, E>,
        E: From<Error>,
    {
        DbCall::new(async move {
            let nth = self.depth;
            // Counted before it is sent: dropped on the way, it may have been opened.
            self.depth += 1;
            self.send_sql(savepoint("SAVEPOINT", nth)).await?;
            self.lease.take_failed();
            // What was asked for before is about the level around it.
            let roll_back_around = self.lease.take_roll_back();
            let outcome = body(self).await;
            let closed = self.close_level(Level::Savepoint(nth), outcome.is_ok()).await;
            if roll_back_around {
                self.lease.roll_back();
            }
            let value = outcome?;
            closed?;
            Ok(value)
        })
    }
}

/// Implemented by nothing. Gives `tx.commit()` a readable error.
#[diagnostic::on_unimplemented(
    message = "a transaction is not ended by hand",
    label = "it is committed if its body returns `Ok`, and rolled back if that returns `Err`",
    note = "a body that returns a value and changes nothing: `Ok(tx.rollback_with(value))`"
)]
pub trait EndedByHand {}

#[doc(hidden)]
impl<DB: Backend> Tx<DB> {
    pub fn commit(&mut self) -> DbCall<Ready<sqlx::Result<()>>>
    where
        Self: EndedByHand,
    {
        unreachable!("no transaction is ended by hand")
    }

    pub fn rollback(&mut self) -> DbCall<Ready<sqlx::Result<()>>>
    where
        Self: EndedByHand,
    {
        unreachable!("no transaction is ended by hand")
    }
}

/// Implemented by nothing. Gives a savepoint outside of a transaction a readable error.
#[diagnostic::on_unimplemented(
    message = "this savepoint is set outside of a transaction, so there is nothing it could undo a part of",
    label = "this lease is no transaction",
    note = "open one: `session.transaction(async |tx| ..)`, and in a `#[leased]` function take `&mut Tx<_>`"
)]
pub trait InTransaction {}

impl<DB: Backend> Conn<DB> {
    /// Stands in for `savepoint` on a connection that is not in a transaction.
    #[doc(hidden)]
    pub fn savepoint_in_lease<E, T, F>(&mut self, body: F) -> DbCall<Ready<Result<T, E>>>
    where
        Self: InTransaction,
        F: AsyncFnOnce(&mut Tx<DB>) -> Result<T, E>,
        E: From<Error>,
    {
        let _ = body;
        DbCall::new(ready(Err(Error::Closed.into())))
    }
}

/// The transaction of a lease, which its body may know as a [`Tx`] or not at all.
impl<DB: Backend> Conn<DB> {
    /// Opens the transaction. Returns `true` if the answer came with a cancel token.
    pub(crate) async fn begin_transaction(&mut self, begin: Begin) -> Result<bool, Error> {
        self.depth += 1;
        let answer = self.run_verb(FetchMany::new(sqlx::raw_sql(begin.sql)));
        let answer = answer.try_filter_map(|row| ready(Ok(row.right()))).try_collect().boxed();
        let answer: Result<Vec<DB::Row>, _> = match begin.has_values {
            true => Unlogged::new(answer).await,
            false => answer.await,
        };
        let foreign = match &answer {
            Ok(rows) => rows.iter().any(DB::was_in_transaction),
            Err(sqlx::Error::Database(error)) => DB::is_in_failed_transaction(&**error),
            Err(_) => false,
        };
        if foreign {
            self.lease.break_connection();
            return Err(Error::Database(ForeignTransaction::error()));
        }
        let answer = answer.map_err(Error::Database)?;
        let token = answer.iter().find_map(DB::cancel_token_of_transaction);
        self.lease.begin();
        let Some(token) = token else { return Ok(false) };
        self.cancel_token = Some(token);
        Ok(true)
    }

    /// Enters a transaction that is open already.
    pub(crate) fn enter_transaction(&mut self) {
        self.depth += 1;
        self.lease.begin();
    }

    /// COMMIT, or ROLLBACK where the body failed.
    pub(crate) fn end_transaction(&mut self, succeeded: bool) -> BoxFuture<'_, Result<(), Error>> {
        self.close_level(Level::Transaction, succeeded)
    }

    fn send_sql(&mut self, sql: SqlStr) -> BoxFuture<'_, Result<(), Error>> {
        let answers = self.run_verb(FetchMany::new(sqlx::raw_sql(sql)));
        answers.try_for_each(|_| ready(Ok(()))).map_err(Error::Database).boxed()
    }

    /// Waits for the end of an answer that was an error: the server tells of a COMMIT that it refuses before it has rolled
    /// back.
    async fn settle(&mut self) {
        let Conn { raw, lease, .. } = self;
        let (met, raw): (_, &mut DB::Connection) = (lease.met(), raw);
        // A connection that fails is closed, and there is another error to report.
        let _ = Tracked::<DB, _>::new(lease, DB::drain(raw)).await;
        lease.restore(met);
    }

    /// Asks, once the transaction has ended, if its session takes writes although a statement was refused as one: then the
    /// transaction had made itself read-only.
    pub(crate) async fn check_refused_write(&mut self) {
        if self.depth > 0 || self.lease.broken() || !self.may_be_demoted() {
            return;
        }
        let Conn { raw, lease, .. } = self;
        let asked = Tracked::<DB, _>::new(lease, DB::takes_writes_now(raw)).await;
        if asked.is_ok_and(|takes_writes| takes_writes) {
            lease.forget_read_only();
        }
    }

    /// Returns `true` if there is a transaction that can be ended by a statement.
    fn is_open(&self) -> bool {
        let lease = &self.lease;
        let usable = !lease.broken() && !lease.torn::<DB>() && lease.revoked().is_none();
        usable && !lease.transaction_over()
    }

    /// The error of a transaction that was not undone, and of which a part may have taken effect.
    fn done_in_part(&self) -> Option<Error> {
        let may_be_done = self.lease.may_be_done();
        may_be_done.then_some(Error::TransactionEnded { site: self.lease.site })
    }

    /// Returns `true` if COMMIT would be answered with a ROLLBACK, or would have nothing to commit.
    async fn has_failed(&mut self) -> bool {
        if self.lease.transaction_over() || self.lease.torn::<DB>() {
            return true;
        }
        if DB::FAILURE_ENDS_TRANSACTION && self.lease.unchecked_used() {
            // What unchecked code has swallowed is noted now: only COMMIT would not be refused.
            let _ = self.send_sql(SqlStr::from_static("SELECT")).await;
        }
        DB::FAILURE_ENDS_TRANSACTION && self.lease.take_failed()
    }

    fn close_level(&mut self, level: Level, succeeded: bool) -> BoxFuture<'_, Result<(), Error>> {
        async move {
            // A savepoint in it was dropped half way, and is undone with it.
            let left_open = self.depth > level.depth();
            self.depth = level.depth();
            // The wish of a body that has ended, and not of the savepoint that was dropped.
            let roll_back = self.lease.take_roll_back() && !left_open;
            if succeeded && !roll_back {
                let failed = left_open || self.has_failed().await;
                if !failed && !self.lease.broken() {
                    return level.keep(self).await;
                }
                let aborted = Error::TransactionAborted { site: self.lease.site };
                if level.is_undone_here(self) {
                    level.undo(self).await.map_err(|error| self.done_in_part().unwrap_or(error))?;
                    return Err(aborted);
                }
                return Err(self.done_in_part().unwrap_or(aborted));
            }
            match level.try_to_undo(self).await {
                true => Ok(()),
                false => self.done_in_part().map_or(Ok(()), Err),
            }
        }
        .boxed()
    }
}

/// One level of nesting.
#[derive(Clone, Copy)]
enum Level {
    Transaction,
    /// The nth in its transaction.
    Savepoint(u32),
}

/// A verb of SQL about the nth savepoint of a transaction.
fn savepoint(verb: &str, nth: u32) -> SqlStr {
    AssertSqlSafe(format!("{verb} shortlease_{nth}")).into_sql_str()
}

impl Level {
    /// The depth of a transaction inside of it.
    fn depth(self) -> u32 {
        match self {
            Level::Transaction => 1,
            Level::Savepoint(nth) => nth + 1,
        }
    }

    async fn keep<DB: Backend>(self, conn: &mut Conn<DB>) -> Result<(), Error> {
        // Until that has ended, COMMIT is not sent.
        if let Err(error) = conn.read_dropped().await {
            return Err(self.not_kept(conn, Error::Database(error)).await);
        }
        // One that only reads has nothing whose outcome could be unknown.
        let commits = matches!(self, Level::Transaction) && !conn.read_only;
        conn.lease.set_committing(commits);
        let keep = match self {
            Level::Transaction => conn.mode.commit::<DB>(conn.lease.unchecked_used()),
            Level::Savepoint(nth) => savepoint("RELEASE SAVEPOINT", nth),
        };
        // The error may be about a statement that was dropped before.
        let answers_this = !conn.lease.in_flight();
        let kept = conn.send_sql(keep).await;
        // The session was ended where nothing was under way, so before COMMIT.
        let ended_idle = conn.lease.ran_into_idle_limit();
        if commits && conn.lease.broken() && !ended_idle {
            return match kept {
                Err(Error::Database(cause)) => {
                    Err(Error::CommitUnknown { site: conn.lease.site, cause })
                }
                other => other,
            };
        }
        conn.lease.set_committing(false);
        match kept {
            Ok(()) => {
                conn.depth -= 1;
                Ok(())
            }
            Err(error) => {
                if answers_this && self.ended_by(&error, conn) {
                    conn.settle().await;
                    conn.depth -= 1;
                    return Err(error);
                }
                Err(self.not_kept(conn, error).await)
            }
        }
    }

    /// Undoes it, and returns the error of what kept it from being kept.
    async fn not_kept<DB: Backend>(self, conn: &mut Conn<DB>, error: Error) -> Error {
        // Any other answer shows that it was whole until then. ROLLBACK may meet no savepoint after it.
        let (ended, site) = (conn.lease.ended_before(), conn.lease.site);
        self.try_to_undo(conn).await;
        if ended { Error::TransactionEnded { site } } else { error }
    }

    /// Returns `true` if nothing is left to be undone after COMMIT was answered with this error. Behind a pooler, the
    /// session is another's by then.
    fn ended_by<DB: Backend>(self, error: &Error, conn: &Conn<DB>) -> bool {
        let Error::Database(sqlx::Error::Database(error)) = error else { return false };
        matches!(self, Level::Transaction)
            && conn.mode.refused_commit_ends::<DB>(conn.lease.unchecked_used())
            // It may have been cancelled before it began.
            && DB::classify(&**error) != ErrorClass::Cancelled
    }

    /// Undoes it if that is possible, and returns `true` then. Otherwise it is left dirty, and the connection is recovered
    /// or closed.
    async fn try_to_undo<DB: Backend>(self, conn: &mut Conn<DB>) -> bool {
        if !self.is_undone_here(conn) {
            return false;
        }
        let undone = self.undo(conn).await;
        if let Err(error) = &undone
            && !conn.lease.ended_before()
        {
            tracing::warn!(%error, site = %conn.lease.site, "rollback failed");
        }
        undone.is_ok()
    }

    /// Returns `true` if a statement can undo it. One that still runs would keep ROLLBACK waiting, so the recovery
    /// cancels it, and undoes the transaction after the lease.
    fn is_undone_here<DB: Backend>(self, conn: &Conn<DB>) -> bool {
        let waits = conn.lease.in_flight() && conn.mode.cancels_what_is_left();
        conn.is_open() && !(matches!(self, Level::Transaction) && waits)
    }

    async fn undo<DB: Backend>(self, conn: &mut Conn<DB>) -> Result<(), Error> {
        let undo = match self {
            Level::Transaction => conn.mode.undo::<DB>(conn.lease.unchecked_used()),
            Level::Savepoint(nth) => savepoint("ROLLBACK TO SAVEPOINT", nth),
        };
        let met = conn.lease.met();
        conn.send_sql(undo).await?;
        if let Level::Savepoint(nth) = self {
            conn.send_sql(savepoint("RELEASE SAVEPOINT", nth)).await?;
        }
        conn.lease.restore(met);
        conn.lease.take_failed();
        conn.depth -= 1;
        Ok(())
    }
}

impl<DB: Backend> Deref for Tx<DB> {
    type Target = Conn<DB>;

    fn deref(&self) -> &Conn<DB> {
        &self.conn
    }
}

impl<DB: Backend> DerefMut for Tx<DB> {
    fn deref_mut(&mut self) -> &mut Conn<DB> {
        &mut self.conn
    }
}

/// Gives the connection like a transaction of `sqlx`: `query.execute(tx.as_mut())`.
impl<DB: Backend> AsMut<Conn<DB>> for Tx<DB> {
    fn as_mut(&mut self) -> &mut Conn<DB> {
        self
    }
}

impl<DB: Backend> fmt::Debug for Tx<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tx").field(&self.conn).finish()
    }
}
