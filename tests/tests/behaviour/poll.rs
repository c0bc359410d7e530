//! Futures driven by hand.

use std::future::poll_fn;
use std::pin::Pin;
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
