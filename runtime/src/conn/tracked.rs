use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, Stream, StreamExt};

use crate::Backend;
use crate::error::{Revoked, RolledBack};
use crate::log::{Landing, Log};

/// A statement on its way: marks the lease in flight at the first poll and landed at the last, so a
/// drop in between is known.
pub(crate) struct Tracked<'c, DB, S> {
    log: &'c Log,
    statement: S,
    departed: bool,
    landed: bool,
    database: PhantomData<fn() -> DB>,
}

impl<'c, DB: Backend, S> Tracked<'c, DB, S> {
    pub(crate) fn new(log: &'c Log, statement: S) -> Self {
        Tracked { log, statement, departed: false, landed: false, database: PhantomData }
    }

    fn depart(&mut self) -> Result<(), sqlx::Error> {
        if !self.departed {
            if self.log.revoked().is_some() {
                self.landed = true;
                return Err(sqlx::Error::Io(io::Error::other(Revoked)));
            }
            if self.log.rolled_back() {
                self.landed = true;
                return Err(sqlx::Error::Io(io::Error::other(RolledBack)));
            }
            self.log.depart();
            self.departed = true;
        }
        Ok(())
    }

    fn land(&mut self, error: Option<&sqlx::Error>) {
        self.landed = true;
        self.log.land(error.and_then(Landing::of::<DB>));
    }
}

impl<DB: Backend, T> Future for Tracked<'_, DB, BoxFuture<'_, Result<T, sqlx::Error>>> {
    type Output = Result<T, sqlx::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.depart()?;
        let answer = self.statement.as_mut().poll(cx);
        if let Poll::Ready(answer) = &answer {
            self.land(answer.as_ref().err());
        }
        answer.map_err(DB::explain)
    }
}

impl<DB: Backend, T> Stream for Tracked<'_, DB, BoxStream<'_, Result<T, sqlx::Error>>> {
    type Item = Result<T, sqlx::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.landed {
            return Poll::Ready(None);
        }
        if let Err(revoked) = self.depart() {
            return Poll::Ready(Some(Err(revoked)));
        }
        let row = self.statement.poll_next_unpin(cx);
        match &row {
            Poll::Ready(None) => self.land(None),
            Poll::Ready(Some(Err(error))) => self.land(Some(error)),
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        row.map_err(DB::explain)
    }
}
