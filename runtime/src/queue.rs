use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use crate::pool::Slot;
use crate::{Backend, Error};

/// The schema a session works in; equal names share.
pub(crate) type Tenant = Option<Arc<str>>;

/// A waiter that is not polled for so long after it was served loses its place: its future was
/// forgotten, or stands in a `select!` that waits for another branch.
pub(crate) const UNCLAIMED: Duration = Duration::from_millis(500);

/// One who waits for a usable slot. What is meant for it lies in its letterbox, so the pool can
/// take it back from a future that is never polled again: a semaphore's permit would be lost.
pub(crate) struct Waiter<DB: Backend> {
    pub(crate) tenant: Tenant,
    /// It waits for the turn too.
    pub(crate) writes: bool,
    deadline: Instant,
    letterbox: Mutex<Letterbox<DB>>,
}

struct Letterbox<DB: Backend> {
    letter: Option<Letter<DB>>,
    delivered: Instant,
    waker: Option<Waker>,
    gone: bool,
}

pub(crate) enum Letter<DB: Backend> {
    Slot(Slot<DB>),
    Failed(Error),
    /// It was served, and did not come for it.
    Lapsed,
}

/// To be woken outside of locks.
#[must_use]
#[derive(Default)]
pub(crate) struct Call(Option<Waker>);

impl Call {
    pub(crate) fn wake(self) {
        if let Some(waker) = self.0 {
            waker.wake();
        }
    }
}

impl<DB: Backend> Waiter<DB> {
    pub(crate) fn new(tenant: Tenant, writes: bool, deadline: Instant) -> Self {
        let letterbox = Letterbox { letter: None, delivered: deadline, waker: None, gone: false };
        Waiter { tenant, writes, deadline, letterbox: Mutex::new(letterbox) }
    }

    /// # Cancel safety
    ///
    /// Safe: the letter stays in the box.
    pub(crate) async fn letter(&self) -> Letter<DB> {
        poll_fn(|cx| {
            let mut letterbox = self.letterbox();
            match letterbox.letter.take() {
                Some(letter) => Poll::Ready(letter),
                None => {
                    letterbox.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Gives the letter back where nobody waits for it any more.
    pub(crate) fn deliver(&self, letter: Letter<DB>) -> Result<Call, Letter<DB>> {
        let mut letterbox = self.letterbox();
        if letterbox.gone {
            return Err(letter);
        }
        letterbox.letter = Some(letter);
        letterbox.delivered = Instant::now();
        Ok(Call(letterbox.waker.take()))
    }

    /// Nothing more is delivered; what lay in the box is returned.
    pub(crate) fn leave(&self) -> Option<Letter<DB>> {
        let mut letterbox = self.letterbox();
        letterbox.gone = true;
        letterbox.waker = None;
        letterbox.letter.take()
    }

    /// When an unclaimed letter lapses, where there is one.
    pub(crate) fn lapses_at(&self) -> Option<Instant> {
        let letterbox = self.letterbox();
        let slot = matches!(letterbox.letter, Some(Letter::Slot(_)));
        slot.then(|| letterbox.delivered + UNCLAIMED)
    }

    /// The unclaimed slot, taken back.
    pub(crate) fn lapse(&self) -> Option<Slot<DB>> {
        let mut letterbox = self.letterbox();
        match letterbox.letter.take() {
            Some(Letter::Slot(slot)) => {
                letterbox.letter = Some(Letter::Lapsed);
                Some(slot)
            }
            other => {
                letterbox.letter = other;
                None
            }
        }
    }

    fn letterbox(&self) -> MutexGuard<'_, Letterbox<DB>> {
        self.letterbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who waits, in the order of arrival.
pub(crate) struct Queue<DB: Backend> {
    waiters: VecDeque<Arc<Waiter<DB>>>,
    /// How many of them have a tenant: without any, order is all there is to it.
    tenants: usize,
}

impl<DB: Backend> Queue<DB> {
    pub(crate) fn new() -> Self {
        Queue { waiters: VecDeque::new(), tenants: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiters.len()
    }

    pub(crate) fn push(&mut self, waiter: Arc<Waiter<DB>>) {
        self.tenants += usize::from(waiter.tenant.is_some());
        self.waiters.push_back(waiter);
    }

    /// For one who had its turn and missed it.
    pub(crate) fn push_first(&mut self, waiter: Arc<Waiter<DB>>) {
        self.tenants += usize::from(waiter.tenant.is_some());
        self.waiters.push_front(waiter);
    }

    pub(crate) fn remove(&mut self, waiter: &Arc<Waiter<DB>>) {
        let place = self.waiters.iter().position(|other| Arc::ptr_eq(other, waiter));
        if let Some(place) = place {
            self.take(place);
        }
    }

    /// The next one to serve, who may `write` or not: of the tenants that wait, the one that holds the
    /// least; of its waiters, and without tenants of all, the first to come.
    pub(crate) fn next<'a>(
        &mut self,
        held: impl Iterator<Item = &'a Tenant>,
        write: bool,
    ) -> Option<Arc<Waiter<DB>>> {
        // Forgotten ones: whoever is polled has left at its deadline.
        let now = Instant::now();
        while self.waiters.front().is_some_and(|waiter| waiter.deadline <= now) {
            self.take(0);
        }
        let servable = |waiter: &Waiter<DB>| waiter.deadline > now && (write || !waiter.writes);
        if self.tenants == 0 {
            let first = self.waiters.iter().position(|waiter| servable(waiter))?;
            return self.take(first);
        }
        let mut holds: HashMap<&Tenant, usize> = HashMap::new();
        for tenant in held {
            *holds.entry(tenant).or_default() += 1;
        }
        let least = self
            .waiters
            .iter()
            .enumerate()
            .filter(|(_, waiter)| servable(waiter))
            .min_by_key(|(_, waiter)| holds.get(&waiter.tenant).copied().unwrap_or(0))
            .map(|(place, _)| place)?;
        self.take(least)
    }

    pub(crate) fn drain(&mut self) -> Vec<Arc<Waiter<DB>>> {
        self.tenants = 0;
        self.waiters.drain(..).collect()
    }

    fn take(&mut self, place: usize) -> Option<Arc<Waiter<DB>>> {
        let waiter = self.waiters.remove(place)?;
        self.tenants -= usize::from(waiter.tenant.is_some());
        Some(waiter)
    }
}
