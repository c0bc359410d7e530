use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStream, TryStreamExt};

use crate::{DbCall, DbFuture};

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

impl<T> Stream for Rows<'_, T> {
    type Item = Result<T, sqlx::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.rows.poll_next_unpin(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl<T> fmt::Debug for Rows<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

/// A stream that waits only on the database: [`Rows`] and the combinators over it whose closures
/// return values or database futures. Sealed.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this stream",
    label = "only streams of database rows may be awaited while a lease is open",
    note = "end the lease first, then await this",
    note = "rule SL001: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl001"
)]
pub trait DbStream: Stream + sealed::Sealed {}

mod sealed {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be declared a `DbStream`",
        label = "the trait is sealed",
        note = "read rows with `fetch`, and combine that stream"
    )]
    pub trait Sealed {}
}

macro_rules! database_streams {
    ($([$($generics:tt)*] $stream:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> sealed::Sealed for $stream where $stream: Stream {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> DbStream for $stream where $stream: Stream {}
    )*};
}

database_streams! {
    ['a, T] Rows<'a, T>;
    ['a, S: DbStream + ?Sized + Unpin] &'a mut S;
    [S: DbStream + ?Sized] Pin<Box<S>>;
    ['a, S: DbStream + ?Sized] Pin<&'a mut S>;
    [S: DbStream, M] stream::Map<S, M>;
    [S: DbStream, M] stream::MapOk<S, M>;
    [S: DbStream, M] stream::MapErr<S, M>;
    [S: DbStream, I] stream::Inspect<S, I>;
    [S: DbStream, I] stream::InspectOk<S, I>;
    [S: DbStream, I] stream::InspectErr<S, I>;
    [S: DbStream, E] stream::ErrInto<S, E>;
    [S: DbStream, F: DbFuture, M] stream::Then<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::AndThen<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::OrElse<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::Filter<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::FilterMap<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::SkipWhile<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::TakeWhile<S, F, M>;
    [S: DbStream + TryStream, F: DbFuture, M] stream::TryFilter<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::TryFilterMap<S, F, M>;
    [S: DbStream + TryStream, F: DbFuture, M] stream::TrySkipWhile<S, F, M>;
    [S: DbStream + TryStream, F: DbFuture, M] stream::TryTakeWhile<S, F, M>;
    [S: DbStream] stream::Take<S>;
    [S: DbStream] stream::Skip<S>;
    [S: DbStream] stream::Enumerate<S>;
    [S: DbStream] stream::Fuse<S>;
    [S: DbStream] stream::Chunks<S>;
}
