//! The methods of a session, on a [`Db`]: code that forgot to open one gets an error that says so.

use std::future::Ready;

use crate::handler::LeaseError;
use crate::lease::pending::PendingLease;
use crate::{Backend, Conn, Db, Error, Statement, Tx, TxOptions};

/// Implemented by nothing. Gives `db.lease(..)` and `db.fetch_one(..)` on a `Db` a readable error.
#[diagnostic::on_unimplemented(
    message = "a lease is opened by a session, and this is the database that all requests share",
    label = "this is not a session",
    note = "open one for the request: `let mut session = db.session();`, or take `&mut Session<_>`"
)]
pub trait OneRequest {}

#[doc(hidden)]
impl<DB: Backend> Db<DB> {
    pub fn lease_in_handler<E: LeaseError>(&self) -> PendingLease<'_, DB, Conn<DB>, E>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn snapshot_in_handler<E: LeaseError>(&self) -> PendingLease<'_, DB, Conn<DB>, E>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn transaction_in_handler<E: LeaseError>(&self) -> PendingLease<'_, DB, Tx<DB>, E>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn transaction_with_in_handler<E: LeaseError>(
        &self,
        _: TxOptions,
    ) -> PendingLease<'_, DB, Tx<DB>, E>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn lease<F: AsyncFnOnce(&mut Conn<DB>) -> Result<T, B>, T, B, E>(
        &self,
        _: F,
    ) -> Ready<Result<T, E>>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn transaction<F: AsyncFnOnce(&mut Tx<DB>) -> Result<T, B>, T, B, E>(
        &self,
        _: F,
    ) -> Ready<Result<T, E>>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn transaction_with<F: AsyncFnMut(&mut Tx<DB>) -> Result<T, B>, T, B, E>(
        &self,
        _: TxOptions,
        _: F,
    ) -> Ready<Result<T, E>>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn snapshot<F: AsyncFnOnce(&mut Conn<DB>) -> Result<T, B>, T, B, E>(
        &self,
        _: F,
    ) -> Ready<Result<T, E>>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn execute<S: Statement<DB, T>, T: Send>(
        &self,
        _: S,
    ) -> Ready<Result<DB::QueryResult, Error>>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn fetch_all<S: Statement<DB, T>, T: Send>(&self, _: S) -> Ready<Result<Vec<T>, Error>>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn fetch_one<S: Statement<DB, T>, T: Send>(&self, _: S) -> Ready<Result<T, Error>>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    pub fn fetch_optional<S: Statement<DB, T>, T: Send>(
        &self,
        _: S,
    ) -> Ready<Result<Option<T>, Error>>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }
}
