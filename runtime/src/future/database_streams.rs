use std::pin::Pin;

use futures_util::stream::{self, Stream, TryStream};

use super::rows::Rows;
use super::{DbFuture, DbStream, sealed};

macro_rules! database_streams {
    ($([$($generics:tt)*] $stream:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> sealed::DatabaseStream for $stream where $stream: Stream {}
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
    [S: DbStream] stream::ReadyChunks<S>;
    [S: DbStream + TryStream] stream::TryChunks<S>;
    [S: DbStream] stream::Peekable<S>;
    [S: DbStream, T: DbStream] stream::Zip<S, T>;
    // It waits for nothing.
    [I: Iterator] stream::Iter<I>;
    [S: DbStream, A, F: DbFuture, M] stream::Scan<S, A, F, M>;
}
