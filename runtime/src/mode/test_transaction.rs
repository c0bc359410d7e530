//! The test transaction: all leases on one connection, in one transaction that is never committed. A
//! savepoint stands for each commit.
//!
//! Each savepoint is set upon the last, and none is released: to release one would leave a moment
//! without any, in which a failed or cancelled statement takes all with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::FutureExt;
use sqlx::{Connection, Executor};

use super::unnamed::Sent;
use super::verb::{Answer, Verb};
use crate::backend::driver::TxStart;
use crate::settings::Settings;
use crate::{Backend, Error};

#[derive(Clone, Debug)]
pub(crate) struct TestTransaction {
    /// Set once the transaction was begun: there is no second connection, as what the first has done
    /// would be missing on it.
    begun: Arc<AtomicBool>,
}

impl TestTransaction {
    /// The message in place of ROLLBACK, back to the last [`SET_SAVEPOINT`](crate::backend::driver::Driver::SET_SAVEPOINT).
    pub(crate) const TO_SAVEPOINT: &str = "ROLLBACK TO SAVEPOINT shortlease";

    /// The time that an answer has to arrive. To cancel its statement can cost a whole test: SQLite
    /// ends the transaction of a write that is cancelled.
    pub(crate) const CANCEL_AFTER: Duration = Duration::from_secs(1);

    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        if settings.pooler.is_some() {
            return Err(Error::setting(
                "test_transaction",
                "needs a connection that is a session of its own, which behind a `pooler` it is not; \
                 connect to the server itself",
            ));
        }
        Ok(TestTransaction { begun: Arc::default() })
    }

    pub(crate) fn refuse_dedicated() -> Error {
        refuse("which a dedicated connection would not see; give the test a database of its own")
    }

    /// Refuses what cannot be set for a part of a transaction.
    pub(crate) fn check_start(&self, start: &TxStart<'_>) -> Result<(), Error> {
        if start.tenant.is_some() {
            return Err(refuse(
                "which has one search path; give the test of a tenant a database of its own",
            ));
        }
        if !start.settings.is_empty() {
            return Err(refuse(
                "whose settings would reach later leases; give the test of settings a database of \
                 its own",
            ));
        }
        Ok(())
    }

    pub(crate) fn check_first(&self) -> Result<(), Error> {
        match self.begun.load(Ordering::Acquire) {
            false => Ok(()),
            true => Err(refuse(
                "which was lost with its connection, as a lease was revoked or could not be \
                 recovered; make a new `Db`",
            )),
        }
    }

    /// Begins the transaction that is never committed.
    pub(crate) async fn begin<DB: Backend>(
        &self,
        connector: &DB::Connector,
        raw: &mut DB::Connection,
    ) -> Result<(), Error> {
        let begin = DB::begin(connector, &TxStart::default())?.sql;
        // `sqlx` is to know of it, so that `begin` in unchecked code or a migration becomes a
        // savepoint, and not to end it.
        std::mem::forget(raw.begin_with(begin).await.map_err(Error::Connect)?);
        DB::executor(raw).execute(DB::SET_SAVEPOINT).await.map_err(Error::Connect)?;
        self.begun.store(true, Ordering::Release);
        Ok(())
    }

    /// Goes back to the last savepoint.
    pub(crate) async fn undo<DB: Backend>(raw: &mut DB::Connection) -> Result<(), sqlx::Error> {
        DB::executor(raw).execute(Self::TO_SAVEPOINT).await.map(drop)
    }

    /// Sends a statement that would be a transaction by itself. All that it answers is read before
    /// the first row is handed on, because the savepoint comes after it.
    pub(crate) fn send<'r, DB, V>(
        raw: &'r mut DB::Connection,
        sent: Sent<'r>,
        verb: V,
    ) -> V::Answer<'r>
    where
        DB: Backend,
        V: Verb<DB> + 'r,
    {
        let whole = async move {
            let whole = verb.send(&mut *raw, true, sent).whole().await;
            Self::finish_statement::<DB, _>(raw, whole).await
        };
        V::Answer::replay(whole.boxed())
    }

    /// Ends what would have been a transaction by itself.
    pub(crate) async fn finish_statement<DB: Backend, T>(
        raw: &mut DB::Connection,
        outcome: Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let outcome = match outcome {
            Ok(value) => DB::executor(&mut *raw).execute(DB::SET_SAVEPOINT).await.map(|_| value),
            failed => failed,
        };
        match outcome {
            Ok(value) => Ok(value),
            Err(error) => match Self::undo::<DB>(raw).await {
                Ok(()) => Err(error),
                // What came next would be committed: the connection must go.
                Err(lost) => Err(sqlx::Error::Protocol(format!(
                    "{error}; it ended the transaction that is rolled back at the end: {lost}"
                ))),
            },
        }
    }
}

/// Refuses what cannot be part of one transaction.
fn refuse(reason: &str) -> Error {
    Error::setting("test_transaction", format!("keeps all leases in one transaction, {reason}"))
}
