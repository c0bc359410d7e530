use std::fmt;
use std::sync::Arc;

use crate::Backend;
use crate::backend::raw_conn::RawConn;
use crate::lease_state::LeaseState;
use crate::mode::Mode;

pub(crate) mod either;
mod executor;
pub(crate) mod leased;
pub(crate) mod statement;
pub(crate) mod transaction;
mod unchecked;
mod unlogged;

/// The connection that the body of a lease sees.
///
/// `sqlx`'s verbs take it as they take any connection: `query.fetch_one(conn)`. The body only borrows it, so it cannot keep it,
/// return it or move it to another task.
pub struct Conn<DB: Backend> {
    pub(crate) raw: RawConn<DB>,
    /// Behind a pooler, and over a pool of sqlx on PostgreSQL, known once a transaction has begun.
    pub(crate) cancel_token: Option<DB::CancelToken>,
    pub(crate) lease: Arc<LeaseState>,
    pub(crate) mode: Mode,
    /// Open transactions and savepoints on it.
    pub(crate) depth: u32,
    /// Its transaction is read-only.
    pub(crate) read_only: bool,
}

impl<DB: Backend> Conn<DB> {
    /// Returns `true` if a statement was refused as a write, and its session once took writes.
    pub(crate) fn may_be_demoted(&self) -> bool {
        let took_writes = self.cancel_token.as_ref().is_none_or(DB::takes_writes);
        self.lease.read_only() && !self.read_only && took_writes
    }
}

/// Gives the connection like `sqlx`'s own: `query.execute(conn.as_mut())`.
impl<DB: Backend> AsMut<Conn<DB>> for Conn<DB> {
    fn as_mut(&mut self) -> &mut Conn<DB> {
        self
    }
}

impl<DB: Backend> fmt::Debug for Conn<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conn")
            .field("database", &DB::NAME)
            .field("lease", &self.lease.site)
            .field("depth", &self.depth)
            .finish_non_exhaustive()
    }
}
