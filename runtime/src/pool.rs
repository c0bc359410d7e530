use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{self, Metrics, Object, PoolConfig, QueueMode, RecycleResult, Timeouts};
use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::Backend;
use crate::dedicated::Reasons;
use crate::error::{Busy, Error, Phase, Revocation};
use crate::held::Held;
use crate::holder::{Holder, Log};
use crate::queue::{Call, Letter, Queue, UNCLAIMED, Waiter};
use crate::raw::Raw;
use crate::recovery::{recover, retire, terminate};
use crate::settings::Settings;
use crate::telemetry::{Counted, Telemetry};

/// What deadpool counts: a place for one connection. It may be empty, as connecting happens outside
/// of deadpool, in a task that a waiter's cancellation does not touch.
pub(crate) struct Place<DB: Backend> {
    pub(crate) idle: Option<Idle<DB>>,
    pub(crate) seat: Option<Seat>,
    turn: Option<Turn>,
}

/// To write, where a database has one writer: a pool has one. Transactions wait for it in the queue,
/// as with a connection they would keep that from those who only read. It goes with a place, so
/// whoever takes the place back from somebody who has forgotten it has both.
struct Turn;

pub(crate) type Slot<DB> = Object<Places<DB>>;

/// One session's share of what the server is asked for, from before its connect to after its end.
/// A slot is free at once when its lease is dropped; its seat is not, or a storm of cancellations
/// would become one of connections.
pub(crate) type Seat = OwnedSemaphorePermit;

/// A connection and how to reach its other end.
pub(crate) struct Link<DB: Backend> {
    pub(crate) raw: Raw<DB>,
    pub(crate) peer: Option<DB::Peer>,
    pub(crate) retire_at: Instant,
}

/// A connection known to be clean.
pub(crate) struct Idle<DB: Backend> {
    pub(crate) link: Link<DB>,
    /// Since when nobody used it.
    pub(crate) since: Instant,
    /// When it last answered.
    pub(crate) heard: Instant,
    /// Once it lies in the pool: what goes from one lease to the next is not idle.
    counted: Option<Counted>,
}

impl<DB: Backend> Idle<DB> {
    pub(crate) fn new(link: Link<DB>, heard: Instant) -> Self {
        Idle { link, since: heard, heard, counted: None }
    }

    fn count(&mut self, telemetry: &Telemetry) {
        self.counted.get_or_insert_with(|| Counted::new(telemetry.meters().idle.clone()));
    }
}

pub(crate) struct Places<DB>(PhantomData<fn() -> DB>);

impl<DB: Backend> managed::Manager for Places<DB> {
    // Boxed: a slot changes hands many times.
    type Type = Box<Place<DB>>;
    type Error = std::convert::Infallible;

    async fn create(&self) -> Result<Box<Place<DB>>, Self::Error> {
        Ok(Box::new(Place { idle: None, seat: None, turn: None }))
    }

    async fn recycle(&self, _: &mut Box<Place<DB>>, _: &Metrics) -> RecycleResult<Self::Error> {
        Ok(())
    }
}

/// An open lease, as the pool knows it: the lease may be forgotten, this is not.
struct Open<DB: Backend> {
    log: Arc<Log>,
    peer: Option<DB::Peer>,
    slot: Slot<DB>,
}

pub(crate) struct Pool<DB: Backend> {
    pub(crate) connector: DB::Connector,
    pub(crate) settings: Settings,
    /// Where the connections come from and go back to, unless they are made here.
    pub(crate) lender: Option<sqlx::Pool<DB>>,
    /// Where connections are recovered when a lease is dropped outside of any runtime.
    pub(crate) runtime: Handle,
    pub(crate) seats: Arc<Semaphore>,
    pub(crate) recovering: AtomicUsize,
    /// Places that are being filled for `min_idle`.
    pub(crate) warming: AtomicUsize,
    /// Whether the transaction that is rolled back at the end was begun.
    pub(crate) rehearsing: AtomicBool,
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
    open: Vec<Option<Open<DB>>>,
    used: usize,
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
        let holding = open.iter().flatten().map(|open| &open.log.tenant);
        let holding = holding.chain(served.iter().map(|waiter| &waiter.tenant));
        let next = queue.next(holding, turn.is_some())?;
        self.served.push(Arc::clone(&next));
        Some(next)
    }

    fn take(&mut self, key: usize, log: &Arc<Log>) -> Option<Open<DB>> {
        let open = self.open.get_mut(key)?.take_if(|open| Arc::ptr_eq(&open.log, log))?;
        self.used -= 1;
        Some(open)
    }
}

