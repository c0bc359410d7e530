use std::future::pending;

use crate::lease_state::Failure;
use crate::{Backend, Conn, DbCall};

impl<DB: Backend> Conn<DB> {
    /// Lends the `sqlx` connection to code that the attributes cannot see into: `COPY`, or a function of another crate that
    /// takes `&mut PgConnection` or `impl PgExecutor<'_>`. `reason` says what for; `cargo shortlease` lists it.
    ///
    /// **Nothing checks what the body awaits.** Whatever it waits for, the connection waits too, up to `max_lease`.
    ///
    /// On the connection itself, `sqlx` does not give way. While the body's `execute` or `fetch_one` reads rows that come
    /// faster than they are read, or the next statement the rest of a stream that the body has dropped, its thread does
    /// nothing else, and neither `max_lease` nor a timeout ends it: the server's `statement_timeout` does.
    ///
    /// Afterwards the connection does not count as clean. It is reset in the background before the next lease: on PostgreSQL
    /// that is two round trips as a rule, and its prepared statements are gone, so each is prepared again at its next use. On
    /// SQLite and MySQL, and over a [pool of `sqlx`](crate::Db::builder_from_pool), it is closed, and the next lease waits
    /// for a connect. Each lease that uses this counts in the metric `shortlease.unchecked`.
    ///
    /// In a transaction the body must leave the transaction alone, because `sqlx`'s own `begin` does not know of it. On MySQL a
    /// change of the schema ends the transaction too.
    ///
    /// If an earlier statement has ended the transaction, or was dropped where the connection cannot be read on, the body does
    /// not run. The lease ends there, with the error that a statement would have got.
    ///
    /// Behind a [`pooler`](crate::Builder::pooler) every lease is a transaction, and its session goes to another client next.
    /// With [`Pooler::Transaction`](crate::Pooler::Transaction), statements that the body has named are gone by then. Settings
    /// that it has made for the session are not.
    ///
    /// # Panics
    ///
    /// If `reason` is empty. A panic in the body passes through; the connection is recovered or closed.
    ///
    /// # Cancel safety
    ///
    /// Dropped at any point, the connection counts as in the middle of something, and is recovered
    /// or closed.
    pub fn unchecked<'c, F, T>(
        &'c mut self,
        reason: &'static str,
        body: F,
    ) -> DbCall<impl Future<Output = T> + use<'c, DB, F, T>>
    where
        F: AsyncFnOnce(&mut DB::Connection) -> T,
    {
        let is_named = !reason.trim().is_empty();
        assert!(is_named, "`unchecked` needs a reason, because it is listed by it; say what for");
        DbCall::new(async move {
            // Its error is about a statement that was dropped. A connection that is broken says so again.
            let _ = self.read_dropped().await;
            let Conn { raw, lease, mode, depth, .. } = self;
            tracing::trace!(site = %lease.site, reason, "connection lent to unchecked code");
            if lease.check_statement::<DB>().is_err() || raw.is_away() {
                lease.refuse_unchecked();
                // The lease drops its body.
                return pending().await;
            }
            let raw: &mut DB::Connection = raw;
            lease.use_unchecked();
            if DB::MAY_COMMIT.is_some() && *depth > 0 {
                lease.record_implicit_commit();
            }
            lease.start_statement();
            // Dropped in here, it stays in flight.
            let done = body(&mut *raw).await;
            let ended = mode.end_unchecked::<DB>(*depth, raw).await;
            lease.finish_statement(ended.as_ref().err().and_then(Failure::of::<DB>));
            done
        })
    }
}
