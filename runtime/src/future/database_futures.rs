use std::future::{Future, Ready};
use std::pin::Pin;

use futures_util::future;
use futures_util::stream::{self, TryStream};

use super::call::DbCall;
use super::callee::{CheckedBody, NoHandler, NoJoin, NoWait, OnLease, RunsOnLease};
use super::either::{EitherCall, IsLeased};
use super::statement::StatementFuture;
use super::{DbFuture, DbStream, sealed};

macro_rules! database_futures {
    ($([$($generics:tt)*] $future:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> sealed::DatabaseFuture for $future where $future: Future {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> NoWait for $future where $future: Future {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> OnLease for $future where $future: Future {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> NoHandler for $future where $future: Future {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> NoJoin for $future where $future: Future {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> RunsOnLease for $future where $future: Future {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> CheckedBody for $future where $future: Future {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> DbFuture for $future where $future: Future {}
    )*};
}

// Not `Fuse`: one that is terminated never ends, and with a time limit around it is a sleep.
database_futures! {
    [F] DbCall<F>;
    [C: IsLeased, F] EitherCall<C, F>;
    ['c, T] StatementFuture<'c, T>;
    [T] Ready<T>;
    [T] future::Ready<T>;
    ['a, F: DbFuture + ?Sized + Unpin] &'a mut F;
    [F: DbFuture + ?Sized + Unpin] Box<F>;
    ['a, F: DbFuture + ?Sized] Pin<&'a mut F>;
    [F: DbFuture + ?Sized] Pin<Box<F>>;
    [F: DbFuture] tokio::time::Timeout<F>;
    [F: DbFuture] tracing::instrument::Instrumented<F>;
    [F: DbFuture] tracing::instrument::WithDispatch<F>;
    [F: DbFuture] future::IntoFuture<F>;
    [F: DbFuture, M] future::Map<F, M>;
    [F: DbFuture, M] future::MapOk<F, M>;
    [F: DbFuture, M] future::MapErr<F, M>;
    [F: DbFuture, M, N] future::MapOkOrElse<F, M, N>;
    [F: DbFuture, I] future::Inspect<F, I>;
    [F: DbFuture, I] future::InspectOk<F, I>;
    [F: DbFuture, I] future::InspectErr<F, I>;
    [F: DbFuture, T] future::OkInto<F, T>;
    [F: DbFuture, E] future::ErrInto<F, E>;
    [F: DbFuture, E] future::UnwrapOrElse<F, E>;
    [F: DbFuture, G: DbFuture, M] future::Then<F, G, M>;
    [F: DbFuture, G: DbFuture, M] future::AndThen<F, G, M>;
    [F: DbFuture, G: DbFuture, M] future::OrElse<F, G, M>;
    [F: DbFuture, G: DbFuture] future::Either<F, G>;
    [F: DbFuture] future::OptionFuture<F>;
    ['a, S: DbStream + Unpin + ?Sized] stream::Next<'a, S>;
    ['a, S: DbStream + Unpin + ?Sized] stream::TryNext<'a, S>;
    ['a, S: DbStream] stream::Peek<'a, S>;
    ['a, S: DbStream, F] stream::NextIf<'a, S, F>;
    [S: DbStream, C] stream::Collect<S, C>;
    [S: DbStream, C] stream::TryCollect<S, C>;
    [S: DbStream] stream::Concat<S>;
    [S: DbStream + TryStream] stream::TryConcat<S>;
    [S: DbStream] stream::Count<S>;
    [S: DbStream, F: DbFuture, M] stream::All<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::Any<S, F, M>;
    [S: DbStream, F: DbFuture, T, M] stream::Fold<S, F, T, M>;
    [S: DbStream, F: DbFuture, M] stream::ForEach<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::TryAll<S, F, M>;
    [S: DbStream, F: DbFuture, M] stream::TryAny<S, F, M>;
    [S: DbStream, F: DbFuture, T, M] stream::TryFold<S, F, T, M>;
    [S: DbStream, F: DbFuture, M] stream::TryForEach<S, F, M>;
}