impl<DB: Backend> Pool<DB> {
    pub(crate) fn new(
        connector: DB::Connector,
        lender: Option<sqlx::Pool<DB>>,
        settings: Settings,
    ) -> Self {
        let places = managed::Pool::builder(Places(PhantomData))
            .config(PoolConfig {
                max_size: settings.max_connections,
                timeouts: Timeouts::default(),
                queue_mode: QueueMode::Lifo,
            })
            .build()
            .expect("a pool without time limits needs no runtime");
        let shared = Shared {
            open: Vec::new(),
            used: 0,
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
            rehearsing: AtomicBool::new(false),
            dedicated: Reasons::default(),
            telemetry: Telemetry::new(
                settings.name.clone().unwrap_or_else(|| DB::NAME.into()),
                settings.max_connections,
            ),
            settings,
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
        if shared.closed {
            let seat = slot.seat.take();
            if let Some(idle) = slot.idle.take() {
                self.let_go(idle.link, seat);
            }
            return Call::default();
        }
        if let Some(waiter) = shared.next() {
            if waiter.writes {
                slot.turn = shared.turn.take();
            }
            self.watch(shared);
            // Who has gone has left the queue first, under this lock.
            return waiter.deliver(Letter::Slot(slot)).unwrap_or_default();
        }
        if !self.keeps() {
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
        self.lender.is_none() || self.settings.rolled_back
    }

    /// Whether a new connection can take the place of one that is being recovered.
    fn replaces(&self) -> bool {
        self.lender.is_none() && !self.settings.rolled_back
    }

    /// A clean connection that does not stay.
    pub(crate) fn let_go(&self, link: Link<DB>, seat: Option<Seat>) {
        match link.raw {
            Raw::Lent(lent) if !self.keeps() => lent.give_back(),
            raw => retire(self, Link { raw, ..link }, seat),
        }
    }

    /// `None` where the pool was closed meanwhile.
    pub(crate) fn enter(
        &self,
        log: &Arc<Log>,
        peer: Option<DB::Peer>,
        slot: Slot<DB>,
    ) -> Option<usize> {
        let open = Open { log: Arc::clone(log), peer, slot };
        let mut shared = self.shared();
        if shared.closed {
            return None;
        }
        shared.used += 1;
        let free = shared.open.iter().position(Option::is_none);
        let key = free.unwrap_or_else(|| {
            shared.open.push(None);
            shared.open.len() - 1
        });
        shared.open[key] = Some(open);
        drop(shared);
        self.telemetry.meters().used.increment(1.0);
        self.rouse();
        Some(key)
    }

    /// The maintenance task has something to look after.
    fn rouse(&self) {
        if self.resting.load(Ordering::Relaxed) && self.resting.swap(false, Ordering::AcqRel) {
            self.bell.notify_one();
        }
    }

    /// The peer of a lease is known now.
    pub(crate) fn meet(&self, key: usize, log: &Arc<Log>, peer: Option<DB::Peer>) {
        let mut shared = self.shared();
        if let Some(Some(open)) = shared.open.get_mut(key)
            && Arc::ptr_eq(&open.log, log)
        {
            open.peer = peer;
        }
    }

    /// Ends a lease, unless it was revoked: its slot is free when this returns. What is not clean is
    /// recovered or closed.
    pub(crate) fn leave(
        self: &Arc<Self>,
        key: usize,
        log: &Arc<Log>,
        link: Link<DB>,
        end: End,
    ) -> bool {
        let at = Instant::now();
        let mut shared = self.shared();
        let Some(Open { mut slot, .. }) = shared.take(key, log) else {
            // Revoked: its seat went with its session.
            drop(shared);
            retire(self, link, None);
            return false;
        };
        self.telemetry.meters().used.decrement(1.0);
        let clean = end == End::Clean && at < link.retire_at && !shared.closed;
        let mut left = None;
        if clean && self.keeps() {
            slot.idle = Some(Idle::new(link, at));
        } else {
            left = Some((link, slot.seat.take()));
        }
        let (place, call) = match end {
            End::Dirty(_) if !self.replaces() => (Some(slot), Call::default()),
            _ => (None, self.release_in(&mut shared, slot)),
        };
        let place = place.map(|slot| Held::new(self, slot));
        let closed = shared.closed;
        drop(shared);
        call.wake();
        if closed {
            self.left.notify_waiters();
        }
        let Some((link, seat)) = left else { return true };
        match end {
            End::Clean => self.let_go(link, seat),
            End::Broken => drop((link.raw, seat)),
            End::Dirty(dirt) => recover(self, link, seat, place, dirt),
        }
        // A connection fewer: there may be one to warm up.
        if self.settings.min_idle > 0 {
            self.bell.notify_one();
        }
        true
    }

    /// Takes the slots of the leases that are `overdue` away from them, and ends their sessions.
    pub(crate) fn revoke(
        self: &Arc<Self>,
        why: Revocation,
        overdue: impl Fn(&Log) -> bool,
    ) -> Vec<Holder> {
        let mut revoked = Vec::new();
        let mut calls = Vec::new();
        let mut shared = self.shared();
        for key in 0..shared.open.len() {
            let Some(open) = shared.open[key].take_if(|open| overdue(&open.log)) else { continue };
            shared.used -= 1;
            let Open { log, peer, mut slot } = open;
            log.revoke(why);
            revoked.push((log, peer, slot.seat.take()));
            calls.push(self.release_in(&mut shared, slot));
        }
        drop(shared);
        calls.into_iter().for_each(Call::wake);
        if !revoked.is_empty() {
            self.left.notify_waiters();
        }
        let end = |(log, peer, seat): (Arc<Log>, Option<DB::Peer>, Option<Seat>)| {
            self.telemetry.meters().used.decrement(1.0);
            let meters = self.telemetry.site(log.site);
            meters.revoked.increment(1);
            meters.ended(&log);
            if let Some(peer) = peer {
                terminate(self, peer, seat);
            }
            log.holder()
        };
        let mut revoked: Vec<_> = revoked.into_iter().map(end).collect();
        revoked.sort_by_key(|holder| std::cmp::Reverse(holder.age));
        revoked
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

    /// Puts a connection into a free place without one.
    pub(crate) fn adopt(&self, link: Link<DB>, seat: Option<Seat>) {
        let mut adopted = Some((link, seat));
        // Under the lock: nobody queues up meanwhile.
        let shared = self.shared();
        if !shared.closed {
            self.rouse();
            self.sift(|mut slot| {
                if slot.idle.is_none()
                    && let Some((link, seat)) = adopted.take()
                {
                    slot.idle.insert(Idle::new(link, Instant::now())).count(&self.telemetry);
                    slot.seat = seat;
                }
                Some(slot)
            });
        }
        drop(shared);
        if let Some((link, seat)) = adopted {
            retire(self, link, seat);
        }
    }

    /// Shows every free place, those with a connection first, the last used first, and one without.
    /// Those that are not returned stay out. To be called under the lock.
    fn sift(&self, mut keep: impl FnMut(Slot<DB>) -> Option<Slot<DB>>) {
        let mut kept = Vec::new();
        while let Some(slot) = self.try_slot() {
            let last = slot.idle.is_none();
            kept.extend(keep(slot));
            if last {
                break;
            }
        }
        for slot in kept.into_iter().rev() {
            match slot.idle {
                Some(_) => drop(slot),
                None => drop(Object::take(slot)),
            }
        }
    }

    /// The idle connections that are past their time leave the pool, others that have been silent
    /// for too long are returned in their slots, to be asked for a sign of life.
    pub(crate) fn weed(&self) -> Vec<Slot<DB>> {
        let now = Instant::now();
        let settings = &self.settings;
        let (mut spent, mut silent) = (Vec::new(), Vec::new());
        let mut idle_after = 0;
        let shared = self.shared();
        self.sift(|mut slot| {
            let Some(idle) = &slot.idle else { return Some(slot) };
            let unused = now >= idle.since + settings.idle_timeout;
            if now >= idle.link.retire_at || unused && idle_after >= settings.min_idle {
                let seat = slot.seat.take();
                spent.extend(slot.idle.take().map(|idle| (idle.link, seat)));
                drop(Object::take(slot));
                return None;
            }
            idle_after += 1;
            if settings.keepalive.is_some_and(|after| now >= idle.heard + after) {
                silent.push(slot);
                return None;
            }
            Some(slot)
        });
        drop(shared);
        for (link, seat) in spent {
            retire(self, link, seat);
        }
        silent
    }

    /// Empty places to warm up.
    pub(crate) fn cold(&self) -> Vec<Slot<DB>> {
        let mut cold = Vec::new();
        let shared = self.shared();
        if shared.closed {
            return cold;
        }
        let mut warm = Vec::new();
        while let Some(slot) = self.try_slot() {
            if slot.idle.is_some() {
                warm.push(slot);
            } else if warm.len() + cold.len() < self.settings.min_idle {
                cold.push(slot);
            } else {
                drop(Object::take(slot));
                break;
            }
        }
        warm.into_iter().rev().for_each(drop);
        cold
    }

    /// When the maintenance task has something to do next; `None` where only a lease can bring it
    /// work, whose opening rings the bell.
    pub(crate) fn due(&self) -> Option<Instant> {
        let now = Instant::now();
        let settings = &self.settings;
        let mut due = Vec::new();
        let mut shared = self.shared();
        shared.looks_at.take_if(|at| *at <= tokio::time::Instant::now());
        let looks_at = shared.looks_at.map(tokio::time::Instant::into_std);
        let open = shared.open.iter().flatten();
        due.extend(open.map(|open| open.log.since + settings.revoke_after()));
        due.extend(shared.served.iter().filter_map(|waiter| waiter.lapses_at()));
        self.sift(|slot| {
            if let Some(idle) = &slot.idle {
                due.push(idle.link.retire_at);
                // One past it is kept for `min_idle`.
                due.extend(Some(idle.since + settings.idle_timeout).filter(|at| *at > now));
                due.extend(settings.keepalive.map(|after| idle.heard + after));
            }
            Some(slot)
        });
        if due.is_empty() {
            self.resting.store(true, Ordering::Release);
            return looks_at;
        }
        // What begins after this look is due no sooner than this.
        due.push(now + settings.revoke_after().min(settings.idle_period()));
        due.into_iter().chain(looks_at).min()
    }

    pub(crate) fn holders(&self) -> Vec<Holder> {
        self.holders_but(None)
    }

    fn holders_but(&self, own: Option<&Log>) -> Vec<Holder> {
        let others = |open: &&Open<DB>| own.is_none_or(|own| !std::ptr::eq(&*open.log, own));
        let mut holders: Vec<_> = self
            .shared()
            .open
            .iter()
            .flatten()
            .filter(others)
            .map(|open| open.log.holder())
            .collect();
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.age));
        holders
    }

    /// `own` is the lease that waits, where it counts as open.
    pub(crate) fn busy(&self, phase: Phase, since: Instant, own: Option<&Log>) -> Box<Busy> {
        let status = self.places.status();
        let mut holders = self.holders_but(own);
        let used = holders.len();
        holders.truncate(3);
        Box::new(Busy {
            phase,
            waited: since.elapsed(),
            max: self.settings.max_connections,
            used,
            idle: status.available,
            recovering: self.recovering.load(Ordering::Relaxed),
            waiting: self.waiting(),
            holders,
        })
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

    pub(crate) fn used(&self) -> usize {
        self.shared().used
    }

    fn shared(&self) -> MutexGuard<'_, Shared<DB>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a lease leaves behind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Clean,
    Dirty(Dirt),
    Broken,
}

/// Why a connection cannot be lent again as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dirt {
    /// A statement was not answered to its end.
    pub(crate) in_flight: bool,
    /// Unchecked code had it.
    pub(crate) touched: bool,
}

/// The maintenance task holds the pool only while it looks after it.
impl<DB: Backend> Drop for Pool<DB> {
    fn drop(&mut self) {
        self.bell.notify_one();
    }
}
