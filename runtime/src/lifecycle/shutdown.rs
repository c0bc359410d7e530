use std::fmt::Display;
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::orphan::orphan_watch;
use super::signals::Signals;
use crate::{Backend, CloseReport, Db};

/// How long the database of an orphan may take to close: it is gone within 2 s of its parent.
const ORPHAN: Duration = Duration::from_millis(1_500);

/// The end of a server that uses a database. See [`shutdown`].
#[derive(Debug)]
#[must_use = "nothing is served until `serve`"]
pub struct Shutdown<'d, DB: Backend> {
    db: &'d Db<DB>,
    drain_within: Duration,
    close_within: Duration,
    orphan_watch: bool,
}

/// Returns the settings of the end of a server that uses the database.
pub fn shutdown<DB: Backend>(db: &Db<DB>) -> Shutdown<'_, DB> {
    let (drain_within, close_within) = (Duration::from_secs(15), Duration::from_secs(5));
    Shutdown { db, drain_within, close_within, orphan_watch: false }
}

/// The reason why a server ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It ended by itself: its client is gone.
    Served,
    /// It failed, with this error.
    Failed(String),
    /// SIGTERM or SIGINT, or Ctrl-C.
    Signal,
    /// The process that started this one has ended.
    Orphaned,
}

/// The end of a server, whose database is closed.
#[derive(Clone, Debug)]
#[must_use = "`exit` ends the process"]
#[non_exhaustive]
pub struct Ended {
    /// The reason why it ended.
    pub reason: Reason,
    /// `false` if requests may have been under way when it ended: the time for them was over, a second signal came, or the
    /// process that started this one had ended.
    pub drained: bool,
    /// The leases and connections that did not end by themselves. Not known, and so empty, if a signal ended the closing, or
    /// an orphan had no time for it.
    pub closed: CloseReport,
}

impl<DB: Backend> Shutdown<'_, DB> {
    /// Sets how long requests may go on after the server was told to stop. Default 15 s.
    pub fn drain_within(mut self, limit: Duration) -> Self {
        self.drain_within = limit;
        self
    }

    /// Sets how long the leases that are open after that may go on, before they are revoked. Default 5 s. To close the
    /// connections of a server that does not answer takes up to 5 s more.
    pub fn close_within(mut self, limit: Duration) -> Self {
        self.close_within = limit;
        self
    }

    /// Ends the server when the process that started this one has ended. For servers over stdio alone: see
    /// [`orphan_watch`]. An orphan has no client, so nothing is drained: its database is closed, within 1.5 s.
    pub fn with_orphan_watch(mut self) -> Self {
        self.orphan_watch = true;
        self
    }

    /// Serves until `serve` returns, or the process is told to end. `serve` then has its token cancelled, stops accepting,
    /// and returns when its requests have ended, at the latest after [`drain_within`](Shutdown::drain_within). Then the database
    /// is closed. A second signal ends the drain, and another one the closing.
    ///
    /// Once this has been called, no signal ends the process any more: end it when this returns, as with [`exit`](Ended::exit).
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it drops `serve`; the database is not closed.
    pub async fn serve<E: Display>(
        self,
        serve: impl AsyncFnOnce(CancellationToken) -> Result<(), E>,
    ) -> Ended {
        // Before anything is served: whoever has an answer may send a signal.
        let mut signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => {
                let reason = Reason::Failed(error.to_string());
                return Ended { closed: self.close(&reason).await, reason, drained: true };
            }
        };
        let (reason, drained) = self.run(serve, &mut signals).await;
        let closed = tokio::select! {
            closed = self.close(&reason) => closed,
            () = signals.told() => CloseReport::default(),
        };
        tracing::info!(?reason, drained, revoked = closed.revoked.len(), "the server has ended");
        Ended { reason, drained, closed }
    }

    async fn close(&self, reason: &Reason) -> CloseReport {
        match reason {
            Reason::Orphaned => {
                timeout(ORPHAN, self.db.close(ORPHAN / 2)).await.unwrap_or_default()
            }
            _ => self.db.close(self.close_within).await,
        }
    }

    /// Returns why the server ended, and if all requests have.
    async fn run<E: Display>(
        &self,
        serve: impl AsyncFnOnce(CancellationToken) -> Result<(), E>,
        signals: &mut Signals,
    ) -> (Reason, bool) {
        let stop = CancellationToken::new();
        let (mut serving, mut orphaned) = (pin!(serve(stop.clone())), pin!(orphan_watch()));
        let reason = tokio::select! {
            biased;
            () = signals.told() => Reason::Signal,
            () = &mut orphaned, if self.orphan_watch => Reason::Orphaned,
            served = &mut serving => return (Reason::of(served), true),
        };
        stop.cancel();
        if reason == Reason::Orphaned {
            return (reason, false);
        }
        tokio::select! {
            served = timeout(self.drain_within, serving) => match served {
                Ok(Err(error)) => (Reason::Failed(error.to_string()), true),
                served => (reason, served.is_ok()),
            },
            () = signals.told() => (reason, false),
            () = orphaned, if self.orphan_watch => (Reason::Orphaned, false),
        }
    }
}

impl Reason {
    fn of<E: Display>(served: Result<(), E>) -> Reason {
        served.map_or_else(|error| Reason::Failed(error.to_string()), |()| Reason::Served)
    }
}

impl Ended {
    /// Returns the exit code of the process: 1 if the server failed, otherwise 0, also after a signal.
    #[must_use]
    pub fn code(&self) -> u8 {
        u8::from(matches!(self.reason, Reason::Failed(_)))
    }

    /// Ends the process with [`code`](Ended::code), whatever threads it has: a read of standard input cannot be cancelled,
    /// and would keep a runtime from ending.
    pub fn exit(self) -> ! {
        if let Reason::Failed(error) = &self.reason {
            tracing::error!(error, "the server failed");
        }
        std::process::exit(i32::from(self.code()))
    }
}
