use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use deadpool::managed::{self, Metrics, Object, PoolConfig, QueueMode, RecycleResult, Timeouts};

use crate::Backend;
use crate::error::{Busy, Error, Phase};
use crate::holder::{Holder, Log};
use crate::settings::Settings;

/// What deadpool counts and queues for: a place for one connection. It may be empty, as connecting
/// happens outside of deadpool, in a task that a waiter's cancellation does not touch.
pub(crate) struct Place<DB: Backend> {
    pub(crate) idle: Option<Idle<DB>>,
}

pub(crate) type Slot<DB> = Object<Places<DB>>;

/// A connection known to be clean.
pub(crate) struct Idle<DB: Backend> {
    pub(crate) raw: DB::Connection,
    pub(crate) retire_at: Instant,
    pub(crate) since: Instant,
}

pub(crate) struct Places<DB>(PhantomData<fn() -> DB>);

impl<DB: Backend> managed::Manager for Places<DB> {
    type Type = Place<DB>;
    type Error = std::convert::Infallible;

    async fn create(&self) -> Result<Place<DB>, Self::Error> {
        Ok(Place { idle: None })
    }

    async fn recycle(&self, _: &mut Place<DB>, _: &Metrics) -> RecycleResult<Self::Error> {
        Ok(())
    }
}

/// An open lease, as the pool knows it: the lease may be forgotten, this is not.
struct Open<DB: Backend> {
    log: Arc<Log>,
    slot: Slot<DB>,
}

pub(crate) struct Pool<DB: Backend> {
    pub(crate) connector: DB::Connector,
    pub(crate) settings: Settings,
    places: managed::Pool<Places<DB>>,
    open: Mutex<HashMap<u64, Open<DB>>>,
    next: AtomicU64,
}

impl<DB: Backend> Pool<DB> {
    pub(crate) fn new(connector: DB::Connector, settings: Settings) -> Self {
        let places = managed::Pool::builder(Places(PhantomData))
            .config(PoolConfig {
                max_size: settings.max_connections,
                timeouts: Timeouts::default(),
                queue_mode: QueueMode::Lifo,
            })
            .build()
            .expect("a pool without time limits needs no runtime");
        Pool { connector, settings, places, open: Mutex::default(), next: AtomicU64::new(0) }
    }

    /// The next free place, first come, first served.
    pub(crate) async fn slot(&self) -> Result<Slot<DB>, Error> {
        self.places.get().await.map_err(|_| Error::Closed)
    }

    /// A free place, if there is one now.
    pub(crate) fn try_slot(&self) -> Option<Slot<DB>> {
        use futures_util::FutureExt;
        let at_once = Timeouts { wait: Some(std::time::Duration::ZERO), ..Timeouts::default() };
        self.places.timeout_get(&at_once).now_or_never()?.ok()
    }

    pub(crate) fn enter(&self, log: Arc<Log>, slot: Slot<DB>) -> u64 {
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        self.open().insert(key, Open { log, slot });
        key
    }

    /// The lease's slot; `None` where the lease was revoked.
    pub(crate) fn leave(&self, key: u64) -> Option<Slot<DB>> {
        self.open().remove(&key).map(|open| open.slot)
    }

    /// Takes the slots of the leases that are `overdue` away from them.
    pub(crate) fn revoke(&self, overdue: impl Fn(&Log) -> bool) -> Vec<Arc<Log>> {
        let revoked: Vec<_> = self.open().extract_if(|_, open| overdue(&open.log)).collect();
        revoked
            .into_iter()
            .map(|(_, Open { log, slot })| {
                log.revoke();
                drop(Object::take(slot));
                log
            })
            .collect()
    }

    /// Closes the idle connections that are past their time.
    pub(crate) fn reap(&self) {
        let now = Instant::now();
        let idle_timeout = self.settings.idle_timeout;
        let removed = self.places.retain(|place, _| {
            place
                .idle
                .as_ref()
                .is_some_and(|idle| now < idle.retire_at && now < idle.since + idle_timeout)
        });
        drop(removed);
    }

    pub(crate) fn holders(&self) -> Vec<Holder> {
        let mut holders: Vec<_> = self.open().values().map(|open| open.log.holder()).collect();
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.age));
        holders
    }

    pub(crate) fn busy(&self, phase: Phase, since: Instant) -> Error {
        let status = self.places.status();
        let mut holders = self.holders();
        let used = holders.len();
        holders.truncate(3);
        Error::Busy(Box::new(Busy {
            phase,
            waited: since.elapsed(),
            max: status.max_size,
            used,
            idle: status.available,
            waiting: status.waiting,
            holders,
        }))
    }

    pub(crate) fn close(&self) {
        self.places.close();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.places.is_closed()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Open<DB>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
