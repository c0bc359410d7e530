//! A small pool in every order of everything that can happen to it: three sessions on two slots.
//!
//! The sessions and tasks are played by the test, so it knows who has which slot and connection, who
//! was woken, and who is next. After every step it compares that with the pool's state, and then runs
//! on a copy until nobody can do anything more: whoever still waits was forgotten.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use stateright::{Checker, Model, Property};
use tokio::time::Instant;

use super::super::queue::{Refusal, SlotRequest, WaiterId};
use super::super::slot::{
    Clean, Disposition, LeaseId, Lifetime, MayAnswer, RecoveryReason, Slot, SlotId,
};
use super::{ConnectFailure, Effect, Limits, PoolState, UNCLAIMED};
use crate::lease_info::Tenant;

const SESSIONS: usize = 3;
const SLOTS: usize = 2;
const FOREVER: Duration = Duration::from_secs(1_000_000);
const CLEAN: Disposition = Disposition::Clean;
const DIRTY: Disposition = Disposition::NeedsRecovery(RecoveryReason {
    in_flight: true,
    torn: false,
    rows_coming: false,
    in_transaction: false,
    unchecked_used: false,
});
const OUTDATED: Disposition = Disposition::Outdated;
const BROKEN: Disposition = Disposition::Broken;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static WAKERS: LazyLock<[Waker; SESSIONS]> =
    LazyLock::new(|| std::array::from_fn(|session| Waker::from(Arc::new(SessionWaker(session)))));

thread_local! {
    static WOKEN: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

struct SessionWaker(usize);

impl Wake for SessionWaker {
    fn wake(self: Arc<Self>) {
        WOKEN.with_borrow_mut(|woken| woken.push(self.0));
    }
}

type Conn = u8;

impl MayAnswer for Conn {
    fn may_answer(&self) -> bool {
        true
    }
}

type Pool = PoolState<Conn, usize, &'static str>;

/// The part that differs between runs.
#[derive(Clone)]
struct Setup {
    limits: Limits,
    tenants: [Tenant; SESSIONS],
    writes: [bool; SESSIONS],
    /// How often each session asks for a connection.
    tries: [u8; SESSIONS],
    /// How long a connection may live.
    lifetime: Duration,
    /// How often time passes.
    ticks: u8,
}

#[derive(Clone, Debug, PartialEq)]
enum Session {
    Out,
    Waiting(WaiterId),
    CheckedOut(SlotId, Conn),
    Leased(LeaseId, Conn),
    /// It does not know yet that its slot is gone.
    Revoked(LeaseId, Conn),
}

#[derive(Clone, Debug)]
enum Task {
    Connect { slot: SlotId, idle: Option<Clean<Conn>> },
    KeepAlive { slot: SlotId, idle: Clean<Conn> },
    Recover { slot: Option<SlotId>, conn: Conn, lifetime: Lifetime },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Owner {
    Idle,
    Empty,
    CheckedOut,
    Leased(u64),
    Connecting,
    Recovering,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum TaskOutcome {
    Done,
    Failed,
    /// A connect that may succeed later.
    Refused,
    /// Dropped with its runtime.
    Aborted,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Ask(usize),
    Poll(usize),
    Leave(usize),
    Open(usize),
    End(usize, Disposition),
    Revoke(usize),
    /// It is revoked if somebody waits.
    Stall(usize),
    Finish(usize, TaskOutcome),
    Tick,
    Close,
}

#[derive(Clone, Debug)]
struct World {
    pool: Pool,
    sessions: [Session; SESSIONS],
    tries: [u8; SESSIONS],
    /// Woken, and not polled since.
    woken: [bool; SESSIONS],
    /// The sessions that wait, in the order in which they are to be served.
    order: Vec<usize>,
    /// Those of them that have not been polled since one of them did not come for a slot.
    dormant: BTreeSet<usize>,
    /// Those that have an answer, and do not know it yet.
    answered: Vec<usize>,
    /// Those of them whose answer is an error.
    refused: BTreeSet<usize>,
    tasks: Vec<Task>,
    alive: BTreeSet<Conn>,
    ticks: u8,
    closed: bool,
    fault: Option<String>,
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        let hash = |world: &World| BuildHasherDefault::<DefaultHasher>::default().hash_one(world);
        hash(self) == hash(other)
    }
}

impl Hash for World {
    /// Times count from now, names do not count.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let age = |at: Instant| {
            let age = self.now().saturating_duration_since(at).as_millis() / UNCLAIMED.as_millis();
            age.min(4)
        };
        for slot in &self.pool.slots {
            std::mem::discriminant(slot).hash(hasher);
            match slot {
                Slot::Idle(idle) => age(idle.last_checked).hash(hasher),
                Slot::Offered { connection, at } => {
                    let is_outdated = self.pool.is_outdated(connection.lifetime);
                    (age(connection.last_checked), age(*at), is_outdated).hash(hasher);
                }
                Slot::Connecting { began, validates } => (age(*began), validates).hash(hasher),
                _ => {}
            }
        }
        for session in &self.sessions {
            std::mem::discriminant(session).hash(hasher);
            match session {
                Session::CheckedOut(slot, _) => slot.hash(hasher),
                Session::Leased(id, _) => id.slot.hash(hasher),
                Session::Revoked(id, _) => {
                    let slot = &self.pool.slots[id.slot.0];
                    (id.slot, matches!(slot, Slot::Leased(_))).hash(hasher);
                }
                _ => {}
            }
        }
        let is_outdated = |lifetime| self.pool.is_outdated(lifetime);
        for task in &self.tasks {
            let (kind, slot, lifetime) = match task {
                Task::Connect { slot, idle } => (0, Some(slot), idle.as_ref().map(|i| i.lifetime)),
                Task::KeepAlive { slot, idle } => (1, Some(slot), Some(idle.lifetime)),
                Task::Recover { slot, lifetime, .. } => (2, slot.as_ref(), Some(*lifetime)),
            };
            (kind, slot, lifetime.map(is_outdated)).hash(hasher);
        }
        (&self.pool.idle, &self.pool.empty, self.pool.writer, self.ticks).hash(hasher);
        (self.pool.unclaimed_check.is_some(), self.closed, &self.fault).hash(hasher);
        let fault = self.pool.connect_fault.as_ref();
        fault.map(|fault| self.now() >= fault.retry_at).hash(hasher);
        (self.tries, self.woken, &self.order, &self.dormant, &self.answered).hash(hasher);
    }
}

