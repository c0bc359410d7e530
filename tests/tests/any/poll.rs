//! Futures driven by hand.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

/// Polls until `reached`, and returns what came out in case it ended by then.
///
/// A condition that an end can overtake makes it the caller's business to begin again.
pub(crate) async fn poll_until<F: Future + ?Sized>(
    mut future: Pin<&mut F>,
    mut reached: impl FnMut() -> bool,
) -> Option<F::Output> {
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if reached() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// When a future is dropped in the middle.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// While it waits.
    Waiting,
    /// When what it waited for is there, and nobody looked yet.
    Woken,
}

/// Polls `future` at most `polls` times, then drops it. `None` where it did not come to its end.
pub(crate) async fn cancel_after<F: Future>(
    polls: usize,
    moment: Moment,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match (future.as_mut().poll(cx), moment) {
            (Poll::Ready(output), _) => Poll::Ready(Some(output)),
            (Poll::Pending, Moment::Waiting) if left == 0 => Poll::Ready(None),
            (Poll::Pending, _) => Poll::Pending,
        }
    })
    .await
}

/// Polls once.
pub(crate) async fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Option<F::Output> {
    poll_until(future, || true).await
}
