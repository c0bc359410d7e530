//! Futures that end early, at every place where they can.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// What a future cut short panics with, where it is to panic.
const CUT: &str = "cut short";

/// How a future is cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    /// It is dropped.
    Drop,
    /// The task that polls it panics.
    Panic,
}

impl Interrupt {
    /// Polls `future` `polls` times, as its waker asks for it, then cuts it short. What it returned where
    /// it was done before that.
    pub async fn after<F: Future>(self, polls: usize, future: F) -> Option<F::Output> {
        let task = async {
            let mut future = pin!(future);
            let mut polled = 0;
            poll_fn(|cx| {
                if polled == polls {
                    match self {
                        Interrupt::Drop => return Poll::Ready(None),
                        Interrupt::Panic => std::panic::resume_unwind(Box::new(CUT)),
                    }
                }
                polled += 1;
                future.as_mut().poll(cx).map(Some)
            })
            .await
        };
        let mut task = Some(Box::pin(task));
        poll_fn(|cx| {
            // The future must be dropped by the panic, not after it.
            let Some(mut polled) = task.take() else { unreachable!("polled after its end") };
            let poll = catch_unwind(AssertUnwindSafe(move || {
                let poll = polled.as_mut().poll(cx);
                (poll, polled)
            }));
            match poll {
                Ok((Poll::Pending, pending)) => {
                    task = Some(pending);
                    Poll::Pending
                }
                Ok((Poll::Ready(done), _)) => Poll::Ready(done),
                Err(panic) if panic.downcast_ref() == Some(&CUT) => Poll::Ready(None),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
        .await
    }
}