impl World {
    fn new(setup: &Setup) -> Self {
        World {
            pool: PoolState::new(setup.limits.clone()),
            sessions: std::array::from_fn(|_| Session::Out),
            tries: setup.tries,
            woken: [false; SESSIONS],
            order: Vec::new(),
            dormant: BTreeSet::new(),
            answered: Vec::new(),
            refused: BTreeSet::new(),
            tasks: Vec::new(),
            alive: BTreeSet::new(),
            ticks: setup.ticks,
            closed: false,
            fault: None,
        }
    }

    /// A tick is as long as a slot may lie unclaimed.
    fn now(&self) -> Instant {
        *START + UNCLAIMED * u32::from(u8::MAX - self.ticks)
    }

    fn new_conn(&mut self, lifetime: Duration) -> Clean<Conn> {
        let conn = (0..).find(|conn| !self.alive.contains(conn)).unwrap();
        self.alive.insert(conn);
        let now = self.now();
        Clean::new(conn, Lifetime { made_at: now, retire_at: now + lifetime }, now)
    }

    fn lose(&mut self, conn: Conn) {
        if !self.alive.remove(&conn) {
            self.found(format!("connection {conn} ends twice"));
        }
    }

    fn found(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }

    // --- What can happen ---

    fn actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (nth, session) in self.sessions.iter().enumerate() {
            match session {
                Session::Out if self.tries[nth] > 0 => actions.push(Action::Ask(nth)),
                Session::Out => {}
                Session::Waiting(_) => actions.extend([Action::Poll(nth), Action::Leave(nth)]),
                Session::CheckedOut(..) => actions.extend([Action::Open(nth), Action::Leave(nth)]),
                Session::Leased(..) => {
                    let ends = [CLEAN, DIRTY, OUTDATED, BROKEN].map(|end| Action::End(nth, end));
                    actions.extend(ends);
                    actions.extend([Action::Revoke(nth), Action::Stall(nth)]);
                }
                Session::Revoked(..) => actions.push(Action::End(nth, CLEAN)),
            }
        }
        for task in 0..self.tasks.len() {
            let outcomes = [TaskOutcome::Done, TaskOutcome::Failed, TaskOutcome::Aborted];
            actions.extend(outcomes.map(|outcome| Action::Finish(task, outcome)));
            // Each pause takes a tick.
            if self.ticks > 0 && matches!(self.tasks[task], Task::Connect { .. }) {
                actions.push(Action::Finish(task, TaskOutcome::Refused));
            }
        }
        if self.ticks > 0 {
            actions.push(Action::Tick);
        }
        if !self.closed {
            actions.push(Action::Close);
        }
        actions
    }

    fn step(&mut self, setup: &Setup, action: &Action) {
        let before = self.order.clone();
        match *action {
            Action::Ask(nth) => self.ask(setup, nth),
            Action::Poll(nth) => self.poll(nth),
            Action::Leave(nth) => self.leave(nth),
            Action::Open(nth) => self.open(setup, nth),
            Action::End(nth, disposition) => self.end(setup, nth, disposition),
            Action::Revoke(nth) => self.revoke(nth),
            Action::Stall(nth) => self.stall(nth),
            Action::Finish(task, outcome) => self.finish(setup, task, outcome),
            Action::Tick => {
                self.ticks -= 1;
                self.pool.maintain(self.now());
            }
            Action::Close => {
                self.closed = true;
                self.pool.close();
            }
        }
        self.perform();
        self.follow_queue();
        self.check(setup);
        match action {
            Action::Finish(_, TaskOutcome::Failed) => {
                let told = self.answered.iter().filter(|nth| before.contains(nth));
                self.refused.extend(told);
            }
            _ => self.check_order(setup, &before),
        }
    }

    fn ask(&mut self, setup: &Setup, nth: usize) {
        self.tries[nth] -= 1;
        let now = self.now();
        let writes = setup.writes[nth];
        if let Some((slot, connection)) = self.pool.check_out_now(writes, now) {
            if self.servable(setup).next().is_some() {
                self.found(format!("session {nth} is served before those that wait"));
            }
            self.sessions[nth] = Session::CheckedOut(slot, connection.conn);
            return;
        }
        let tenant = setup.tenants[nth].clone();
        let request =
            SlotRequest { tenant, writes, has_begun: false, since: now, deadline: now + FOREVER };
        if let Some(id) = self.pool.enqueue(request, now) {
            self.order.push(nth);
            self.sessions[nth] = Session::Waiting(id);
            self.poll(nth);
        } else if !self.closed {
            self.found("refused by an open pool".into());
        }
    }

    fn poll(&mut self, nth: usize) {
        let Session::Waiting(id) = self.sessions[nth] else { unreachable!("an action of waiters") };
        self.woken[nth] = false;
        self.dormant.remove(&nth);
        let answer = self.pool.poll(id, &WAKERS[nth], self.now());
        if answer.is_ready() {
            self.order.retain(|other| *other != nth);
            self.answered.retain(|other| *other != nth);
            self.refused.remove(&nth);
        }
        match answer {
            Poll::Pending => {}
            Poll::Ready(Ok((slot, connection))) => {
                if self.closed {
                    self.found(format!("session {nth} is served after the close"));
                }
                self.sessions[nth] = Session::CheckedOut(slot, connection.conn);
            }
            Poll::Ready(Err(refusal)) => {
                if refusal == Refusal::Closed && !self.closed {
                    self.found("refused by an open pool".into());
                }
                self.sessions[nth] = Session::Out;
            }
        }
    }

    fn leave(&mut self, nth: usize) {
        let now = self.now();
        match std::mem::replace(&mut self.sessions[nth], Session::Out) {
            Session::Waiting(id) => {
                self.woken[nth] = false;
                self.dormant.remove(&nth);
                self.order.retain(|other| *other != nth);
                self.answered.retain(|other| *other != nth);
                self.refused.remove(&nth);
                self.pool.leave(id, now);
            }
            Session::CheckedOut(slot, conn) => {
                self.lose(conn);
                self.pool.put_back(slot, None, now);
            }
            _ => unreachable!("an action of who has no lease"),
        }
    }

    fn open(&mut self, setup: &Setup, nth: usize) {
        let Session::CheckedOut(slot, conn) = self.sessions[nth] else {
            unreachable!("an action of who has a slot")
        };
        let now = self.now();
        match self.pool.open_lease(slot, setup.tenants[nth].clone(), now, nth) {
            Ok(id) if self.closed => self.found(format!("{id:?} opens after the close")),
            Ok(id) => self.sessions[nth] = Session::Leased(id, conn),
            Err(_) => {
                self.sessions[nth] = Session::Out;
                self.lose(conn);
                self.pool.put_back(slot, None, now);
            }
        }
    }

    fn end(&mut self, setup: &Setup, nth: usize, disposition: Disposition) {
        let now = self.now();
        match std::mem::replace(&mut self.sessions[nth], Session::Out) {
            Session::Leased(id, conn) => match self.pool.end_lease(id) {
                Some(_) => {
                    let lifetime = Lifetime { made_at: now, retire_at: now + setup.lifetime };
                    if disposition == OUTDATED {
                        self.pool.retire_older(lifetime, now);
                    }
                    self.pool.check_in(id.slot, conn, lifetime, disposition, now);
                }
                None => self.found(format!("the lease of session {nth} is unknown")),
            },
            Session::Revoked(id, conn) => {
                self.lose(conn);
                if self.pool.end_lease(id).is_some() {
                    self.found(format!("session {nth} ends another's lease"));
                }
            }
            _ => unreachable!("an action of who has a lease"),
        }
    }

    fn revoke(&mut self, nth: usize) {
        let Session::Leased(id, conn) = self.sessions[nth] else {
            unreachable!("an action of who has a lease")
        };
        let revoked = self.pool.revoke(self.now(), |open| open.lease == nth);
        if revoked != [nth] {
            self.found(format!("revoked: {revoked:?}"));
        }
        self.sessions[nth] = Session::Revoked(id, conn);
    }

    fn stall(&mut self, nth: usize) {
        let Session::Leased(id, conn) = self.sessions[nth] else {
            unreachable!("an action of who has a lease")
        };
        let waits = self.order.iter().any(|waiter| !self.dormant.contains(waiter));
        let revoked = self.pool.revoke_stalled(self.now(), |lease| *lease == nth);
        match (waits, &revoked[..]) {
            (true, [only]) if *only == nth => self.sessions[nth] = Session::Revoked(id, conn),
            (false, []) => {}
            _ => self.found(format!("revoked: {revoked:?}, and somebody waits: {waits}")),
        }
    }

    fn finish(&mut self, setup: &Setup, task: usize, outcome: TaskOutcome) {
        let now = self.now();
        match (self.tasks.remove(task), outcome) {
            (Task::Connect { slot, idle: Some(idle) }, TaskOutcome::Done)
            | (Task::KeepAlive { slot, idle }, TaskOutcome::Done) => {
                let connection = Clean::new(idle.conn, idle.lifetime, now);
                self.pool.put_back(slot, Some(connection), now);
            }
            (Task::Connect { slot, idle: None }, TaskOutcome::Done) => {
                let connection = self.new_conn(setup.lifetime);
                self.pool.put_back(slot, Some(connection), now);
            }
            (Task::Connect { slot, idle }, TaskOutcome::Failed) => {
                idle.into_iter().for_each(|idle| self.lose(idle.conn));
                self.pool.connect_failed(slot, ConnectFailure::Final("refused"), now);
            }
            (Task::Connect { slot, idle }, TaskOutcome::Refused) => {
                idle.into_iter().for_each(|idle| self.lose(idle.conn));
                let failure = ConnectFailure::Passing("no room", UNCLAIMED);
                self.pool.connect_failed(slot, failure, now);
            }
            (Task::Connect { slot, idle }, TaskOutcome::Aborted) => {
                idle.into_iter().for_each(|idle| self.lose(idle.conn));
                self.pool.put_back(slot, None, now);
            }
            (Task::KeepAlive { slot, idle }, _) => {
                self.lose(idle.conn);
                self.pool.put_back(slot, None, now);
            }
            (Task::Recover { slot, conn, lifetime }, TaskOutcome::Done) => {
                let connection = Clean::new(conn, lifetime, now);
                match slot {
                    Some(slot) => self.pool.put_back(slot, Some(connection), now),
                    None => self.pool.insert_idle(connection, now),
                }
                self.pool.recovery_ended();
            }
            (Task::Recover { slot, conn, .. }, _) => {
                self.lose(conn);
                slot.into_iter().for_each(|slot| self.pool.put_back(slot, None, now));
                self.pool.recovery_ended();
            }
        }
    }

    /// Does what the pool asks for.
    fn perform(&mut self) {
        for effect in self.pool.take_effects() {
            match effect {
                Effect::Wake(waker) => waker.wake(),
                Effect::Connect { .. } | Effect::KeepAlive { .. } if self.closed => {
                    self.found("a connect begins after the close".into());
                }
                Effect::Connect { slot, idle } => self.tasks.push(Task::Connect { slot, idle }),
                Effect::KeepAlive { slot, idle } => self.tasks.push(Task::KeepAlive { slot, idle }),
                Effect::Recover { conn, slot, lifetime, .. } => {
                    self.tasks.push(Task::Recover { slot, conn, lifetime });
                }
                Effect::Evict(conn) | Effect::Close(conn) | Effect::Discard(conn) => {
                    self.lose(conn)
                }
                Effect::WakeMaintenance | Effect::WakeClosers => {}
            }
        }
        for nth in WOKEN.take() {
            // Somebody who has left may be woken still.
            self.woken[nth] |= matches!(self.sessions[nth], Session::Waiting(_));
        }
    }

    /// Moves those who have got an answer, and those who have lost one.
    fn follow_queue(&mut self) {
        let mut requeued = Vec::new();
        for (nth, session) in self.sessions.iter().enumerate() {
            let Session::Waiting(id) = session else { continue };
            match (self.pool.queue.position(*id), self.order.contains(&nth)) {
                (None, true) => {
                    self.order.retain(|other| *other != nth);
                    self.answered.push(nth);
                }
                (Some(at), false) => requeued.push((at, nth)),
                _ => {}
            }
        }
        requeued.sort_unstable();
        for (_, nth) in &requeued {
            self.answered.retain(|other| other != nth);
            self.refused.remove(nth);
            self.order.push(*nth);
        }
        if !requeued.is_empty() {
            self.dormant.extend(&self.order);
            if let Some(nth) = self.order.iter().find(|nth| !self.woken[**nth]) {
                self.found(format!("session {nth} is passed over and was not woken"));
            }
        }
    }

    // --- What must hold ---

    /// Those who wait and can be served.
    fn servable<'w>(&'w self, setup: &'w Setup) -> impl Iterator<Item = usize> + 'w {
        let may_write = self.pool.writer.is_none();
        let servable =
            move |nth: &&usize| !self.dormant.contains(nth) && (may_write || !setup.writes[**nth]);
        self.order.iter().filter(servable).copied()
    }

    fn check(&mut self, setup: &Setup) {
        let fault = self.slots_fault(setup).or_else(|| self.conns_fault());
        let fault = fault.or_else(|| self.writer_fault(setup));
        let fault = fault.or_else(|| self.waiters_fault(setup)).or_else(|| self.closed_fault());
        fault.into_iter().for_each(|fault| self.found(fault));
    }

    /// Who has which slot, by the lists, the sessions and the tasks.
    fn owners(&self) -> Vec<(SlotId, Owner)> {
        let idle = self.pool.idle.iter().map(|slot| (*slot, Owner::Idle));
        let empty = self.pool.empty.iter().map(|slot| (*slot, Owner::Empty));
        let sessions = self.sessions.iter().filter_map(|session| match session {
            Session::CheckedOut(slot, _) => Some((*slot, Owner::CheckedOut)),
            Session::Leased(id, _) => Some((id.slot, Owner::Leased(id.serial))),
            _ => None,
        });
        let tasks = self.tasks.iter().filter_map(|task| match task {
            Task::Connect { slot, .. } | Task::KeepAlive { slot, .. } => {
                Some((*slot, Owner::Connecting))
            }
            Task::Recover { slot, .. } => slot.map(|slot| (slot, Owner::Recovering)),
        });
        idle.chain(empty).chain(sessions).chain(tasks).collect()
    }

    /// No slot is lost, and none is somebody's twice.
    fn slots_fault(&self, setup: &Setup) -> Option<String> {
        let mut owners = self.owners();
        let mut offered = 0;
        for (at, slot) in self.pool.slots.iter().enumerate() {
            let expected = match slot {
                Slot::Empty => Owner::Empty,
                Slot::Connecting { .. } => Owner::Connecting,
                Slot::Idle(idle) if self.pool.is_outdated(idle.lifetime) => {
                    return Some(format!("slot {at} has an outdated connection"));
                }
                Slot::Idle(_) => Owner::Idle,
                Slot::Offered { .. } => {
                    offered += 1;
                    continue;
                }
                Slot::CheckedOut => Owner::CheckedOut,
                Slot::Leased(open) => Owner::Leased(open.serial),
                Slot::Recovering => Owner::Recovering,
            };
            match owners.iter().position(|owner| *owner == (SlotId(at), expected)) {
                Some(owner) => drop(owners.swap_remove(owner)),
                None => return Some(format!("slot {at} is {slot:?}, and nobody has it")),
            }
        }
        if !owners.is_empty() {
            return Some(format!("slots that others have too: {owners:?}"));
        }
        let has_no_slot = |task: &Task| matches!(task, Task::Recover { slot: None, .. });
        if !setup.limits.replaces_dirty && self.tasks.iter().any(has_no_slot) {
            return Some("a connection that no other can replace has lost its slot".into());
        }
        let recoveries =
            self.tasks.iter().filter(|task| matches!(task, Task::Recover { .. })).count();
        let leased = self.sessions.iter().filter(|s| matches!(s, Session::Leased(..))).count();
        let counts = (self.pool.recovering, self.pool.leased, self.pool.queue.len());
        if self.pool.slots.len() > setup.limits.max_connections
            || counts != (recoveries, leased, self.order.len())
        {
            return Some(format!("counts: {counts:?} of {}", self.pool.slots.len()));
        }
        (offered > self.answered.len()).then(|| "a slot is offered to nobody".into())
    }

    /// No connection is lost, and none is in two places.
    fn conns_fault(&self) -> Option<String> {
        let mut seen = Vec::new();
        for slot in &self.pool.slots {
            match slot {
                Slot::Idle(connection) | Slot::Offered { connection, .. } => {
                    seen.push(connection.conn);
                }
                _ => {}
            }
        }
        for session in &self.sessions {
            match session {
                Session::CheckedOut(_, conn)
                | Session::Leased(_, conn)
                | Session::Revoked(_, conn) => seen.push(*conn),
                Session::Out | Session::Waiting(_) => {}
            }
        }
        for task in &self.tasks {
            match task {
                Task::Connect { idle, .. } => seen.extend(idle.iter().map(|idle| idle.conn)),
                Task::KeepAlive { idle, .. } => seen.push(idle.conn),
                Task::Recover { conn, .. } => seen.push(*conn),
            }
        }
        seen.sort_unstable();
        let alive: Vec<_> = self.alive.iter().copied().collect();
        (seen != alive).then(|| format!("connections {alive:?}, of which {seen:?} are somewhere"))
    }

    fn writer_fault(&self, setup: &Setup) -> Option<String> {
        let writing = |(nth, session): (usize, &Session)| match session {
            Session::CheckedOut(slot, _) if setup.writes[nth] => Some(*slot),
            Session::Leased(id, _) if setup.writes[nth] => Some(id.slot),
            _ => None,
        };
        let mut writers = self.sessions.iter().enumerate().filter_map(writing);
        match (writers.next(), writers.next(), self.pool.writer) {
            (_, Some(_), _) => Some("two write".into()),
            (Some(slot), None, permit) if permit != Some(slot) => {
                Some(format!("{slot:?} writes, and {permit:?} may"))
            }
            (None, None, Some(slot)) => {
                let held =
                    matches!(self.pool.slots[slot.0], Slot::Offered { .. } | Slot::Recovering);
                (!held).then(|| format!("{slot:?} keeps the permit to write"))
            }
            _ => None,
        }
    }

    /// Nobody is forgotten.
    fn waiters_fault(&self, setup: &Setup) -> Option<String> {
        if let Some(nth) = self.answered.iter().find(|nth| !self.woken[**nth]) {
            return Some(format!("session {nth} has an answer and was not woken"));
        }
        let servable: Vec<_> = self.servable(setup).collect();
        if servable.is_empty() {
            return None;
        }
        let is_idle = |slot: &Slot<Conn, usize>| matches!(slot, Slot::Idle(_));
        let fresh = setup.limits.validate_after > Duration::ZERO;
        let usable = fresh && setup.lifetime > Duration::ZERO;
        if usable && self.pool.slots.iter().any(is_idle) {
            return Some("somebody waits while a connection is idle".into());
        }
        let writers = servable.iter().filter(|nth| setup.writes[**nth]).count();
        let demand = servable.len() - writers.saturating_sub(1);
        let is_free = |slot: &&Slot<Conn, usize>| matches!(slot, Slot::Idle(_) | Slot::Empty);
        let free = setup.limits.max_connections
            - self.pool.slots.iter().filter(|slot| !is_free(slot)).count();
        let is_connecting = |slot: &&Slot<Conn, usize>| matches!(slot, Slot::Connecting { .. });
        let connecting = self.pool.slots.iter().filter(is_connecting).count();
        // While connects fail, maintenance begins the next one.
        let failing = self.pool.connect_fault.is_some();
        let waits = demand > connecting && free > 0 && !failing;
        (waits && !servable.iter().any(|nth| self.woken[*nth]))
            .then(|| "somebody waits while a slot is free, and nobody was woken".into())
    }

    fn closed_fault(&self) -> Option<String> {
        let is_there =
            |slot: &Slot<Conn, usize>| matches!(slot, Slot::Idle(_) | Slot::Offered { .. });
        let left = self.pool.slots.iter().any(is_there) || !self.order.is_empty();
        (self.closed && left).then(|| "something is left after the close".into())
    }

    /// Within a tenant, who came first is served first; the tenant that has less, before others.
    fn check_order(&mut self, setup: &Setup, before: &[usize]) {
        if self.closed {
            return;
        }
        let served: Vec<_> = before.iter().filter(|nth| !self.order.contains(nth)).collect();
        let [&served] = served[..] else { return };
        if self.sessions[served] == Session::Out {
            return;
        }
        let at = before.iter().position(|nth| *nth == served);
        let held = |tenant: &Tenant| {
            let holds = |(nth, session): (usize, &Session)| {
                let offered = self.answered.contains(&nth) && !self.refused.contains(&nth);
                let holds = matches!(session, Session::Leased(..)) || offered;
                holds && nth != served && setup.tenants[nth] == *tenant
            };
            self.sessions.iter().enumerate().filter(|session| holds(*session)).count()
        };
        let mine = &setup.tenants[served];
        let mut fault = None;
        for other in self.servable(setup) {
            let theirs = &setup.tenants[other];
            let first = before.iter().position(|nth| *nth == other) < at;
            if theirs == mine && first {
                fault = Some(format!("session {served} is served before session {other}"));
            }
            if held(theirs) < held(mine) {
                fault = Some(format!("the tenant of session {other} has less than {served}'s"));
            }
        }
        fault.into_iter().for_each(|fault| self.found(fault));
    }

    /// Everybody gets an answer if tasks end well, and those who are woken are polled.
    fn is_served(&self, setup: &Setup) -> bool {
        let end = self.end_of_progress(setup);
        end.fault == self.fault && end.sessions.iter().all(|nth| *nth == Session::Out)
    }

    fn end_of_progress(&self, setup: &Setup) -> World {
        let mut world = self.clone();
        for _ in 0..100 {
            let Some(action) = world.next_of_progress() else { return world };
            world.step(setup, &action);
        }
        world.found("no end of it".into());
        world
    }

    fn next_of_progress(&self) -> Option<Action> {
        if !self.tasks.is_empty() {
            return Some(Action::Finish(0, TaskOutcome::Done));
        }
        let next = |(nth, session): (usize, &Session)| match session {
            Session::Waiting(_) if self.woken[nth] => Some(Action::Poll(nth)),
            Session::CheckedOut(..) => Some(Action::Open(nth)),
            Session::Leased(..) | Session::Revoked(..) => Some(Action::End(nth, CLEAN)),
            _ => None,
        };
        let next = self.sessions.iter().enumerate().find_map(next);
        let failing = self.pool.connect_fault.is_some() && !self.order.is_empty();
        next.or_else(|| (failing && self.ticks > 0).then_some(Action::Tick))
    }
}

