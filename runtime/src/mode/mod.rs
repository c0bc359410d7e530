//! The ways in which a lease reaches a session of the server, and what follows from each. Other files
//! do not ask for the mode; they ask what to do.
//!
//! | | direct | pooler | shared pool | test transaction |
//! | --- | --- | --- | --- | --- |
//! | time limits are set | at connect | in BEGIN | in BEGIN | at connect |
//! | BEGIN | sent | sent, waits for a session | sent | not sent: it is open |
//! | COMMIT | sent | sent, after unchecked code with its names | sent | a savepoint |
//! | ROLLBACK | sent | sent, after unchecked code with its names | sent | to the savepoint |
//! | a statement outside of a transaction | by itself | there is none | there is none | ends in a savepoint |
//! | statements have names | yes | if the pooler knows them | by its pooler | yes |
//! | a clean connection | stays | stays | goes back | stays |
//! | a dirty one is replaced meanwhile | yes | yes | no | no |

use std::time::Duration;

use sqlx::SqlStr;

#[cfg(feature = "test")]
use self::test_transaction::TestTransaction;
use self::unnamed::Sent;
use self::verb::Verb;
use crate::backend::driver::{Begin, ResetScope, Sessions, TxStart};
use crate::settings::{Pooler, Settings};
use crate::{Backend, Error};

mod first_row;
pub(crate) mod parts;
#[cfg(feature = "test")]
mod test_transaction;
pub(crate) mod tracked;
mod unnamed;
pub(crate) mod verb;

/// An answer that is on its way arrives within this; to cancel its statement costs a connection.
const CANCEL_AFTER: Duration = Duration::from_millis(10);

/// Who cancels gets a session of the pooler within this, or the statement's own is the last.
const SESSION_WITHIN: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub(crate) enum Mode {
    /// The pool makes its connections, and each is a session of the server.
    Direct,
    /// The pool makes its connections, and a pooler lends a session to each transaction on them.
    Pooler(Pooler),
    /// A `sqlx::Pool` lends the connections. They may lead to a pooler.
    SharedPool(Option<Pooler>),
    /// All leases share one connection and one transaction that is never committed.
    #[cfg(feature = "test")]
    TestTransaction(TestTransaction),
}

impl Mode {
    /// The mode of a handle. `shared` says that a `sqlx::Pool` lends its connections.
    pub(crate) fn of(settings: &Settings, shared: bool) -> Result<Self, Error> {
        #[cfg(feature = "test")]
        if settings.test_transaction {
            return TestTransaction::new(settings).map(Mode::TestTransaction);
        }
        Ok(match (shared, settings.pooler) {
            (true, pooler) => Mode::SharedPool(pooler),
            (false, Some(pooler)) => Mode::Pooler(pooler),
            (false, None) => Mode::Direct,
        })
    }

    /// Sets the limits that the mode leaves no choice about.
    pub(crate) fn adapt(&self, settings: &mut Settings) {
        match self {
            Mode::Direct | Mode::Pooler(_) => {}
            Mode::SharedPool(_) => settings.leave_idle_to_others(),
            #[cfg(feature = "test")]
            Mode::TestTransaction(_) => settings.keep_one_connection(),
        }
    }

    /// Returns `true` if all leases share one transaction.
    fn is_test(&self) -> bool {
        #[cfg(feature = "test")]
        return matches!(self, Mode::TestTransaction(_));
        #[cfg(not(feature = "test"))]
        false
    }

    fn pooler(&self) -> Option<Pooler> {
        match self {
            Mode::Direct => None,
            Mode::Pooler(pooler) => Some(*pooler),
            Mode::SharedPool(pooler) => *pooler,
            #[cfg(feature = "test")]
            Mode::TestTransaction(_) => None,
        }
    }
}

/// A session: who has it, and what is set on it.
impl Mode {
    /// Returns `true` if the pool counts against the limits of the server.
    pub(crate) fn counts_sessions(&self) -> bool {
        matches!(self, Mode::Direct)
    }

    /// Returns `true` if what is set on a session would reach others, so that the time limits of a
    /// lease are set in the message that begins its transaction.
    fn shares_sessions(&self) -> bool {
        matches!(self, Mode::Pooler(_) | Mode::SharedPool(_))
    }

    /// Returns `true` if each transaction may meet another session, and waits for one to be free.
    pub(crate) fn changes_sessions(&self) -> bool {
        self.pooler().is_some()
    }

    /// Returns `true` if a session knows the names of the statements that were sent to it before.
    pub(crate) fn names_statements(&self) -> bool {
        self.pooler() != Some(Pooler::Transaction)
    }

    /// Returns the sessions that connections lead to.
    pub(crate) fn sessions(&self) -> Sessions {
        Sessions {
            are_shared: self.shares_sessions(),
            // A test may take its time between leases, and its transaction is open for as long.
            limit_idle_transactions: !self.is_test(),
        }
    }

