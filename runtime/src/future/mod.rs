//! The futures and streams that a lease may await.

use futures_util::stream::Stream;

pub(crate) mod call;
pub(crate) mod callee;
mod database_futures;
mod database_streams;
pub(crate) mod either;
pub(crate) mod leased_fn;
pub(crate) mod rows;
pub(crate) mod session_call;
pub(crate) mod statement;

/// A future that waits only on the database, and so may be awaited while a lease is open.
///
/// It is sealed. [`DbCall`](crate::DbCall) and [`StatementFuture`](crate::StatementFuture) are database futures by
/// construction. The others are wrappers that add no waiting of their own to the database futures in them: boxes, time
/// limits, tracing spans, and the combinators of `futures` whose closures return values or database futures.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this `.await`",
    label = "only database calls may be awaited while a lease is open",
    note = "end the lease first, then await this",
    note = "if this function only talks to the database, give it the connection of this lease and mark it `#[shortlease::leased]`",
    note = "rule SL001: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl001"
)]
pub trait DbFuture: Future + sealed::DatabaseFuture {}

/// A stream that waits only on the database: [`Rows`](crate::Rows) and the combinators over it whose closures
/// return values or database futures. Sealed.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this stream",
    label = "only streams of database rows may be awaited while a lease is open",
    note = "end the lease first, then await this",
    note = "rule SL001: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl001"
)]
pub trait DbStream: Stream + sealed::DatabaseStream {}

mod sealed {
    use super::callee::{CheckedBody, NoHandler, NoJoin, NoWait, OnLease};

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be declared a `DbFuture`",
        label = "the trait is sealed",
        note = "mark the function that makes it `#[shortlease::leased]`"
    )]
    pub trait DatabaseFuture: NoWait + OnLease + NoHandler + NoJoin + CheckedBody {}

    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be declared a `DbStream`",
        label = "the trait is sealed",
        note = "read rows with `fetch`, and combine that stream"
    )]
    pub trait DatabaseStream {}
}
