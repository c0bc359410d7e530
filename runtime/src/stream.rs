use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStream, TryStreamExt};

use crate::{DbCall, DbFuture};

/// The rows of one statement, as they arrive.
///
/// [`next`](DbStream::next) and [`try_next`](DbStream::try_next) may be awaited in a lease. It is a
/// [`Stream`] too, so the combinators of `futures` work on it whose closures return values or
/// database futures: `|row| ready(..)`, `|row| async move { .. }`.
///
/// # Cancel safety
///
/// Dropped before its end, the rest of the rows are still on their way: the connection is recovered
/// before it is lent again.
#[must_use = "streams do nothing unless polled"]
pub struct DbStream<'c, T> {
    rows: BoxStream<'c, Result<T, sqlx::Error>>,
}

impl<'c, T> DbStream<'c, T> {
    pub(crate) fn new(rows: BoxStream<'c, Result<T, sqlx::Error>>) -> Self {
        DbStream { rows }
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

impl<T> Stream for DbStream<'_, T> {
    type Item = Result<T, sqlx::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.rows.poll_next_unpin(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl<T> fmt::Debug for DbStream<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DbStream").finish_non_exhaustive()
    }
}

/// A stream that waits only on the database: [`DbStream`] and the combinators over it whose closures
/// return values or database futures. Sealed.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this stream",
    label = "only streams of database rows may be awaited while a lease is open",
    note = "end the lease first, then await this"
)]
pub trait DbStreaming: Stream + sealed::Sealed {}

mod sealed {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be declared a `DbStreaming`, because only rows are known to wait on the database alone -- read them with `fetch`",
        label = "the trait is sealed"
    )]
    pub trait Sealed {}
}

macro_rules! database_streams {
    ($([$($generics:tt)*] $stream:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> sealed::Sealed for $stream where $stream: Stream {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> DbStreaming for $stream where $stream: Stream {}
    )*};
}

database_streams! {
    ['a, T] DbStream<'a, T>;
    ['a, S: DbStreaming + ?Sized + Unpin] &'a mut S;
    [S: DbStreaming + ?Sized] Pin<Box<S>>;
    ['a, S: DbStreaming + ?Sized] Pin<&'a mut S>;
    [S: DbStreaming, M] stream::Map<S, M>;
    [S: DbStreaming, M] stream::MapOk<S, M>;
    [S: DbStreaming, M] stream::MapErr<S, M>;
    [S: DbStreaming, I] stream::Inspect<S, I>;
    [S: DbStreaming, I] stream::InspectOk<S, I>;
    [S: DbStreaming, I] stream::InspectErr<S, I>;
    [S: DbStreaming, E] stream::ErrInto<S, E>;
    [S: DbStreaming, F: DbFuture, M] stream::Then<S, F, M>;
    [S: DbStreaming, F: DbFuture, M] stream::AndThen<S, F, M>;
    [S: DbStreaming, F: DbFuture, M] stream::OrElse<S, F, M>;
    [S: DbStreaming, F: DbFuture, M] stream::Filter<S, F, M>;
    [S: DbStreaming, F: DbFuture, M] stream::FilterMap<S, F, M>;
    [S: DbStreaming, F: DbFuture, M] stream::SkipWhile<S, F, M>;
    [S: DbStreaming, F: DbFuture, M] stream::TakeWhile<S, F, M>;
    [S: DbStreaming + TryStream, F: DbFuture, M] stream::TryFilter<S, F, M>;
    [S: DbStreaming, F: DbFuture, M] stream::TryFilterMap<S, F, M>;
    [S: DbStreaming + TryStream, F: DbFuture, M] stream::TrySkipWhile<S, F, M>;
    [S: DbStreaming + TryStream, F: DbFuture, M] stream::TryTakeWhile<S, F, M>;
    [S: DbStreaming] stream::Take<S>;
    [S: DbStreaming] stream::Skip<S>;
    [S: DbStreaming] stream::Enumerate<S>;
    [S: DbStreaming] stream::Fuse<S>;
    [S: DbStreaming] stream::Chunks<S>;
}
