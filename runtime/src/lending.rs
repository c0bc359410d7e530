use std::any::type_name;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_util::future::{BoxFuture, FutureExt};
use pin_project_lite::pin_project;
use tokio::task::unconstrained;
use tokio::time::{Sleep, sleep_until};

use crate::conn::leased::Leased;
use crate::lease::{Lease, Wanted};
use crate::site::CallSite;
use crate::{Backend, Conn, Error};

/// A lease that has not been opened yet. A handler's `lease` and `transaction` become one. `C` is the type that its
/// body sees, [`Conn`] or [`Tx`](crate::Tx), and `E` the error of its body.
///
/// The body is a future beside it and not a closure over the connection, because a closure costs the compiler a
/// good deal more. So the connection goes by a place that both know: the lease puts it there, the body takes it
/// out, and puts it back at its end, however it ends.
pub struct Lending<'s, DB: Backend, C, E> {
    pub(crate) wanted: Wanted<'s, DB>,
    pub(crate) home: Home<DB>,
    // Asked for once, where the lease is opened: an error type that has none is one error.
    convert: fn(Error) -> E,
    sees: PhantomData<fn() -> C>,
}

/// Where the connection is while neither the lease nor the body has it.
// Shared, where a reference would do: what escapes from a body is then refused once, for the connection,
// and not for what it came from too.
pub(crate) struct Home<DB: Backend>(Arc<Mutex<Option<Conn<DB>>>>);

impl<DB: Backend> Home<DB> {
    pub(crate) fn share(&self) -> Self {
        Home(Arc::clone(&self.0))
    }

    fn take(&self) -> Option<Conn<DB>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, conn: Option<Conn<DB>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = conn;
    }

    /// To what runs while the lease is open.
    pub(crate) fn lend<C: Leased<DB>>(&self) -> Lent<DB, C> {
        Lent { leased: self.take().map(C::over), home: self.share() }
    }
}

impl<'s, DB: Backend, C: Leased<DB>, E> Lending<'s, DB, C, E> {
    pub(crate) fn new(wanted: Wanted<'s, DB>, convert: fn(Error) -> E) -> Self {
        Lending { wanted, home: Home(Arc::default()), convert, sees: PhantomData }
    }

    /// The connection, to the body that [`run_body`](Lending::run_body) runs.
    #[doc(hidden)]
    pub fn lend_to_body(&self) -> Lent<DB, C> {
        self.home.lend()
    }

    /// Opens the lease and runs the body on it, to its end or to `max_lease`.
    ///
    /// # Cancel safety
    ///
    /// Dropped at any point, the slot is free at once.
    #[doc(hidden)]
    pub fn run_body<T, B>(&self, body: B) -> Held<'s, DB, T, E, B>
    where
        B: Future<Output = Result<T, E>>,
    {
        self.held(self.wanted.site.of_body(type_name::<B>()), body)
    }

    pub(crate) fn held<T, B>(&self, site: CallSite, body: B) -> Held<'s, DB, T, E, B>
    where
        B: Future<Output = Result<T, E>>,
    {
        let wanted = Wanted { site, ..self.wanted };
        let opening = async { Lease::open(wanted).await?.begin().await };
        let stage = Stage::Opening(opening.boxed());
        let (home, convert, poll, body) = (self.home.share(), self.convert, B::poll, Some(body));
        Held { home, stage, convert, poll, body, deadline: None, outcome: None }
    }
}

/// The connection while the body has it: a [`Conn`], or in a transaction a [`Tx`](crate::Tx).
pub struct Lent<DB: Backend, C: Leased<DB>> {
    home: Home<DB>,
    leased: Option<C>,
}

impl<DB: Backend, C: Leased<DB>> Deref for Lent<DB, C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.leased.as_ref().expect(LENT)
    }
}

impl<DB: Backend, C: Leased<DB>> DerefMut for Lent<DB, C> {
    fn deref_mut(&mut self) -> &mut C {
        self.leased.as_mut().expect(LENT)
    }
}

impl<DB: Backend, C: Leased<DB>> Drop for Lent<DB, C> {
    fn drop(&mut self) {
        self.home.put(self.leased.take().map(C::into_conn));
    }
}

const LENT: &str = "a connection is lent until its body ends";

