use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::future::pending;
use std::hash::BuildHasher;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::thread;
use std::time::Duration;

use futures_util::future::{Either, select};
use sqlx::Connection;
use sqlx::pool::PoolConnection;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::Backend;
use crate::error::NotRead;

/// A connection, of the pool's own or of a pool of `sqlx`.
pub(crate) enum RawConn<DB: Backend> {
    Owned(DB::Connection, SentTexts, Option<RuntimeTask>),
    Pooled(PooledConn<DB>, SentTexts),
    /// A thread has it, and gives it back with what it has read.
    Away(Receiver<(RawConn<DB>, Result<(), sqlx::Error>)>),
}

/// A task of the runtime that reads the socket of a connection: it ends with that runtime.
pub(crate) struct RuntimeTask(AbortHandle);

impl RuntimeTask {
    fn spawn() -> Self {
        RuntimeTask(tokio::spawn(pending::<()>()).abort_handle())
    }
}

impl Drop for RuntimeTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The texts that a connection has sent in statements without a name.
#[derive(Debug, Default)]
pub(crate) struct SentTexts {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl SentTexts {
    /// The most that are remembered. After that, each is new again.
    const MOST: usize = 10_000;

    /// Returns what stands for a text.
    pub(crate) fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text)
    }

    pub(crate) fn contains(&self, hash: u64) -> bool {
        self.hashes.contains(&hash)
    }

    pub(crate) fn clear(&mut self) {
        self.hashes.clear();
    }

    pub(crate) fn insert(&mut self, hash: u64) {
        if self.hashes.len() >= Self::MOST {
            self.hashes.clear();
        }
        self.hashes.insert(hash);
    }
}

/// The pause before a pool of `sqlx` is asked again.
const ACQUIRE_AGAIN: Duration = Duration::from_millis(1);

impl<DB: Backend> RawConn<DB> {
    pub(crate) fn own(connection: DB::Connection) -> Self {
        let task = DB::IS_READ_BY_RUNTIME.then(RuntimeTask::spawn);
        RawConn::Owned(connection, SentTexts::default(), task)
    }

    /// Returns `false` if the runtime that reads its socket has ended, so that it never answers again.
    pub(crate) fn may_answer(&self) -> bool {
        !matches!(self, RawConn::Owned(_, _, Some(task)) if task.0.is_finished())
    }

    /// Returns the connection, and the texts that it has sent.
    pub(crate) fn parts(&mut self) -> (&mut DB::Connection, &mut SentTexts) {
        match self {
            RawConn::Owned(connection, sent, _) => (connection, sent),
            RawConn::Pooled(pooled, sent) => (pooled.connection.as_mut().expect(GONE), sent),
            RawConn::Away(_) => panic!("{GONE}"),
        }
    }

    /// Returns `true` while a thread has it. Until [`read_rest`](RawConn::read_rest) has ended, nothing else may use it.
    pub(crate) fn is_away(&self) -> bool {
        matches!(self, RawConn::Away(_))
    }

    /// Reads the answer to a statement that was dropped to its end, or to an error in it. A thread does that: `sqlx`
    /// reads what has come in one poll, and rows that come faster than they are read would stop the runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: the thread reads on, and the next call waits for it. Once this connection is dropped, the thread drops it
    /// too, when no more comes.
    pub(crate) async fn read_rest(&mut self) -> Result<(), sqlx::Error> {
        if !self.is_away() {
            self.send_away();
        }
        let RawConn::Away(thread) = self else { unreachable!("it was sent away") };
        let (raw, read) = thread.recv().await.ok_or_else(NotRead::error)?;
        *self = raw;
        read
    }

    fn send_away(&mut self) {
        let (sender, receiver) = mpsc::channel(1);
        let mut raw = mem::replace(self, RawConn::Away(receiver));
        let runtime = Handle::current();
        // Not one of the runtime's, which would wait at its end for what it reads.
        let thread = thread::Builder::new().name("shortlease-read".to_owned());
        // Without it, the connection and the sender are dropped.
        let _ = thread.spawn(move || {
            let read = runtime.block_on(async {
                match select(pin!(raw.flush()), pin!(sender.closed())).await {
                    Either::Left((read, _)) => Some(read),
                    Either::Right(_) => None,
                }
            });
            if let Some(read) = read {
                let _ = sender.try_send((raw, read));
            }
        });
    }

    /// Reads the answers that are still on their way.
    ///
    /// # Cancel safety
    ///
    /// Safe: the next call reads on.
    pub(crate) async fn drain(&mut self) -> Result<(), sqlx::Error> {
        if !DB::PUSHES_ROWS {
            return DB::drain(self).await;
        }
        match self.read_rest().await {
            // No rows come after it.
            Err(sqlx::Error::Database(error)) if DB::classify(&*error).leaves_session() => {
                DB::drain(self).await
            }
            drained => drained,
        }
    }

    /// Waits for a connection of a pool of `sqlx`, also beyond the pool's own `acquire_timeout`.
    ///
    /// # Cancel safety
    ///
    /// Safe: a place in the pool's queue is given up.
    pub(crate) async fn borrow_from(pool: &sqlx::Pool<DB>) -> Result<Self, sqlx::Error> {
        loop {
            match pool.acquire().await {
                Ok(connection) => {
                    let runtime = Handle::current();
                    let pooled = PooledConn { connection: Some(connection), runtime };
                    return Ok(RawConn::Pooled(pooled, SentTexts::default()));
                }
                // Its own `acquire_timeout` may be nothing.
                Err(sqlx::Error::PoolTimedOut) => sleep(ACQUIRE_AGAIN).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends the session politely.
    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            RawConn::Owned(connection, ..) => connection.close().await,
            RawConn::Pooled(mut pooled, _) => match pooled.connection.take() {
                // The pool counts it until it is closed.
                Some(connection) => connection.close().await,
                None => Ok(()),
            },
            RawConn::Away(_) => Ok(()),
        }
    }
}

impl<DB: Backend> Deref for RawConn<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        match self {
            RawConn::Owned(connection, ..) => connection,
            RawConn::Pooled(pooled, _) => pooled.connection.as_ref().expect(GONE),
            RawConn::Away(_) => panic!("{GONE}"),
        }
    }
}

impl<DB: Backend> DerefMut for RawConn<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.parts().0
    }
}

const GONE: &str = "a connection is used until it is given back, closed or sent away";

/// A connection of a pool of `sqlx` that others use too.
///
/// `sqlx` would take a dropped connection back in any state, and only ping it. So dropping this closes
/// the connection, and [`give_back`](PooledConn::give_back) returns one that is known to be clean.
pub(crate) struct PooledConn<DB: Backend> {
    /// `None` once it was given back or closed.
    connection: Option<PoolConnection<DB>>,
    /// The runtime on which `sqlx` spawns a task when it gets the connection back.
    runtime: Handle,
}

impl<DB: Backend> PooledConn<DB> {
    pub(crate) fn give_back(mut self) {
        let _entered = self.runtime.enter();
        drop(self.connection.take());
    }
}

impl<DB: Backend> Drop for PooledConn<DB> {
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        drop(self.connection.take().map(PoolConnection::detach));
    }
}