    /// Refuses a connection that is to be a session of its own, if there is none to be had.
    pub(crate) fn check_own_session(&self) -> Result<(), Error> {
        let Some(pooler) = self.pooler() else { return Ok(()) };
        Err(Error::setting(
            "pooler",
            format!(
                "is `{pooler:?}`, where a connection is not a session of its own: LISTEN, session \
                 locks and migrations, which need one, would end on sessions of others; make a \
                 `Db` for these whose `url` is the server's own"
            ),
        ))
    }

    /// Refuses a connection beside those of the leases, if it would not see what they do.
    pub(crate) fn check_dedicated(&self) -> Result<(), Error> {
        #[cfg(feature = "test")]
        if let Mode::TestTransaction(_) = self {
            return Err(TestTransaction::refuse_dedicated());
        }
        self.check_own_session()
    }
}

/// A connection when it is new, and when it was reset.
impl Mode {
    /// Refuses statements that are to run on each new connection, if others use the sessions too.
    pub(crate) fn check_after_connect(&self) -> Result<(), Error> {
        let reason = match self {
            Mode::Direct => return Ok(()),
            #[cfg(feature = "test")]
            Mode::TestTransaction(_) => return Ok(()),
            Mode::Pooler(_) => {
                "and `pooler` are both set, and a pooler lends sessions to others too; use `setting`"
            }
            Mode::SharedPool(_) => "is for a pool of its own; set that of the `sqlx` pool",
        };
        Err(Error::setting("after_connect", reason))
    }

    /// Returns `true` if a reset may take back what was set on a connection when it was new.
    pub(crate) fn resets_sessions(&self) -> bool {
        matches!(self, Mode::Direct)
    }
}

/// A lease: its transaction and its statements.
impl Mode {
    /// Returns `true` if every lease is a transaction.
    pub(crate) fn wraps_leases<DB: Backend>(&self) -> bool {
        DB::HAS_SESSION_SETTINGS && self.shares_sessions()
    }

    /// Returns `true` if migrations run in a lease.
    #[cfg(feature = "test")]
    pub(crate) fn migrates_in_lease(&self) -> bool {
        self.is_test()
    }

    /// The message that begins a transaction; `None` if the transaction is open already.
    pub(crate) fn begin<DB: Backend>(
        &self,
        connector: &DB::Connector,
        start: &TxStart<'_>,
    ) -> Result<Option<Begin>, Error> {
        #[cfg(feature = "test")]
        if let Mode::TestTransaction(test) = self {
            return test.check_start(start).map(|()| None);
        }
        DB::begin(connector, start).map(Some)
    }

    /// The message that commits a transaction.
    pub(crate) fn commit<DB: Backend>(&self, unchecked_used: bool) -> SqlStr {
        #[cfg(feature = "test")]
        if let Mode::TestTransaction(_) = self {
            return SqlStr::from_static(DB::SET_SAVEPOINT);
        }
        // In one message: after it the session is somebody else's.
        SqlStr::from_static(match unchecked_used && !self.names_statements() {
            true => "DEALLOCATE ALL; COMMIT",
            false => DB::COMMIT,
        })
    }

    /// Returns `true` if a COMMIT that the database refuses has ended the transaction.
    pub(crate) fn refused_commit_ends<DB: Backend>(&self, unchecked_used: bool) -> bool {
        #[cfg(feature = "test")]
        if let Mode::TestTransaction(_) = self {
            return false;
        }
        // Or the statement before it in its message was refused.
        DB::FAILURE_ENDS_TRANSACTION && (self.names_statements() || !unchecked_used)
    }

    /// The message that rolls a transaction back.
    pub(crate) fn undo<DB: Backend>(&self, unchecked_used: bool) -> SqlStr {
        #[cfg(feature = "test")]
        if let Mode::TestTransaction(_) = self {
            return SqlStr::from_static(TestTransaction::TO_SAVEPOINT);
        }
        SqlStr::from_static(match unchecked_used && !self.names_statements() {
            true => "ROLLBACK; DEALLOCATE ALL",
            false => DB::ROLLBACK,
        })
    }

    /// Sends a statement; `depth` counts the transactions and savepoints around it.
    pub(crate) fn send<'r, DB, V>(
        &self,
        depth: u32,
        raw: &'r mut DB::Connection,
        sent: Sent<'r>,
        verb: V,
    ) -> V::Answer<'r>
    where
        DB: Backend,
        V: Verb<DB> + 'r,
    {
        #[cfg(feature = "test")]
        if let (Mode::TestTransaction(_), 0) = (self, depth) {
            return TestTransaction::send::<DB, V>(raw, sent, verb);
        }
        let _ = depth;
        verb.send(raw, self.names_statements(), sent)
    }

    /// Returns `true` if the answer to a dropped statement is read before the next one is sent, and not with it.
    pub(crate) fn reads_dropped_first(&self) -> bool {
        // A test reads it with the next one, and then sets a savepoint or goes back to the last.
        !self.is_test()
    }

    /// Ends what unchecked code has done at this depth.
    pub(crate) async fn end_unchecked<DB: Backend>(
        &self,
        depth: u32,
        raw: &mut DB::Connection,
    ) -> Result<(), sqlx::Error> {
        #[cfg(feature = "test")]
        if let (Mode::TestTransaction(_), 0) = (self, depth) {
            return TestTransaction::finish_statement::<DB, _>(raw, Ok(())).await;
        }
        let _ = (depth, raw);
        Ok(())
    }
}

