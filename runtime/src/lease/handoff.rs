//! The way of a connection from its lease to the body, and back.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use crate::conn::leased::Leased;
use crate::{Backend, Conn};

/// Holds the connection while neither the lease nor the body has it.
// Shared and not borrowed: if the connection escapes from a body, rustc then refuses that once, for
// the connection, and not a second time for what lent it.
pub(crate) struct Handoff<DB: Backend>(Arc<Mutex<Option<Conn<DB>>>>);

impl<DB: Backend> Handoff<DB> {
    pub(super) fn new() -> Self {
        Handoff(Arc::default())
    }

    pub(super) fn share(&self) -> Self {
        Handoff(Arc::clone(&self.0))
    }

    pub(super) fn take(&self) -> Option<Conn<DB>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn put(&self, conn: Option<Conn<DB>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = conn;
    }

    /// Lends the connection to a body.
    pub(crate) fn lend<C: Leased<DB>>(&self) -> BorrowedConn<DB, C> {
        BorrowedConn { leased: self.take().map(C::over), handoff: self.share() }
    }
}

/// The connection while the body has it: a [`Conn`], or in a transaction a [`Tx`](crate::Tx).
pub struct BorrowedConn<DB: Backend, C: Leased<DB>> {
    handoff: Handoff<DB>,
    leased: Option<C>,
}

impl<DB: Backend, C: Leased<DB>> Deref for BorrowedConn<DB, C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.leased.as_ref().expect(BORROWED)
    }
}

impl<DB: Backend, C: Leased<DB>> DerefMut for BorrowedConn<DB, C> {
    fn deref_mut(&mut self) -> &mut C {
        self.leased.as_mut().expect(BORROWED)
    }
}

impl<DB: Backend, C: Leased<DB>> Drop for BorrowedConn<DB, C> {
    fn drop(&mut self) {
        self.handoff.put(self.leased.take().map(C::into_conn));
    }
}

const BORROWED: &str = "the body has the connection until it ends";

opaque_debug!([DB: Backend, C: Leased<DB>] BorrowedConn<DB, C>, "BorrowedConn");
