//! `sqlx`'s verbs as values: a mode decides how they are sent, and what has to follow.

use std::marker::PhantomData;

use futures_util::future::{BoxFuture, FutureExt, TryFutureExt, ready};
use futures_util::stream::{BoxStream, StreamExt};
#[cfg(feature = "test")]
use futures_util::{TryStreamExt, stream};
use sqlx::{Describe, Either, Execute, Executor, SqlStr};

use super::first_row::first_row;
use super::parts::{Answers, RowOrEnd};
use super::tracked::Tracked;
use super::unnamed::{Sent, Unnamed};
use crate::Backend;
use crate::lease_state::LeaseState;

/// A verb of `sqlx`'s `Executor` with its arguments, before it is sent.
pub(crate) trait Verb<DB: Backend>: Send + Sized {
    /// All that it answers.
    type Value: Send;

    type Answer<'r>: Answer<'r, Value = Self::Value>
    where
        Self: 'r;

    /// Sends it; `names` says that the session keeps the names of statements.
    fn send<'r>(self, raw: &'r mut DB::Connection, names: bool, sent: Sent<'r>) -> Self::Answer<'r>
    where
        Self: 'r;
}

/// A future of one value, or a stream of rows.
pub(crate) trait Answer<'r>: Sized + Send {
    type Value;

    /// Marks the lease for as long as the statement is under way.
    fn tracked<DB: Backend>(self, lease: &'r LeaseState) -> Self;

    /// Sends it once that is possible.
    fn later(sent: BoxFuture<'r, Result<Self, sqlx::Error>>) -> Self;

    /// Reads it to its end.
    #[cfg(feature = "test")]
    fn whole(self) -> BoxFuture<'r, Result<Self::Value, sqlx::Error>>;

    /// Answers with what was read before.
    #[cfg(feature = "test")]
    fn replay(whole: BoxFuture<'r, Result<Self::Value, sqlx::Error>>) -> Self;
}

impl<'r, T: Send + 'r> Answer<'r> for BoxFuture<'r, Result<T, sqlx::Error>> {
    type Value = T;

    fn tracked<DB: Backend>(self, lease: &'r LeaseState) -> Self {
        Tracked::<DB, _>::new(lease, self).boxed()
    }

    fn later(sent: BoxFuture<'r, Result<Self, sqlx::Error>>) -> Self {
        sent.and_then(|answer| answer).boxed()
    }

    #[cfg(feature = "test")]
    fn whole(self) -> BoxFuture<'r, Result<T, sqlx::Error>> {
        self
    }

    #[cfg(feature = "test")]
    fn replay(whole: BoxFuture<'r, Result<T, sqlx::Error>>) -> Self {
        whole
    }
}

impl<'r, Q: Send + 'r, R: Send + 'r> Answer<'r>
    for BoxStream<'r, Result<Either<Q, R>, sqlx::Error>>
{
    type Value = Vec<Either<Q, R>>;

    fn tracked<DB: Backend>(self, lease: &'r LeaseState) -> Self {
        Tracked::<DB, _>::new(lease, self).boxed()
    }

    fn later(sent: BoxFuture<'r, Result<Self, sqlx::Error>>) -> Self {
        sent.try_flatten_stream().boxed()
    }

    #[cfg(feature = "test")]
    fn whole(self) -> BoxFuture<'r, Result<Self::Value, sqlx::Error>> {
        self.try_collect().boxed()
    }

    #[cfg(feature = "test")]
    fn replay(whole: BoxFuture<'r, Result<Self::Value, sqlx::Error>>) -> Self {
        whole.map_ok(|rows| stream::iter(rows.into_iter().map(Ok))).try_flatten_stream().boxed()
    }
}

pub(crate) struct FetchMany<'q, E> {
    query: E,
    lives: PhantomData<&'q ()>,
}

/// Of its answers the first row is wanted.
pub(crate) struct FetchOptional<'q, E> {
    query: E,
    lives: PhantomData<&'q ()>,
}

pub(crate) struct Prepare<'p, DB: Backend> {
    pub(crate) sql: SqlStr,
    pub(crate) parameters: &'p [DB::TypeInfo],
}

pub(crate) struct DescribeStatement {
    pub(crate) sql: SqlStr,
}

impl<E> FetchMany<'_, E> {
    pub(crate) fn new(query: E) -> Self {
        FetchMany { query, lives: PhantomData }
    }
}

impl<E> FetchOptional<'_, E> {
    pub(crate) fn new(query: E) -> Self {
        FetchOptional { query, lives: PhantomData }
    }
}

impl<'q, DB: Backend, E: Execute<'q, DB> + 'q> Verb<DB> for FetchMany<'q, E> {
    type Value = Vec<RowOrEnd<DB>>;
    type Answer<'r>
        = Answers<'r, DB>
    where
        Self: 'r;

    fn send<'r>(self, raw: &'r mut DB::Connection, names: bool, sent: Sent<'r>) -> Self::Answer<'r>
    where
        Self: 'r,
    {
        match keeps_name(&self.query, names) {
            true => DB::executor(raw).fetch_many(self.query),
            false => Unnamed::of(self.query).fetch_many(raw, sent),
        }
    }
}

impl<'q, DB: Backend, E: Execute<'q, DB> + 'q> Verb<DB> for FetchOptional<'q, E> {
    type Value = Vec<RowOrEnd<DB>>;
    type Answer<'r>
        = Answers<'r, DB>
    where
        Self: 'r;

    fn send<'r>(self, raw: &'r mut DB::Connection, names: bool, sent: Sent<'r>) -> Self::Answer<'r>
    where
        Self: 'r,
    {
        match keeps_name(&self.query, names) {
            true => first_row(raw, self.query),
            false => Unnamed::of(self.query).fetch_optional(raw, sent),
        }
    }
}

impl<DB: Backend> Verb<DB> for Prepare<'_, DB> {
    type Value = DB::Statement;
    type Answer<'r>
        = BoxFuture<'r, Result<DB::Statement, sqlx::Error>>
    where
        Self: 'r;

    fn send<'r>(self, raw: &'r mut DB::Connection, names: bool, _: Sent<'r>) -> Self::Answer<'r>
    where
        Self: 'r,
    {
        match names {
            true => DB::executor(raw).prepare_with(self.sql, self.parameters),
            false => ready(Err(cannot_prepare())).boxed(),
        }
    }
}

impl<DB: Backend> Verb<DB> for DescribeStatement {
    type Value = Describe<DB>;
    type Answer<'r>
        = BoxFuture<'r, Result<Describe<DB>, sqlx::Error>>
    where
        Self: 'r;

    fn send<'r>(self, raw: &'r mut DB::Connection, names: bool, _: Sent<'r>) -> Self::Answer<'r>
    where
        Self: 'r,
    {
        match names {
            true => DB::executor(raw).describe(self.sql),
            false => ready(Err(cannot_prepare())).boxed(),
        }
    }
}

/// Returns `true` if a query leaves a name in its session. By itself, `sqlx` names statements even if it keeps none.
fn keeps_name<'q, DB: Backend, E: Execute<'q, DB>>(query: &E, names: bool) -> bool {
    names && (query.persistent() || query.statement().is_some())
}

fn cannot_prepare() -> sqlx::Error {
    sqlx::Error::Configuration(
        "setting `pooler` is `Transaction`: named statements cannot be prepared, run the query"
            .into(),
    )
}