/// A connection: its beginning, and what becomes of it between leases.
impl Mode {
    /// Refuses a new connection, if leases cannot go on with one.
    pub(crate) fn check_connect(&self) -> Result<(), Error> {
        match self {
            Mode::Direct | Mode::Pooler(_) | Mode::SharedPool(_) => Ok(()),
            #[cfg(feature = "test")]
            Mode::TestTransaction(test) => test.check_first(),
        }
    }

    /// Prepares a new connection for its first lease.
    pub(crate) async fn prepare<DB: Backend>(
        &self,
        connector: &DB::Connector,
        raw: &mut DB::Connection,
    ) -> Result<(), Error> {
        match self {
            Mode::Direct | Mode::Pooler(_) | Mode::SharedPool(_) => {
                let _ = (connector, raw);
                Ok(())
            }
            #[cfg(feature = "test")]
            Mode::TestTransaction(test) => test.begin::<DB>(connector, raw).await,
        }
    }

    /// Returns `true` if clean connections stay in the pool.
    pub(crate) fn keeps_connections(&self) -> bool {
        !matches!(self, Mode::SharedPool(_))
    }

    /// Returns `true` if others use a connection between leases, who would meet what is left on its session: the types and
    /// statements of a schema that is not theirs, or a refusal of writes.
    pub(crate) fn leaves_session_as_lent(&self) -> bool {
        matches!(self, Mode::SharedPool(_))
    }

    /// Returns `true` if a connection that is outdated is closed. A test's has the only transaction.
    pub(crate) fn closes_outdated(&self) -> bool {
        !self.is_test()
    }

    /// Returns `true` if a connection that seems to be outdated is asked. Behind a pooler, that would wait for a session.
    pub(crate) fn asks_outdated(&self) -> bool {
        self.closes_outdated() && !self.changes_sessions()
    }

    /// Returns `true` if a new connection can take the place of one that is being reset.
    pub(crate) fn replaces_connections(&self) -> bool {
        matches!(self, Mode::Direct | Mode::Pooler(_))
    }

    /// Returns `true` if a reset can undo what unchecked code has set. `open` says that it was
    /// interrupted, or left its transaction open.
    pub(crate) fn reaches_unchecked(&self, open: bool) -> bool {
        // Behind a pooler, the session belongs to somebody else once the transaction has ended.
        open || !matches!(self, Mode::Pooler(_))
    }

    /// Returns `true` if what a lease leaves half done is cancelled and rolled back after it.
    pub(crate) fn cancels_what_is_left(&self) -> bool {
        // To cancel a statement can cost the whole test.
        !self.is_test()
    }

    /// The time that an answer has to arrive by itself before its statement is cancelled.
    pub(crate) fn cancel_after(&self) -> Duration {
        match self {
            Mode::Direct | Mode::Pooler(_) | Mode::SharedPool(_) => CANCEL_AFTER,
            #[cfg(feature = "test")]
            Mode::TestTransaction(_) => TestTransaction::CANCEL_AFTER,
        }
    }

    /// The time that making ready to cancel a statement may take, before its connection is closed instead.
    pub(crate) fn cancel_within(&self) -> Duration {
        match self.changes_sessions() {
            true => SESSION_WITHIN,
            // As long as the recovery may take.
            false => Duration::MAX,
        }
    }

    /// Makes a connection as clean as it was before its lease, or fails if it cannot be trusted any
    /// more.
    pub(crate) async fn reset<DB: Backend>(
        &self,
        raw: &mut DB::Connection,
        token: Option<&DB::CancelToken>,
        unchecked_used: bool,
        in_transaction: bool,
    ) -> Result<(), sqlx::Error> {
        let scope = match (self, unchecked_used) {
            // Its settings are those of others, and nobody knows them.
            (Mode::SharedPool(_), true) => {
                return Err(sqlx::Error::Configuration(
                    "lent by others, and then to unchecked code".into(),
                ));
            }
            (Mode::Direct, true) => ResetScope::UncheckedSession,
            (Mode::Direct, false) => ResetScope::Session,
            // What others set on a session that they lend is theirs.
            (Mode::Pooler(Pooler::Transaction), true) => ResetScope::TransactionAndNames,
            (Mode::Pooler(_), _) | (Mode::SharedPool(_), false) => ResetScope::Transaction,
            #[cfg(feature = "test")]
            (Mode::TestTransaction(_), _) => {
                DB::resume(raw, token).await?;
                return TestTransaction::undo::<DB>(raw).await;
            }
        };
        DB::resume(raw, token).await?;
        DB::reset(raw, token, scope, in_transaction).await
    }
}
