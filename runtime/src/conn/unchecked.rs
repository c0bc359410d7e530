use crate::lease::state::Failure;
use crate::{Backend, Conn, DbCall};

impl<DB: Backend> Conn<DB> {
    /// Lends the `sqlx` connection to code that the attributes cannot see into: a crate that takes
    /// `&mut PgConnection`, `COPY`. `reason` says what for; `cargo shortlease` lists it.
    ///
    /// **Nothing checks what the body awaits.** Whatever it waits for, the connection waits too, up
    /// to `max_lease`. When it is done, the connection is reset in the background before it is lent
    /// again, so it costs a little more than other leases; SQLite and MySQL have no reset, so there it is closed.
    /// In a transaction the body must leave the transaction alone: `sqlx`'s own `begin` does not know
    /// of it.
    ///
    /// Behind a [`pooler`](crate::Builder::pooler) every lease is a transaction, and its session is
    /// somebody else's next. Statements that the body has named are gone by then; what else it has
    /// set for the session, and not for the transaction, is not.
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
            let Conn { raw, lease, mode, depth, .. } = self;
            let raw: &mut DB::Connection = raw;
            tracing::trace!(site = %lease.site, reason, "connection lent to unchecked code");
            lease.use_unchecked();
            lease.start_statement();
            // Dropped in here, it stays in flight.
            let done = body(&mut *raw).await;
            let ended = mode.end_unchecked::<DB>(*depth, raw).await;
            lease.finish_statement(ended.as_ref().err().and_then(Failure::of::<DB>));
            done
        })
    }
}