impl Model for Setup {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if world.fault.is_none() {
            actions.extend(world.actions());
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut world = world.clone();
        world.step(self, &action);
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no fault", |_, world: &World| world.fault.is_none()),
            Property::always("everybody is served", |setup: &Setup, world: &World| {
                world.is_served(setup)
            }),
        ]
    }
}

impl Default for Setup {
    fn default() -> Self {
        let limits = Limits {
            max_connections: SLOTS,
            min_idle: 0,
            validate_after: FOREVER,
            idle_timeout: FOREVER,
            keepalive: None,
            longest_sleep: FOREVER,
            revoke_after: FOREVER,
            stall_check: None,
            keeps_idle: true,
            queue_target: None,
            replaces_dirty: true,
        };
        let (tenants, writes) = ([None, None, None], [false; SESSIONS]);
        Setup { limits, tenants, writes, tries: [1; SESSIONS], lifetime: FOREVER, ticks: 1 }
    }
}

impl Setup {
    fn with(limits: impl FnOnce(&mut Limits)) -> Self {
        let mut setup = Setup::default();
        limits(&mut setup.limits);
        setup
    }

    fn explore(self) {
        let checker = self.clone().checker().threads(2).spawn_bfs().join();
        if let Some((property, path)) = checker.discoveries().into_iter().next() {
            let last = path.last_state();
            let fault = last.fault.clone().or_else(|| last.end_of_progress(&self).fault);
            panic!("not {property:?}: {fault:?} after {:?}", path.into_actions());
        }
        println!("{} states", checker.unique_state_count());
    }
}

