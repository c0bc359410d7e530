//! More leases than one connection can serve.

use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::super::queue::{Refusal, SlotRequest, WaiterId};
use super::super::slot::{Clean, Lifetime, MayAnswer, SlotId};
use super::{Effect, Limits, PoolState, UNCLAIMED, WaitingFor};

type Pool = PoolState<(), (), ()>;

impl MayAnswer for () {
    fn may_answer(&self) -> bool {
        true
    }
}

const TARGET: Duration = Duration::from_millis(100);
const MILLISECOND: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// A pool whose only connection is checked out.
pub(super) fn busy_pool(queue_target: Option<Duration>, now: Instant) -> (Pool, SlotId) {
    let mut pool = Pool::new(Limits {
        max_connections: 1,
        min_idle: 0,
        validate_after: HOUR,
        idle_timeout: HOUR,
        keepalive: None,
        longest_sleep: HOUR,
        revoke_after: HOUR,
        stall_check: None,
        keeps_idle: true,
        replaces_dirty: true,
        queue_target,
    });
    let slot = pool.free_slot().expect("none is used");
    pool.put_back(slot, Some(new_connection(now)), now);
    let (slot, _) = pool.check_out_now(true, now).expect("a connection");
    (pool, slot)
}

pub(super) fn new_connection(now: Instant) -> Clean<()> {
    Clean::new((), Lifetime { made_at: now, retire_at: now + HOUR }, now)
}

fn wait(pool: &mut Pool, has_begun: bool, now: Instant) -> WaiterId {
    let request =
        SlotRequest { tenant: None, writes: false, has_begun, since: now, deadline: now + HOUR };
    pool.enqueue(request, now).expect("an open pool")
}

fn give_back(pool: &mut Pool, slot: SlotId, now: Instant) {
    pool.put_back(slot, Some(new_connection(now)), now);
}

fn is_refused(pool: &mut Pool, id: WaiterId, now: Instant) -> bool {
    match pool.poll(id, Waker::noop(), now) {
        Poll::Ready(Err(refusal)) => {
            assert!(matches!(refusal, Refusal::Overloaded { .. }), "{refusal:?}");
            true
        }
        Poll::Ready(Ok(_)) | Poll::Pending => false,
    }
}

#[test]
fn a_burst_is_served_however_late() {
    let start = Instant::now();
    let (mut pool, slot) = busy_pool(Some(TARGET), start);
    let waiter = wait(&mut pool, false, start);
    let later = start + 9 * TARGET;
    give_back(&mut pool, slot, later);
    assert!(pool.poll(waiter, Waker::noop(), later).map(|got| got.is_ok()) == Poll::Ready(true));
}

#[test]
fn who_waited_too_long_to_begin_is_refused_once_somebody_has_waited_for_a_second() {
    let start = Instant::now();
    let (mut pool, slot) = busy_pool(Some(TARGET), start);
    let early = wait(&mut pool, false, start);
    let begun = wait(&mut pool, true, start + MILLISECOND);
    let overloaded = start + 10 * TARGET;
    let late = wait(&mut pool, false, overloaded - TARGET + MILLISECOND);
    give_back(&mut pool, slot, overloaded);
    assert!(is_refused(&mut pool, early, overloaded));
    assert!(!is_refused(&mut pool, late, overloaded));
    assert!(pool.poll(begun, Waker::noop(), overloaded).is_ready());
}

#[test]
fn without_a_target_all_wait_in_order() {
    let start = Instant::now();
    let (mut pool, slot) = busy_pool(None, start);
    let early = wait(&mut pool, false, start);
    let late = wait(&mut pool, false, start + MILLISECOND);
    let overloaded = start + 100 * TARGET;
    give_back(&mut pool, slot, overloaded);
    assert!(pool.poll(late, Waker::noop(), overloaded).is_pending());
    assert!(pool.poll(early, Waker::noop(), overloaded).is_ready());
}

#[test]
fn a_pool_that_nobody_waits_for_begins_anew() {
    let start = Instant::now();
    let (mut pool, slot) = busy_pool(Some(TARGET), start);
    let gone = wait(&mut pool, false, start);
    pool.leave(gone, start + 9 * TARGET);
    let waiter = wait(&mut pool, false, start + 9 * TARGET);
    let later = start + 18 * TARGET;
    give_back(&mut pool, slot, later);
    assert!(!is_refused(&mut pool, waiter, later));
}

#[test]
fn who_waited_too_long_is_refused_where_nothing_else_happens() {
    let start = Instant::now();
    let (mut pool, _slot) = busy_pool(Some(TARGET), start);
    assert!(pool.start_maintenance());
    pool.maintain(start);
    assert_eq!(pool.next_due(start), None);
    drop(pool.take_effects());
    let waiter = wait(&mut pool, false, start);
    assert!(matches!(pool.take_effects()[..], [Effect::WakeMaintenance]));
    pool.maintain(start);
    let due = pool.next_due(start).expect("somebody waits");
    pool.maintain(due);
    assert!(is_refused(&mut pool, waiter, due));
}

#[test]
fn who_is_late_to_leave_is_known_for_a_while() {
    let start = Instant::now();
    let (mut pool, _slot) = busy_pool(None, start);
    let deadline = start + TARGET;
    let request =
        SlotRequest { tenant: None, writes: true, has_begun: false, since: start, deadline };
    let waiter = pool.enqueue(request, start).expect("an open pool");
    pool.maintain(deadline + MILLISECOND);
    assert_eq!(pool.waiting_for(waiter, true), WaitingFor::PermitToWrite);
    pool.maintain(deadline + 2 * UNCLAIMED);
    assert_eq!(pool.waiting(), 0, "it was forgotten");
}
