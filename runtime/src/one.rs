use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, FutureExt};

use crate::lending::{Held, Lending};
use crate::{Backend, Statement};

/// A lease to come of one statement: what a body becomes that is no more. The statement is built before the
/// lease is asked for, and costs the compiler next to nothing, where a body costs it a future of its own.
pub struct One<'s, DB: Backend, E> {
    lending: Lending<'s, DB, E>,
    // Asked for once, as `Lending`'s.
    convert: fn(sqlx::Error) -> E,
}

impl<'s, DB: Backend, E: From<sqlx::Error>> One<'s, DB, E> {
    pub(crate) fn new(lending: Lending<'s, DB, E>) -> Self {
        One { lending, convert: E::from }
    }
}

// Not by a macro of ours, which errors about a statement would name.
impl<'s, DB: Backend, E> One<'s, DB, E> {
    pub fn execute<T, S>(self, statement: S) -> HeldByOne<'s, DB, DB::QueryResult, E>
    where
        S: Statement<DB, T> + 's,
        T: Send + 's,
    {
        let home = self.lending.home.share();
        self.held(async move { statement.execute(&mut home.lend()).await }.boxed())
    }

    pub fn fetch_all<T, S>(self, statement: S) -> HeldByOne<'s, DB, Vec<T>, E>
    where
        S: Statement<DB, T> + 's,
        T: Send + 's,
    {
        let home = self.lending.home.share();
        self.held(async move { statement.fetch_all(&mut home.lend()).await }.boxed())
    }

    pub fn fetch_one<T, S>(self, statement: S) -> HeldByOne<'s, DB, T, E>
    where
        S: Statement<DB, T> + 's,
        T: Send + 's,
    {
        let home = self.lending.home.share();
        self.held(async move { statement.fetch_one(&mut home.lend()).await }.boxed())
    }

    pub fn fetch_optional<T, S>(self, statement: S) -> HeldByOne<'s, DB, Option<T>, E>
    where
        S: Statement<DB, T> + 's,
        T: Send + 's,
    {
        let home = self.lending.home.share();
        self.held(async move { statement.fetch_optional(&mut home.lend()).await }.boxed())
    }

    fn held<T>(self, answer: BoxFuture<'s, Result<T, sqlx::Error>>) -> HeldByOne<'s, DB, T, E> {
        let One { lending, convert } = self;
        lending.held(lending.wanted.site, OneBody { answer, convert })
    }
}

/// A lease of one statement under way.
///
/// # Cancel safety
///
/// As [`Lending::run_body`].
pub(crate) type HeldByOne<'s, DB, T, E> = Held<'s, DB, T, E, OneBody<'s, T, E>>;

/// The body that one statement is.
pub struct OneBody<'s, T, E> {
    answer: BoxFuture<'s, Result<T, sqlx::Error>>,
    convert: fn(sqlx::Error) -> E,
}

impl<T, E> Future for OneBody<'_, T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        self.answer.as_mut().poll(cx).map_err(self.convert)
    }
}

impl<DB: Backend, E> fmt::Debug for One<'_, DB, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("One").finish_non_exhaustive()
    }
}

impl<T, E> fmt::Debug for OneBody<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneBody").finish_non_exhaustive()
    }
}
