use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{self, Object, PoolConfig, QueueMode, Timeouts};
use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};

pub(crate) use self::place::{Idle, Link, Seat, Slot};
use self::place::{Places, Turn};
use self::registry::Registry;
pub(crate) use self::registry::{Dirt, End};
use crate::conn::mode::Mode;
use crate::dedicated::Reasons;
use crate::queue::{Call, Letter, Queue, UNCLAIMED, Waiter};
use crate::raw::Raw;
use crate::recovery::retire;
use crate::settings::Settings;
use crate::telemetry::Telemetry;
use crate::{Backend, Error};

mod idle;
mod place;
mod registry;

pub(crate) struct Pool<DB: Backend> {
    pub(crate) connector: DB::Connector,
    pub(crate) settings: Settings,
    pub(crate) mode: Mode,
    /// Where the connections come from and go back to, unless they are made here.
    pub(crate) lender: Option<sqlx::Pool<DB>>,
    /// Where connections are recovered when a lease is dropped outside of any runtime.
    pub(crate) runtime: Handle,
    pub(crate) seats: Arc<Semaphore>,
    pub(crate) recovering: AtomicUsize,
    /// Places that are being filled for `min_idle`.
    pub(crate) warming: AtomicUsize,
    pub(crate) dedicated: Reasons,
    pub(crate) telemetry: Telemetry,
    places: managed::Pool<Places<DB>>,
    shared: Mutex<Shared<DB>>,
    /// Rung when the maintenance task has something to do.
    pub(crate) bell: Arc<Notify>,
    /// Whether it sleeps until it is rung.
    resting: AtomicBool,
    /// Whether there is no maintenance task.
    pub(crate) unattended: AtomicBool,
    /// Rung at every lease's end while the pool is being closed.
    pub(crate) left: Notify,
}

struct Shared<DB: Backend> {
    open: Registry<DB>,
    /// Nobody waits here while a place is free, but for the turn: every place that becomes free goes
    /// to the first who can use it.
    queue: Queue<DB>,
    /// Unless it is somebody's.
    turn: Option<Turn>,
    /// Those with a slot in their letterbox, or about to get one.
    served: Vec<Arc<Waiter<DB>>>,
    closed: bool,
    /// When the maintenance task looks for what was delivered and not claimed, by the clock of its
    /// timer, which a test may have paused.
    looks_at: Option<tokio::time::Instant>,
}

impl<DB: Backend> Shared<DB> {
    /// The next to serve, who from now on counts as served.
    fn next(&mut self) -> Option<Arc<Waiter<DB>>> {
        let Shared { open, queue, served, turn, .. } = self;
        let holding = open.tenants().chain(served.iter().map(|waiter| &waiter.tenant));
        let next = queue.next(holding, turn.is_some())?;
        self.served.push(Arc::clone(&next));
        Some(next)
    }
}

impl<DB: Backend> Pool<DB> {
    pub(crate) fn new(
        connector: DB::Connector,
        lender: Option<sqlx::Pool<DB>>,
        settings: Settings,
        mode: Mode,
    ) -> Self {
        let places = managed::Pool::builder(Places::default())
            .config(PoolConfig {
                max_size: settings.max_connections,
                timeouts: Timeouts::default(),
                queue_mode: QueueMode::Lifo,
            })
            .build()
            .expect("a pool without time limits needs no runtime");
        let shared = Shared {
            open: Registry::new(),
            queue: Queue::new(),
            turn: Some(Turn),
            served: Vec::new(),
            closed: false,
            looks_at: None,
        };
        Pool {
            connector,
            lender,
            runtime: Handle::current(),
            seats: Arc::new(Semaphore::new(settings.sessions())),
            recovering: AtomicUsize::new(0),
            warming: AtomicUsize::new(0),
            dedicated: Reasons::default(),
            telemetry: Telemetry::new(
                settings.name.clone().unwrap_or_else(|| DB::NAME.into()),
                settings.max_connections,
            ),
            settings,
            mode,
            places,
            shared: Mutex::new(shared),
            bell: Arc::default(),
            resting: AtomicBool::new(false),
            unattended: AtomicBool::new(true),
            left: Notify::new(),
        }
    }

