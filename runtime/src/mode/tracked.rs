use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, Stream, StreamExt};
use sqlx::Either;
use tokio::task::coop::poll_proceed;

use crate::Backend;
use crate::lease_state::{Failure, LeaseState};

/// A statement on its way. It marks the lease as in flight from its first poll to its last, so that a
/// drop in between is known.
pub(crate) struct Tracked<'c, DB, S> {
    lease: &'c LeaseState,
    statement: S,
    started: bool,
    finished: bool,
    database: PhantomData<fn() -> DB>,
}

impl<'c, DB: Backend, S> Tracked<'c, DB, S> {
    pub(crate) fn new(lease: &'c LeaseState, statement: S) -> Self {
        Tracked { lease, statement, started: false, finished: false, database: PhantomData }
    }

    fn start(&mut self) -> Result<(), sqlx::Error> {
        if !self.started {
            self.lease.check_statement::<DB>().inspect_err(|_| self.finished = true)?;
            self.lease.start_statement();
            self.started = true;
        }
        Ok(())
    }

    fn finish(&mut self, error: Option<&sqlx::Error>) {
        self.finished = true;
        self.lease.finish_statement(error.and_then(Failure::of::<DB>));
    }
}

impl<DB: Backend, T> Future for Tracked<'_, DB, BoxFuture<'_, Result<T, sqlx::Error>>> {
    type Output = Result<T, sqlx::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.start()?;
        // `sqlx` reads what has come without a share of the runtime's time: it would never give way.
        let share = ready!(poll_proceed(cx));
        let answer = self.statement.as_mut().poll(cx);
        if let Poll::Ready(answer) = &answer {
            share.made_progress();
            self.finish(answer.as_ref().err());
        }
        answer.map_err(DB::explain)
    }
}

impl<DB: Backend, Q, R> Stream
    for Tracked<'_, DB, BoxStream<'_, Result<Either<Q, R>, sqlx::Error>>>
{
    type Item = Result<Either<Q, R>, sqlx::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.finished {
            return Poll::Ready(None);
        }
        if let Err(revoked) = self.start() {
            return Poll::Ready(Some(Err(revoked)));
        }
        let share = ready!(poll_proceed(cx));
        let row = self.statement.poll_next_unpin(cx);
        if row.is_ready() {
            share.made_progress();
        }
        match &row {
            Poll::Ready(None) => self.finish(None),
            Poll::Ready(Some(Err(error))) => self.finish(Some(error)),
            Poll::Ready(Some(Ok(Either::Right(_)))) => self.lease.record_row(true),
            Poll::Ready(Some(Ok(Either::Left(_)))) => self.lease.record_row(false),
            Poll::Pending => self.lease.await_row(),
        }
        row.map_err(DB::explain)
    }
}
