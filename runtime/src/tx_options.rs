/// The settings of one transaction, for [`Session::transaction_with`](crate::Session::transaction_with).
///
/// ```
/// use shortlease::{Error, Isolation, Session, Sqlite, TxOptions, handler};
///
/// #[handler]
/// async fn transfer(db: &mut Session<Sqlite>, from: i64, to: i64, amount: i64) -> Result<(), Error> {
///     let options = TxOptions::new().isolation(Isolation::Serializable).retries(5);
///     db.transaction_with(options, async |tx| {
///         let add = "UPDATE accounts SET balance = balance + $1 WHERE id = $2";
///         sqlx::query(add).bind(-amount).bind(from).execute(&mut *tx).await?;
///         sqlx::query(add).bind(amount).bind(to).execute(tx).await?;
///         Ok(())
///     })
///     .await
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "options do nothing until they are given to `transaction_with`"]
pub struct TxOptions {
    pub(crate) isolation: Option<Isolation>,
    pub(crate) read_only: bool,
    pub(crate) retries: u32,
}

impl TxOptions {
    /// The options of [`Session::transaction`](crate::Session::transaction): the database's isolation,
    /// reads and writes, one attempt.
    pub const fn new() -> Self {
        TxOptions { isolation: None, read_only: false, retries: 0 }
    }

    /// Sets the isolation. Default: that of the database, which for PostgreSQL is the setting
    /// `default_transaction_isolation`. SQLite has only one, which is serializable.
    pub const fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Makes the transaction read-only: a statement that writes fails. If its connection breaks during COMMIT, it ends in
    /// [`Error::Database`](crate::Error::Database), because there is nothing whose outcome could be unknown. On SQLite it
    /// needs no turn to write, so it waits for no other transaction.
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Runs the body again, at most this often, if the database asks for it. Default 0.
    ///
    /// | database | errors |
    /// | --- | --- |
    /// | PostgreSQL | serialization failure (`40001`), deadlock (`40P01`) |
    /// | SQLite | `SQLITE_BUSY_SNAPSHOT` |
    /// | MySQL, MariaDB | deadlock (1213), lock wait timeout (1205), `NOWAIT` (3572), a record that has changed since the snapshot (1020), no room for locks (1206), a conflict in group replication (3101) |
    ///
    /// Each attempt is a lease of its own, with its own `max_lease`. Between two attempts nothing is
    /// held, and there is a pause that grows from 1 ms to 100 ms, with jitter. No attempt begins later
    /// than `max_lease` after the first one did; the last error is then the outcome.
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }
}

/// The isolation of a transaction, from other transactions at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isolation {
    /// Each statement sees what was committed before it began. PostgreSQL's default.
    ReadCommitted,
    /// All statements see what was committed before the first one began. MySQL's default.
    RepeatableRead,
    /// The outcome is that of some order of the transactions, one after the other. On PostgreSQL a
    /// transaction may then fail with `40001`, and should have [retries](TxOptions::retries).
    Serializable,
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
impl Isolation {
    /// Returns the level as SQL spells it.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Isolation::ReadCommitted => "READ COMMITTED",
            Isolation::RepeatableRead => "REPEATABLE READ",
            Isolation::Serializable => "SERIALIZABLE",
        }
    }
}
