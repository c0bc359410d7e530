use std::fmt;
use std::future::{Ready, ready};
use std::ops::{Deref, DerefMut};

use sqlx::Executor;

use crate::__private::Checked;
use crate::session::InHandler;
use crate::{Backend, Conn, DbCall, Error};

/// The connection a transaction's body sees: a [`Conn`] with a transaction open on it.
pub struct Tx<DB: Backend> {
    conn: Conn<DB>,
}

impl<DB: Backend> Tx<DB> {
    pub(crate) fn over(conn: Conn<DB>) -> Self {
        Tx { conn }
    }

    pub(crate) fn into_conn(self) -> Conn<DB> {
        self.conn
    }

    /// Runs a part of the transaction that can be undone alone: released where the body returns
    /// `Ok`, rolled back where it returns `Err`, with the rest of the transaction untouched.
    /// Savepoints nest.
    ///
    /// # Errors
    ///
    /// The body's own, and [`Error`] where the savepoint itself fails.
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

    #[doc(hidden)]
    pub fn savepoint_in_lease<E, T, F>(
        &mut self,
        _: Checked,
        body: F,
    ) -> DbCall<impl Future<Output = Result<T, E>> + use<'_, DB, E, T, F>>
    where
        F: AsyncFnOnce(&mut Tx<DB>) -> Result<T, E>,
        E: From<Error>,
    {
        DbCall::new(async move { self.nest(body).await })
    }

    /// Opens a level, runs the body in it, and closes it one way or the other.
    pub(crate) async fn nest<T, E: From<Error>>(
        &mut self,
        body: impl AsyncFnOnce(&mut Tx<DB>) -> Result<T, E>,
    ) -> Result<T, E> {
        let level = Level::<DB>::below(self.depth);
        // Counted before it is sent: dropped on the way, it may have been opened.
        self.depth += 1;
        level.run(self, &level.open()).await?;
        self.log.take_failed();
        match body(self).await {
            Ok(_) if DB::FAILURE_ENDS_TRANSACTION && self.log.take_failed() => {
                level.undo(self).await?;
                Err(Error::TransactionAborted { site: self.log.site }.into())
            }
            Ok(value) => match level.keep(self).await {
                Ok(()) => Ok(value),
                Err(error) => Err(error.into()),
            },
            Err(error) => {
                // The body's error is the one to report; what cannot be undone here is left dirty,
                // and the connection is recovered.
                if let Err(error) = level.undo(self).await {
                    tracing::warn!(%error, site = %self.log.site, "rollback failed");
                }
                Err(error)
            }
        }
    }
}

/// One level of nesting: the transaction itself, or a savepoint in it.
struct Level<DB> {
    savepoint: Option<u32>,
    database: std::marker::PhantomData<DB>,
}

impl<DB: Backend> Level<DB> {
    fn below(depth: u32) -> Self {
        let savepoint = (depth > 0).then_some(depth);
        Level { savepoint, database: std::marker::PhantomData }
    }

    fn open(&self) -> String {
        match self.savepoint {
            None => DB::BEGIN.into(),
            Some(nth) => format!("SAVEPOINT shortlease_{nth}"),
        }
    }

    async fn keep(&self, tx: &mut Tx<DB>) -> Result<(), Error> {
        let sql = match self.savepoint {
            None => "COMMIT".into(),
            Some(nth) => format!("RELEASE SAVEPOINT shortlease_{nth}"),
        };
        match self.run(tx, &sql).await {
            Ok(()) => {
                tx.depth -= 1;
                Ok(())
            }
            Err(Error::Database(source)) if self.savepoint.is_none() && tx.log.broken() => {
                Err(Error::CommitUnknown { site: tx.log.site, source })
            }
            Err(error) => {
                self.undo(tx).await?;
                Err(error)
            }
        }
    }

    async fn undo(&self, tx: &mut Tx<DB>) -> Result<(), Error> {
        let sql = match self.savepoint {
            None => "ROLLBACK".into(),
            Some(nth) => format!("ROLLBACK TO SAVEPOINT shortlease_{nth}"),
        };
        self.run(tx, &sql).await?;
        if let Some(nth) = self.savepoint {
            self.run(tx, &format!("RELEASE SAVEPOINT shortlease_{nth}")).await?;
        }
        tx.log.take_failed();
        tx.depth -= 1;
        Ok(())
    }

    async fn run(&self, tx: &mut Tx<DB>, sql: &str) -> Result<(), Error> {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
        (&mut **tx).execute(sql).await?;
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

impl<DB: Backend> fmt::Debug for Tx<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tx").field(&self.conn).finish()
    }
}
