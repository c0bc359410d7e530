//! Who waits for a connection, and in which order they are served.

use std::collections::{HashMap, VecDeque};
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

use super::slot::SlotId;
use crate::lease_info::Tenant;

/// A request for a connection.
#[derive(Clone, Debug)]
pub(crate) struct SlotRequest {
    pub(crate) tenant: Tenant,
    /// The lease writes, and its database has one writer: it needs the permit to write too.
    pub(crate) writes: bool,
    /// The session has had a lease, so work was done that would be lost: it goes before those that have not begun.
    pub(crate) has_begun: bool,
    pub(crate) since: Instant,
    pub(crate) deadline: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct WaiterId(u64);

/// The reason why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Refusal<E> {
    Closed,
    /// There are more leases than the pool can serve, or than its one writer lets write.
    Overloaded {
        by_writers: bool,
    },
    ConnectFailed(E),
}

/// The answer that is ready for a waiter, until its future is polled.
#[derive(Clone, Debug)]
pub(super) enum Answer<E> {
    /// The slot keeps its connection until then, so the pool can take it back from a future that is
    /// never polled again. A semaphore's permit would be lost.
    Slot(SlotId),
    Refused(Refusal<E>),
}

#[derive(Clone, Debug)]
struct Waiter {
    id: WaiterId,
    request: SlotRequest,
    waker: Option<Waker>,
    /// It, or another before it, did not come for a slot, and it has not been polled since: it is served
    /// no more until then.
    dormant: bool,
}

impl Waiter {
    fn is_servable(&self, now: Instant, may_write: bool) -> bool {
        !self.dormant && self.request.deadline > now && (may_write || !self.request.writes)
    }
}

/// A pool for which somebody has waited at any time for so long has more to do than it can: a burst would have ended.
const OVERLOAD: Duration = Duration::from_secs(1);

/// All waiters: those that wait, in the order in which they are served, and those with an answer.
#[derive(Clone, Debug)]
pub(super) struct Queue<E> {
    /// Those whose sessions have begun stand before the others.
    waiting: VecDeque<Waiter>,
    /// The number of those whose sessions have begun.
    begun: usize,
    /// Since when there has always been somebody who waits.
    waited_since: Option<Instant>,
    answered: Vec<(Waiter, Answer<E>)>,
    /// The number of those that wait with a tenant. Without any, order is all there is to it.
    tenants: usize,
    next_id: u64,
}

impl<E> Queue<E> {
    pub(super) fn new() -> Self {
        Queue {
            waiting: VecDeque::new(),
            begun: 0,
            waited_since: None,
            answered: Vec::new(),
            tenants: 0,
            next_id: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, request: SlotRequest) -> WaiterId {
        let id = WaiterId(self.next_id);
        self.next_id += 1;
        self.waited_since.get_or_insert(request.since);
        let at = if request.has_begun { self.begun } else { self.waiting.len() };
        self.insert(at, Waiter { id, request, waker: None, dormant: false });
        id
    }

    /// Takes the answer to a waiter, and the waiter with it.
    pub(super) fn take_answer(&mut self, id: WaiterId) -> Option<Answer<E>> {
        let at = self.answered.iter().position(|(waiter, _)| waiter.id == id)?;
        Some(self.answered.swap_remove(at).1)
    }

    /// Remembers whom to wake for an answer. Returns `true` if the waiter was passed over until now.
    pub(super) fn listen(&mut self, id: WaiterId, waker: &Waker) -> bool {
        // Whoever has just come stands at the end, and the others are hardly ever polled.
        let Some(at) = self.waiting.iter().rposition(|waiter| waiter.id == id) else {
            return false;
        };
        let waiter = &mut self.waiting[at];
        waiter.waker = Some(waker.clone());
        std::mem::replace(&mut waiter.dormant, false)
    }

    /// Forgets a waiter. Returns the slot that lay ready for it.
    pub(super) fn remove(&mut self, id: WaiterId) -> Option<SlotId> {
        match self.take_answer(id) {
            Some(Answer::Slot(slot)) => Some(slot),
            Some(Answer::Refused(_)) => None,
            None => {
                let at = self.position(id)?;
                self.take(at);
                None
            }
        }
    }

    /// Finds whom to serve next: of the tenants that wait, the one that holds the least; of its
    /// waiters, and without tenants of all, the first to come. `leased` names the tenants of the
    /// open leases.
    pub(super) fn next<'a>(
        &self,
        leased: impl Iterator<Item = &'a Tenant>,
        may_write: bool,
        now: Instant,
    ) -> Option<usize> {
        let servable = |waiter: &Waiter| waiter.is_servable(now, may_write);
        if self.tenants == 0 {
            return self.waiting.iter().position(servable);
        }
        let mut holds: HashMap<&Tenant, usize> = HashMap::new();
        leased.for_each(|tenant| *holds.entry(tenant).or_default() += 1);
        for (waiter, answer) in &self.answered {
            let served = matches!(answer, Answer::Slot(_));
            *holds.entry(&waiter.request.tenant).or_default() += usize::from(served);
        }
        let waiting = self.waiting.iter().enumerate().filter(|(_, waiter)| servable(waiter));
        let holds = |waiter: &Waiter| holds.get(&waiter.request.tenant).copied().unwrap_or(0);
        waiting.min_by_key(|(_, waiter)| holds(waiter)).map(|(at, _)| at)
    }