#[test]
fn a_pool_of_its_own_connections() {
    Setup::default().explore();
}

#[test]
fn connections_are_validated_before_each_use() {
    Setup::with(|limits| limits.validate_after = Duration::ZERO).explore();
}

#[test]
fn connections_are_used_once() {
    Setup { lifetime: Duration::ZERO, ..Setup::default() }.explore();
}

#[test]
fn connections_are_borrowed_from_another_pool() {
    let borrowed = Setup::with(|limits| {
        limits.keeps_idle = false;
        limits.replaces_dirty = false;
    });
    borrowed.explore();
}

#[test]
fn connections_are_kept_warm_alive_and_young() {
    let kept = Setup::with(|limits| {
        limits.min_idle = 1;
        limits.keepalive = Some(UNCLAIMED);
        limits.idle_timeout = 2 * UNCLAIMED;
    });
    Setup { ticks: 2, tries: [1, 1, 0], ..kept }.explore();
}

#[test]
fn a_database_has_one_writer() {
    Setup { writes: [true, true, false], ..Setup::default() }.explore();
}

#[test]
fn tenants_share_the_slots() {
    let [a, b] = ["a", "b"].map(|name| Some(name.into()));
    Setup { tenants: [a.clone(), a, b], ..Setup::default() }.explore();
}

#[test]
fn sessions_come_back() {
    let one_slot = Setup::with(|limits| limits.max_connections = 1);
    Setup { tries: [2, 2, 1], ..one_slot }.explore();
}