/// Where a lease stands.
enum Stage<'l, DB: Backend> {
    Opening(BoxFuture<'l, Result<Lease<DB>, Error>>),
    /// The body runs.
    Open(Lease<DB>),
    /// The body has ended, its transaction not yet.
    Ending(BoxFuture<'static, Result<(), Error>>),
    Over,
}

type PollBody<T, E, B> = fn(Pin<&mut B>, &mut Context<'_>) -> Poll<Result<T, E>>;

pin_project! {
    /// A lease under way.
    // Written out, where an async function would do: rustc proves for each body anew that this is
    // `Send`, and here only the body is new to it.
    #[must_use = "leases do nothing unless awaited"]
    pub struct Held<'l, DB: Backend, T, E, B> {
        home: Home<DB>,
        stage: Stage<'l, DB>,
        convert: fn(Error) -> E,
        // Of the body, and not asked for again: one that ends in something else is one error.
        poll: PollBody<T, E, B>,
        #[pin]
        body: Option<B>,
        // Of the body.
        #[pin]
        deadline: Option<Sleep>,
        outcome: Option<Result<T, E>>,
    }

    impl<DB: Backend, T, E, B> PinnedDrop for Held<'_, DB, T, E, B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // What the body drops may panic.
            let _returned = Returned { stage: this.stage, home: this.home };
            this.body.set(None);
        }
    }
}

/// Dropped, it gives a lease whose body is gone its connection back.
struct Returned<'r, 'l, DB: Backend> {
    stage: &'r mut Stage<'l, DB>,
    home: &'r Home<DB>,
}

impl<DB: Backend> Drop for Returned<'_, '_, DB> {
    fn drop(&mut self) {
        if let Stage::Open(lease) = self.stage {
            lease.take_back(self.home.take());
        }
    }
}

impl<DB: Backend, T, E, B> Future for Held<'_, DB, T, E, B> {
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        let mut this = self.project();
        let (convert, poll) = (*this.convert, *this.poll);
        loop {
            match this.stage {
                Stage::Opening(opening) => {
                    let opened = ready!(opening.poll_unpin(cx));
                    *this.stage = Stage::Over;
                    let mut lease = opened.map_err(convert)?;
                    this.home.put(lease.give());
                    this.deadline.set(Some(sleep_until(lease.deadline())));
                    *this.stage = Stage::Open(lease);
                }
                Stage::Open(lease) => {
                    let body = this.body.as_mut().as_pin_mut().expect("a body that has not ended");
                    let ended = lease.span.in_scope(|| poll(body, cx));
                    if ended.is_pending() {
                        let deadline =
                            this.deadline.as_mut().as_pin_mut().expect("set at its opening");
                        // A body that has used up its share of the runtime's time has a deadline too.
                        ready!(Pin::new(&mut unconstrained(deadline)).poll(cx));
                    }
                    this.body.set(None);
                    lease.take_back(this.home.take());
                    let Stage::Open(lease) = mem::replace(this.stage, Stage::Over) else {
                        unreachable!("the stage was looked at")
                    };
                    let Poll::Ready(outcome) = ended else {
                        return Poll::Ready(Err(convert(lease.overran())));
                    };
                    if !lease.transaction {
                        let cut = |error| lease.cut().map_or(error, convert);
                        return Poll::Ready(outcome.map_err(cut));
                    }
                    *this.stage = Stage::Ending(lease.end(outcome.is_ok()));
                    *this.outcome = Some(outcome);
                }
                Stage::Ending(ending) => {
                    let ended = ready!(ending.poll_unpin(cx));
                    *this.stage = Stage::Over;
                    ended.map_err(convert)?;
                    return Poll::Ready(this.outcome.take().expect("a body that has ended"));
                }
                Stage::Over => panic!("a lease was polled after it had ended"),
            }
        }
    }
}

impl<DB: Backend, C, E> fmt::Debug for Lending<'_, DB, C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lending").finish_non_exhaustive()
    }
}

impl<DB: Backend, C: Leased<DB>> fmt::Debug for Lent<DB, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").finish_non_exhaustive()
    }
}

impl<DB: Backend, T, E, B> fmt::Debug for Held<'_, DB, T, E, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}
