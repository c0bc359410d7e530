use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{BoxStream, Stream, StreamExt, TryStreamExt};

use super::call::DbCall;

/// The rows of one statement, as they arrive.
///
/// [`next`](Rows::next) and [`try_next`](Rows::try_next) may be awaited in a lease. It is a
/// [`Stream`] too, so the combinators of `futures` work on it whose closures return values or
/// database futures: `|row| ready(..)`, `|row| async move { .. }`.
///
/// # Cancel safety
///
/// Dropped before its end, the rest of the rows are still on their way: the connection is recovered
/// before it is lent again.
#[must_use = "streams do nothing unless polled"]
pub struct Rows<'c, T> {
    rows: BoxStream<'c, Result<T, sqlx::Error>>,
}

impl<'c, T> Rows<'c, T> {
    pub(crate) fn new(rows: BoxStream<'c, Result<T, sqlx::Error>>) -> Self {
        Rows { rows }
    }

    /// The next row, or `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Safe: no row is lost when the future is dropped.
    #[expect(clippy::should_implement_trait, reason = "the name that stream combinators use")]
    pub fn next(
        &mut self,
    ) -> DbCall<impl Future<Output = Option<Result<T, sqlx::Error>>> + Send + use<'_, 'c, T>> {
        DbCall::new(self.rows.next())
    }

    /// The next row, `Ok(None)` after the last.
    ///
    /// # Errors
    ///
    /// What the database answered instead of a row; the stream has then ended.
    ///
    /// # Cancel safety
    ///
    /// Safe: no row is lost when the future is dropped.
    pub fn try_next(
        &mut self,
    ) -> DbCall<impl Future<Output = Result<Option<T>, sqlx::Error>> + Send + use<'_, 'c, T>> {
        DbCall::new(self.rows.try_next())
    }
}

/// Found before the checks of [`InLease`](crate::__private::InLease): rustc says that rows are no future.
#[doc(hidden)]
impl<T> Rows<'_, T> {
    pub fn __in_lease(self) -> Self {
        self
    }

    pub fn __takes_lease(self) -> Self {
        self
    }

    pub fn __runs_in_lease(self) -> Self {
        self
    }
}

impl<T> Stream for Rows<'_, T> {
    type Item = Result<T, sqlx::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.rows.poll_next_unpin(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

opaque_debug!([T] Rows<'_, T>, "Rows");
