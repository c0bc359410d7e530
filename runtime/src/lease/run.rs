use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::future::{BoxFuture, FutureExt};
use pin_project_lite::pin_project;
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

use super::handoff::Handoff;
use super::request::LeaseRequest;
use super::{Lease, TransactionEnd};
use crate::lease_state::poll_watch::WatchedPolls;
use crate::{Backend, Error};

/// The stage that a lease has reached.
#[expect(clippy::large_enum_variant, reason = "a lease is open for most of its life")]
enum Stage<'l, DB: Backend> {
    Opening(BoxFuture<'l, Result<Lease<DB>, Error>>),
    /// The body runs.
    Open(Lease<DB>),
    /// The body has ended, and its transaction has not.
    Ending(BoxFuture<'static, TransactionEnd>),
    Ended,
}

type PollBody<T, E, B> = fn(Pin<&mut B>, &mut Context<'_>) -> Poll<Result<T, E>>;

pin_project! {
    /// The future that opens a lease, runs its body, and ends it.
    // Written out and not an async function: rustc proves for each body anew that this is `Send`, and
    // here only the body is new to it.
    #[must_use = "leases do nothing unless awaited"]
    pub struct RunLease<'l, DB: Backend, T, E, B> {
        handoff: Handoff<DB>,
        stage: Stage<'l, DB>,
        polls: WatchedPolls,
        convert: fn(Error) -> E,
        // `B::poll`. A field and not a bound, so that a body which ends in another type is one error.
        poll: PollBody<T, E, B>,
        #[pin]
        body: Option<B>,
        // The end of the time that the body has.
        #[pin]
        deadline: Option<Sleep>,
        outcome: Option<Result<T, E>>,
        conflicted: bool,
    }

    impl<DB: Backend, T, E, B> PinnedDrop for RunLease<'_, DB, T, E, B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // A value that the body drops may panic.
            let _reclaim = ReclaimOnDrop { stage: this.stage, handoff: this.handoff };
            this.body.set(None);
        }
    }
}

/// Dropped, it gives the connection back to the lease, whose body is gone.
struct ReclaimOnDrop<'r, 'l, DB: Backend> {
    stage: &'r mut Stage<'l, DB>,
    handoff: &'r Handoff<DB>,
}

impl<DB: Backend> Drop for ReclaimOnDrop<'_, '_, DB> {
    fn drop(&mut self) {
        if let Stage::Open(lease) = self.stage {
            lease.take_back(self.handoff.take());
        }
    }
}

impl<'l, DB: Backend, T, E, B: Future<Output = Result<T, E>>> RunLease<'l, DB, T, E, B> {
    pub(super) fn new(
        request: LeaseRequest<'l, DB>,
        handoff: Handoff<DB>,
        convert: fn(Error) -> E,
        body: B,
    ) -> Self {
        let polls = WatchedPolls::new();
        let opening = Lease::open(request, Arc::clone(polls.watch()));
        RunLease {
            handoff,
            stage: Stage::Opening(opening),
            polls,
            convert,
            poll: B::poll,
            body: Some(body),
            deadline: None,
            outcome: None,
            conflicted: false,
        }
    }

    /// When `max_lease` ends it. `None` if it has not opened.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline.as_ref().map(Sleep::deadline)
    }

    /// Returns `true` if it was a transaction that failed because of another one.
    pub(super) fn conflicted(&self) -> bool {
        self.conflicted
    }
}

impl<DB: Backend, T, E, B> Future for RunLease<'_, DB, T, E, B> {
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        let mut this = self.project();
        let (convert, poll) = (*this.convert, *this.poll);
        let cx = &mut this.polls.polled_with(cx);
        loop {
            match this.stage {
                Stage::Opening(opening) => {
                    let opened = ready!(opening.poll_unpin(cx));
                    *this.stage = Stage::Ended;
                    let mut lease = opened.map_err(convert)?;
                    this.handoff.put(lease.give());
                    this.deadline.set(Some(sleep_until(lease.deadline)));
                    *this.stage = Stage::Open(lease);
                }
                Stage::Open(lease) => {
                    let body = this.body.as_mut().as_pin_mut().expect("a body that has not ended");
                    let ended = lease.span.in_scope(|| poll(body, cx));
                    if ended.is_pending() && !lease.state.unchecked_refused() {
                        let deadline =
                            this.deadline.as_mut().as_pin_mut().expect("set when the lease opened");
                        // The deadline holds also for a body that has used up its share of the
                        // runtime's time.
                        ready!(Pin::new(&mut unconstrained(deadline)).poll(cx));
                    }
                    this.body.set(None);
                    lease.take_back(this.handoff.take());
                    let Stage::Open(lease) = mem::replace(this.stage, Stage::Ended) else {
                        unreachable!("the stage was looked at")
                    };
                    let Poll::Ready(outcome) = ended else {
                        // Not at `max_lease`: to run again would take as long.
                        let error = lease.cut_error();
                        *this.conflicted =
                            lease.state.unchecked_refused() && lease.may_run_again(Some(&error));
                        return Poll::Ready(Err(convert(error)));
                    };
                    if !lease.transaction {
                        let ended_by = |error| lease.ended_by().map_or(error, convert);
                        return Poll::Ready(outcome.map_err(ended_by));
                    }
                    *this.stage = Stage::Ending(lease.end(outcome.is_ok()));
                    *this.outcome = Some(outcome);
                }
                Stage::Ending(ending) => {
                    let TransactionEnd { outcome, conflicted } = ready!(ending.poll_unpin(cx));
                    *this.stage = Stage::Ended;
                    *this.conflicted = conflicted;
                    outcome.map_err(convert)?;
                    return Poll::Ready(this.outcome.take().expect("a body that has ended"));
                }
                Stage::Ended => panic!("a lease was polled after it had ended"),
            }
        }
    }
}

opaque_debug!([DB: Backend, T, E, B] RunLease<'_, DB, T, E, B>, "RunLease");