    /// Finds the first who waits since `then` or longer.
    pub(super) fn first_before(
        &self,
        then: Instant,
        may_write: bool,
        now: Instant,
    ) -> Option<usize> {
        self.waiting
            .iter()
            .position(|waiter| waiter.request.since <= then && waiter.is_servable(now, may_write))
    }

    pub(super) fn request(&self, at: usize) -> &SlotRequest {
        &self.waiting[at].request
    }

    /// Takes the waker of one that goes on waiting.
    pub(super) fn waker(&mut self, at: usize) -> Option<Waker> {
        self.waiting[at].waker.take()
    }

    pub(super) fn answer(&mut self, at: usize, answer: Answer<E>) -> Option<Waker> {
        let mut waiter = self.take(at)?;
        let waker = waiter.waker.take();
        self.answered.push((waiter, answer));
        waker
    }

    /// Puts the waiter that did not come for `slot` back in the queue, as the last, where it is passed
    /// over until it is polled.
    pub(super) fn requeue(&mut self, slot: SlotId) {
        let is_its = |answer: &Answer<E>| matches!(answer, Answer::Slot(its) if *its == slot);
        let Some(at) = self.answered.iter().position(|(_, answer)| is_its(answer)) else { return };
        let (waiter, _) = self.answered.swap_remove(at);
        let at = if waiter.request.has_begun { self.begun } else { self.waiting.len() };
        self.insert(at, Waiter { dormant: true, ..waiter });
    }

    /// Finds one that has waited for `target` to begin, when there is more to do than the pool can.
    pub(super) fn overdue(&self, target: Duration, now: Instant) -> Option<usize> {
        self.overdue_at(target).is_some_and(|at| at <= now).then_some(self.begun)
    }

    /// When the first of those that wait is overdue, if somebody waits until then.
    pub(super) fn overdue_at(&self, target: Duration) -> Option<Instant> {
        let first = self.waiting.get(self.begun)?;
        let overloaded = self.waited_since? + OVERLOAD;
        Some(overloaded.max(first.request.since + target))
    }

    /// Passes over all who wait until they are polled. Returns whom to wake for it.
    pub(super) fn pass_over_all(&mut self) -> Vec<Waker> {
        let wake = |waiter: &mut Waiter| {
            waiter.dormant = true;
            waiter.waker.take()
        };
        self.waiting.iter_mut().filter_map(wake).collect()
    }

    /// Returns `true` if somebody waits who comes when there is a connection.
    pub(super) fn has_servable(&self, now: Instant) -> bool {
        self.waiting.iter().any(|waiter| waiter.is_servable(now, true))
    }

    /// Drops those whose deadline was before `then`: whoever is polled has left by now, and has asked what it waited for.
    pub(super) fn forget_expired(&mut self, then: Instant) {
        let (tenants, begun) = (&mut self.tenants, &mut self.begun);
        self.waiting.retain(|waiter| {
            let waits = waiter.request.deadline >= then;
            *tenants -= usize::from(!waits && waiter.request.tenant.is_some());
            *begun -= usize::from(!waits && waiter.request.has_begun);
            waits
        });
        self.end_busy_if_empty();
    }

    /// Counts those that can be served, where one more may write if `may_write`.
    pub(super) fn demand(&self, may_write: bool, now: Instant) -> usize {
        let servable = self.waiting.iter().filter(|waiter| waiter.is_servable(now, may_write));
        let (mut readers, mut writers) = (0, 0);
        for waiter in servable {
            *if waiter.request.writes { &mut writers } else { &mut readers } += 1;
        }
        readers + writers.min(1)
    }

    /// Finds a waiter's place among those that wait.
    pub(super) fn position(&self, id: WaiterId) -> Option<usize> {
        self.waiting.iter().position(|waiter| waiter.id == id)
    }

    /// Gives all the same answer. Returns whom to wake, and the slots that lay ready.
    pub(super) fn refuse_all(
        &mut self,
        refusal: impl Fn() -> Refusal<E>,
    ) -> (Vec<Waker>, Vec<SlotId>) {
        let mut slots = Vec::new();
        for (_, answer) in &mut self.answered {
            if let Answer::Slot(slot) = *answer {
                slots.push(slot);
                *answer = Answer::Refused(refusal());
            }
        }
        let mut wakers = Vec::new();
        while let Some(waiter) = self.waiting.pop_front() {
            wakers.extend(waiter.waker.clone());
            self.answered.push((waiter, Answer::Refused(refusal())));
        }
        (self.tenants, self.begun) = (0, 0);
        self.end_busy_if_empty();
        (wakers, slots)
    }

    fn insert(&mut self, at: usize, waiter: Waiter) {
        self.tenants += usize::from(waiter.request.tenant.is_some());
        self.begun += usize::from(waiter.request.has_begun);
        self.waiting.insert(at, waiter);
    }

    fn take(&mut self, at: usize) -> Option<Waiter> {
        let waiter = self.waiting.remove(at)?;
        self.tenants -= usize::from(waiter.request.tenant.is_some());
        self.begun -= usize::from(waiter.request.has_begun);
        self.end_busy_if_empty();
        Some(waiter)
    }

    fn end_busy_if_empty(&mut self) {
        if self.waiting.is_empty() {
            self.waited_since = None;
        }
    }
}