    /// Waits until one more connection may be opened.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is taken.
    pub(crate) async fn seat(&self) -> Result<Seat, Error> {
        Arc::clone(&self.seats).acquire_owned().await.map_err(|_| Error::Closed)
    }

    /// In the background, on the runtime at hand: a pool may outlive the one it was made in.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        match Handle::try_current() {
            Ok(at_hand) => drop(at_hand.spawn(task)),
            Err(_) => drop(self.runtime.spawn(task)),
        }
    }

    /// A free place, if there is one now: then nobody waits for it.
    pub(crate) fn try_slot(&self) -> Option<Slot<DB>> {
        let at_once = Timeouts { wait: Some(Duration::ZERO), ..Timeouts::default() };
        self.places.timeout_get(&at_once).now_or_never()?.ok()
    }

    /// A free place, if there is one now, and the turn where the lease `writes`.
    pub(crate) fn at_once(&self, writes: bool) -> Option<Slot<DB>> {
        if writes { self.turn_in(&mut self.shared()) } else { self.try_slot() }
    }

    fn turn_in(&self, shared: &mut Shared<DB>) -> Option<Slot<DB>> {
        let turn = shared.turn.take()?;
        let mut slot = self.try_slot();
        match &mut slot {
            Some(slot) => slot.turn = Some(turn),
            None => shared.turn = Some(turn),
        }
        slot
    }

    /// A free place, or a place in the queue.
    pub(crate) fn join(&self, waiter: &Arc<Waiter<DB>>) -> Option<Slot<DB>> {
        self.line_up(waiter, Queue::push)
    }

    /// As [`join`](Pool::join), for one who had its turn before.
    pub(crate) fn rejoin(&self, waiter: &Arc<Waiter<DB>>) -> Option<Slot<DB>> {
        self.line_up(waiter, Queue::push_first)
    }

    fn line_up(
        &self,
        waiter: &Arc<Waiter<DB>>,
        push: fn(&mut Queue<DB>, Arc<Waiter<DB>>),
    ) -> Option<Slot<DB>> {
        let mut shared = self.shared();
        let slot = if waiter.writes { self.turn_in(&mut shared) } else { self.try_slot() };
        if shared.closed {
            // Told here, as the queue was told at the close.
            let _ = waiter.deliver(Letter::Failed(Error::Closed));
        } else if slot.is_none() {
            push(&mut shared.queue, Arc::clone(waiter));
        }
        slot
    }

    /// The waiter goes, with what it came for or without.
    pub(crate) fn part(&self, waiter: &Arc<Waiter<DB>>) {
        let mut shared = self.shared();
        // It waits, or was served, never both.
        match shared.served.iter().position(|other| Arc::ptr_eq(other, waiter)) {
            Some(place) => drop(shared.served.swap_remove(place)),
            None => shared.queue.remove(waiter),
        }
        let call = match waiter.leave() {
            Some(Letter::Slot(slot)) => self.release_in(&mut shared, slot),
            _ => Call::default(),
        };
        drop(shared);
        call.wake();
    }

    /// To the waiter if it is still there, else to whoever is next.
    pub(crate) fn deliver(&self, waiter: &Arc<Waiter<DB>>, filled: Result<Slot<DB>, Error>) {
        let letter = match filled {
            Ok(slot) => Letter::Slot(slot),
            Err(error) => Letter::Failed(error),
        };
        let mut shared = self.shared();
        let letter = match letter {
            Letter::Slot(slot) if shared.closed => {
                let _ = self.release_in(&mut shared, slot);
                Letter::Failed(Error::Closed)
            }
            letter => letter,
        };
        let served = matches!(letter, Letter::Slot(_));
        // It may have been about to be: not with a failure.
        shared.served.retain(|other| !Arc::ptr_eq(other, waiter));
        let call = match waiter.deliver(letter) {
            Ok(call) => {
                if served {
                    shared.served.push(Arc::clone(waiter));
                    self.watch(&mut shared);
                }
                call
            }
            Err(Letter::Slot(slot)) => self.release_in(&mut shared, slot),
            Err(_) => Call::default(),
        };
        drop(shared);
        call.wake();
    }

    /// Gives a place back, with or without a connection in it.
    pub(crate) fn release(&self, slot: Slot<DB>) {
        let call = self.release_in(&mut self.shared(), slot);
        call.wake();
    }

    fn release_in(&self, shared: &mut Shared<DB>, mut slot: Slot<DB>) -> Call {
        self.rouse();
        shared.turn = slot.turn.take().or(shared.turn.take());
        if let Some(waiter) = shared.next() {
            if waiter.writes {
                slot.turn = shared.turn.take();
            }
            self.watch(shared);
            // Who has gone has left the queue first, under this lock.
            return waiter.deliver(Letter::Slot(slot)).unwrap_or_default();
        }
        if shared.closed || !self.keeps() {
            let seat = slot.seat.take();
            if let Some(idle) = slot.idle.take() {
                self.let_go(idle.link, seat);
            }
        }
        match &mut slot.idle {
            Some(idle) => {
                idle.count(&self.telemetry);
                drop(slot);
            }
            // Not back on the stack: the next lease would find it before those with a connection.
            None => drop(Object::take(slot)),
        }
        Call::default()
    }

    /// Has the maintenance task look for what is delivered now and not claimed: told once for all
    /// that is delivered until it looks.
    fn watch(&self, shared: &mut Shared<DB>) {
        if shared.looks_at.is_none() {
            shared.looks_at = Some(tokio::time::Instant::now() + UNCLAIMED);
            self.bell.notify_one();
        }
    }

    /// Whether connections stay in their places when nobody uses them.
    fn keeps(&self) -> bool {
        self.mode.keeps_connections()
    }

    /// Whether a new connection can take the place of one that is being recovered.
    fn replaces(&self) -> bool {
        self.mode.replaces_connections()
    }

    /// A clean connection that does not stay.
    pub(crate) fn let_go(&self, link: Link<DB>, seat: Option<Seat>) {
        match link.raw {
            Raw::Lent(lent) if !self.keeps() => lent.give_back(),
            raw => retire(self, Link { raw, ..link }, seat),
        }
    }

    /// The maintenance task has something to look after.
    fn rouse(&self) {
        if self.resting.load(Ordering::Relaxed) && self.resting.swap(false, Ordering::AcqRel) {
            self.bell.notify_one();
        }
    }

    /// Takes slots back from waiters that do not come for them.
    pub(crate) fn lapse(&self) {
        let now = Instant::now();
        let mut calls = Vec::new();
        let mut shared = self.shared();
        let served = std::mem::take(&mut shared.served);
        for waiter in served {
            let lapsed = waiter.lapses_at().is_some_and(|at| at <= now);
            match lapsed.then(|| waiter.lapse()).flatten() {
                Some(slot) => calls.push(self.release_in(&mut shared, slot)),
                None => shared.served.push(waiter),
            }
        }
        drop(shared);
        calls.into_iter().for_each(Call::wake);
    }

    /// Refuses new leases from now on, and lets go of what is idle.
    pub(crate) fn close(&self) {
        let mut shared = self.shared();
        if shared.closed {
            return;
        }
        shared.closed = true;
        let mut idle = Vec::new();
        let mut clear = |mut slot: Slot<DB>| {
            let seat = slot.seat.take();
            idle.extend(slot.idle.take().map(|idle| (idle.link, seat)));
            slot
        };
        self.sift(|slot| Some(clear(slot)));
        // What lies unclaimed goes too.
        shared.served.retain(|waiter| waiter.lapse().map(&mut clear).is_none());
        self.places.close();
        let calls: Vec<_> = shared
            .queue
            .drain()
            .into_iter()
            .filter_map(|waiter| waiter.deliver(Letter::Failed(Error::Closed)).ok())
            .collect();
        drop(shared);
        calls.into_iter().for_each(Call::wake);
        for (link, seat) in idle {
            self.let_go(link, seat);
        }
        self.bell.notify_one();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.places.is_closed()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.shared().queue.len()
    }

    /// Whether somebody has the turn.
    pub(crate) fn is_written(&self) -> bool {
        self.shared().turn.is_none()
    }

    fn shared(&self) -> MutexGuard<'_, Shared<DB>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The maintenance task holds the pool only while it looks after it.
impl<DB: Backend> Drop for Pool<DB> {
    fn drop(&mut self) {
        self.bell.notify_one();
    }
}
