use std::fmt;
use std::sync::Arc;

use crate::Backend;
use crate::log::Log;
use crate::raw::Raw;

/// The connection a lease body sees.
///
/// It is lent: the body can neither keep it, return it, send it nor spawn with it. `sqlx`'s verbs
/// take it as they take any connection.
pub struct Conn<DB: Backend> {
    pub(crate) raw: Raw<DB>,
    /// Behind a pooler, known once a transaction has begun.
    pub(crate) peer: Option<DB::Peer>,
    pub(crate) log: Arc<Log>,
    /// Behind a pooler: the next transaction may meet another session, without its statements.
    pub(crate) unnamed: bool,
    /// In a transaction that is never committed, which `depth` does not count.
    pub(crate) rehearsed: bool,
    /// Open transactions and savepoints on it.
    pub(crate) depth: u32,
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
