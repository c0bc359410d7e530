use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;

use self::mode::Mode;
use crate::log::Log;
use crate::raw::Raw;
use crate::{Backend, DbCall, Error, Tx};

mod executor;
pub(crate) mod leased;
pub(crate) mod mode;
#[cfg(feature = "test")]
mod test_transaction;
mod tracked;
pub(crate) mod transaction;
mod unchecked;
mod verb;

/// The connection a lease body sees.
///
/// It is lent: the body can neither keep it, return it, send it nor spawn with it. `sqlx`'s verbs
/// take it as they take any connection.
pub struct Conn<DB: Backend> {
    pub(crate) raw: Raw<DB>,
    /// Behind a pooler, known once a transaction has begun.
    pub(crate) peer: Option<DB::Peer>,
    pub(crate) log: Arc<Log>,
    pub(crate) mode: Mode,
    /// Open transactions and savepoints on it.
    pub(crate) depth: u32,
}

/// What only a [`Tx`](crate::Tx) is.
#[diagnostic::on_unimplemented(
    message = "this savepoint is set outside of a transaction, so there is nothing it could undo a part of",
    label = "this lease is no transaction",
    note = "open one: `session.transaction(async |tx| ..)`, and in a `#[leased]` function take `&mut Tx<_>`"
)]
pub trait InTransaction {}

impl<DB: Backend> Conn<DB> {
    /// What `savepoint` becomes where there is no transaction.
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

impl<DB: Backend> fmt::Debug for Conn<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conn")
            .field("database", &DB::NAME)
            .field("lease", &self.log.site)
            .field("depth", &self.depth)
            .finish_non_exhaustive()
    }
}
