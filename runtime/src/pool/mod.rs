//! The pool. Its state is one value behind one lock, in `state.rs`; the other files do the I/O that
//! the state asks for.
//!
//! The life of a slot, and of the connection in it:
//!
//! ```text
//!                 a waiter needs it, or `min_idle`
//!   ┌───────┐ ──────────────────────────────────────────► ┌────────────┐
//!   │ empty │                                             │ connecting │ ◄─┐ validation,
//!   └───────┘ ◄────────────────────────────────────────── └────────────┘   │ keepalive
//!     ▲ ▲ ▲                    failed                       │ answered     │
//!     │ │ │                                                 ▼              │
//!     │ │ │      past its time, or closed                 ┌────────────┐ ──┘
//!     │ │ └────────────────────────────────────────────── │    idle    │ ◄─────────────────┐
//!     │ │                                                 └────────────┘                   │
//!     │ │                                   somebody waits  │        │ taken at once       │
//!     │ │                                                   ▼        │                     │
//!     │ │      the waiter leaves, or does not come        ┌────────────┐ ── (to idle) ─────┤
//!     │ │                                                 │  offered   │                   │
//!     │ │                                                 └────────────┘                   │
//!     │ │                                          claimed  │        │                     │
//!     │ │                                                   ▼        ▼                     │
//!     │ └────────────────────────────────────────────── ┌───────────────┐                  │
//!     │      broken, past its lifetime, revoked, or     │    leased     │ ── clean ────────┤
//!     │      dirty: reset or closed without a slot      └───────────────┘                  │
//!     │                                                     │ dirty, and it cannot         │
//!     │                                                     ▼ be replaced                  │
//!     │                  failed                           ┌────────────┐ reset             │
//!     └────────────────────────────────────────────────── │ recovering │ ──────────────────┘
//!                                                         └────────────┘
//! ```
//!
//! A dirty connection that can be replaced leaves its slot at once. It is reset in the background
//! and put into an empty slot, or closed. Meanwhile its session counts against [`Pool::session_permit`].

use std::io;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use self::slot::{LiveConn, SessionPermit};
use self::state::{Effect, Limits, PoolState};
use crate::after_connect::AfterConnect;
use crate::backend::driver::{Begin, TxStart};
use crate::lease_state::LeaseState;
use crate::lease_state::poll_watch::PollWatch;
use crate::mode::Mode;
use crate::settings::Settings;
use crate::telemetry::{PossiblePhases, Telemetry};
use crate::{Backend, Error};

mod checkout;
pub(crate) mod close;
mod connect;
pub(crate) mod guard;
mod maintenance;
pub(crate) mod queue;
mod recovery;
mod registry;
pub(crate) mod session_watch;
pub(crate) mod slot;
mod state;

pub(crate) struct Pool<DB: Backend> {
    connector: DB::Connector,
    after_connect: AfterConnect<DB>,
    settings: Settings,
    mode: Mode,
    /// Lends the connections, unless they are made here.
    shared_pool: Option<sqlx::Pool<DB>>,
    /// Connections of that pool that came one after the other with a transaction of others open on them.
    foreign_in_a_row: AtomicU32,
    telemetry: Telemetry,
    /// Runs what is to go on in the background, also if a lease is dropped outside of any runtime.
    runtime: Handle,
    session_permits: Arc<Semaphore>,
    state: Mutex<State<DB>>,
    /// Wakes the maintenance task.
    maintenance: Arc<Notify>,
    /// Wakes those who close the pool, at each lease's end.
    lease_ended: Notify,
    /// Wakes those who end with the pool.
    closing: Notify,
}

type State<DB> = PoolState<LiveConn<DB>, OpenLease<DB>, Error>;

/// The part of an open lease that the pool keeps.
pub(crate) struct OpenLease<DB: Backend> {
    pub(crate) state: Arc<LeaseState>,
    pub(crate) polls: Arc<PollWatch>,
    /// The runtime that it was opened in, and is polled in as a rule.
    pub(crate) runtime: runtime::Id,
    /// Known from the start, or once a pooler has lent a session.
    pub(crate) cancel_token: Option<DB::CancelToken>,
    pub(crate) permit: SessionPermit,
}

impl<DB: Backend> Pool<DB> {
    pub(crate) fn new(
        connector: DB::Connector,
        shared_pool: Option<sqlx::Pool<DB>>,
        after_connect: AfterConnect<DB>,
        settings: Settings,
        mode: Mode,
    ) -> Self {
        let limits = Limits {
            max_connections: settings.max_connections as usize,
            min_idle: settings.min_idle as usize,
            validate_after: settings.validate_after,
            idle_timeout: settings.idle_timeout,
            keepalive: settings.keepalive_period(),
            longest_sleep: settings.revoke_after().min(settings.idle_period()),
            revoke_after: settings.revoke_after(),
            stall_check: settings.stall_check(),
            keeps_idle: mode.keeps_connections(),
            replaces_dirty: mode.replaces_connections(),
            queue_target: settings.queue_target,
        };
        let phases = PossiblePhases {
            pooler: mode.changes_sessions(),
            shared_pool: shared_pool.is_some(),
            write_lock: DB::ONE_WRITER,
        };
        let name = settings.name.clone().unwrap_or_else(|| DB::NAME.into());
        Pool {
            connector,
            after_connect,
            shared_pool,
            foreign_in_a_row: AtomicU32::new(0),
            telemetry: Telemetry::new(name, settings.max_connections, phases),
            runtime: Handle::current(),
            session_permits: Arc::new(Semaphore::new(settings.sessions() as usize)),
            state: Mutex::new(PoolState::new(limits)),
            maintenance: Arc::default(),
            lease_ended: Notify::new(),
            closing: Notify::new(),
            settings,
            mode,
        }
    }

    /// Waits until one more connection may be opened.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is taken.
    pub(crate) async fn session_permit(&self, limit: Duration) -> Result<SessionPermit, Error> {
        match timeout(limit, Arc::clone(&self.session_permits).acquire_owned()).await {
            Ok(permit) => permit.map_err(|_| Error::Closed),
            Err(_) => {
                let reason = format!("none was free within {limit:?}");
                let error = io::Error::new(io::ErrorKind::QuotaExceeded, reason);
                Err(Error::Connect(sqlx::Error::Io(error)))
            }
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn mode(&self) -> &Mode {
        &self.mode
    }

    /// The message that begins a transaction; `None` if one is open already.
    pub(crate) fn begin_message(&self, start: &TxStart<'_>) -> Result<Option<Begin>, Error> {
        self.mode.begin::<DB>(&self.connector, start)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state().is_closed()
    }

    /// Runs a transition, and then does what it asks for.
    fn update<T>(self: &Arc<Self>, transition: impl FnOnce(&mut State<DB>) -> T) -> T {
        let mut state = self.state();
        let before = (state.idle(), state.leased());
        let outcome = transition(&mut state);
        let after = (state.idle(), state.leased());
        let effects = state.take_effects();
        drop(state);
        for effect in effects {
            self.perform(effect);
        }
        // Last: a recorder that panics takes no effect with it.
        if before != after {
            self.telemetry.meters().count(before, after);
        }
        outcome
    }

    fn perform(self: &Arc<Self>, effect: Effect<LiveConn<DB>>) {
        match effect {
            Effect::Wake(waker) => waker.wake(),
            Effect::Connect { slot, idle } => self.connect(slot, idle),
            Effect::KeepAlive { slot, idle } => self.keep_alive(slot, idle),
            Effect::Recover { conn, lifetime, reason, slot } => {
                self.recover(conn, lifetime, reason, slot);
            }
            Effect::Evict(conn) => self.evict(conn),
            Effect::Close(conn) => self.close_in_background(conn),
            Effect::Discard(conn) => drop(conn),
            Effect::WakeMaintenance => self.maintenance.notify_one(),
            Effect::WakeClosers => self.lease_ended.notify_waiters(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<DB>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a task on the runtime at hand: a pool may outlive the one it was made in.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        match Handle::try_current() {
            Ok(at_hand) => drop(at_hand.spawn(task)),
            Err(_) => drop(self.runtime.spawn(task)),
        }
    }
}

/// The maintenance task holds the pool only while it looks after it.
impl<DB: Backend> Drop for Pool<DB> {
    fn drop(&mut self) {
        self.maintenance.notify_one();
        // Its idle connections go with it, and are in no transition.
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let last = (state.idle(), state.leased());
        if last != (0, 0) {
            self.telemetry.meters().count(last, (0, 0));
        }
    }
}
