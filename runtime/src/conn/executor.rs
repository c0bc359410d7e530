use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{BoxStream, TryStreamExt};
use sqlx::{Describe, Either, Execute, Executor, SqlStr};

use crate::mode::parts::{Answers, QueryParts};
use crate::mode::tracked::Tracked;
use crate::mode::verb::{Answer, DescribeStatement, FetchMany, FetchOptional, Prepare, Verb};
use crate::{Backend, Conn, Tx};

impl<DB: Backend> Conn<DB> {
    /// Has the connection prepare its statements anew, and look its types up anew.
    pub(crate) async fn forget_statements(&mut self) -> Result<(), sqlx::Error> {
        let Conn { raw, lease, .. } = self;
        let (raw, sent) = raw.parts();
        sent.clear();
        Tracked::<DB, _>::new(lease, DB::forget_statements(raw)).await
    }

    /// Has the session refuse all writes, or take them again.
    pub(crate) async fn set_read_only(&mut self, read_only: bool) -> Result<(), sqlx::Error> {
        let Conn { raw, lease, .. } = self;
        Tracked::<DB, _>::new(lease, DB::set_read_only(raw, read_only)).await
    }

    /// Sends a statement as the mode of the connection wants it, and tracks it.
    pub(super) fn run_verb<'e, V: Verb<DB> + 'e>(&'e mut self, verb: V) -> V::Answer<'e> {
        match self.was_dropped() {
            false => self.send_verb(verb),
            true => V::Answer::later(
                async move {
                    self.read_dropped().await?;
                    Ok(self.send_verb(verb))
                }
                .boxed(),
            ),
        }
    }

    /// Returns `true` if a statement was dropped before its answer had ended, and the next one would read the rest of
    /// that without giving way.
    fn was_dropped(&self) -> bool {
        let open = self.lease.in_flight() || self.raw.is_away();
        DB::PUSHES_ROWS && open && self.mode.reads_dropped_first()
    }

    /// Reads the answer to a statement that was dropped, and returns its error.
    ///
    /// # Cancel safety
    ///
    /// Safe: the next call reads on.
    pub(super) async fn read_dropped(&mut self) -> Result<(), sqlx::Error> {
        if !self.was_dropped() {
            return Ok(());
        }
        let Conn { raw, lease, .. } = self;
        Tracked::<DB, _>::new(lease, raw.read_rest().boxed()).await
    }

    fn send_verb<'e, V: Verb<DB> + 'e>(&'e mut self, verb: V) -> V::Answer<'e> {
        let Conn { raw, lease, mode, depth, .. } = self;
        let (raw, sent) = raw.parts();
        mode.send::<DB, V>(*depth, raw, sent, verb).tracked::<DB>(lease)
    }

    /// Takes a query of the body apart, and notes if it may commit the transaction.
    fn noted<'q>(
        &self,
        query: impl Execute<'q, DB>,
        may_commit: fn(&str) -> bool,
    ) -> QueryParts<DB> {
        let parts = QueryParts::of(query);
        if self.depth > 0 && may_commit(parts.text.as_str()) {
            self.lease.record_implicit_commit();
        }
        parts
    }
}

/// Returns the first row of the answers, and reads them to their end.
async fn first_of<DB: Backend>(
    mut answers: Answers<'_, DB>,
) -> Result<Option<DB::Row>, sqlx::Error> {
    let mut first = None;
    while let Some(answer) = answers.try_next().await? {
        if let Either::Right(row) = answer {
            first.get_or_insert(row);
        }
    }
    Ok(first)
}

// Why `Executor`: with it a function that was not marked `#[leased]` compiles by itself and is
// refused once, where a lease awaits it. Without it, each of its verbs would fail instead.
macro_rules! executor {
    ($($leased:ident)*) => {$(
        impl<'c, DB: Backend> Executor<'c> for &'c mut $leased<DB> {
            type Database = DB;

            fn fetch_many<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxStream<'e, Result<Either<DB::QueryResult, DB::Row>, sqlx::Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, DB>,
            {
                match DB::MAY_COMMIT {
                    Some(may_commit) => {
                        let query = self.noted(query, may_commit);
                        self.run_verb(FetchMany::new(query))
                    }
                    None => self.run_verb(FetchMany::<'q, E>::new(query)),
                }
            }

            fn fetch_optional<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxFuture<'e, Result<Option<DB::Row>, sqlx::Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, DB>,
            {
                let answers = match DB::MAY_COMMIT {
                    Some(may_commit) => {
                        let query = self.noted(query, may_commit);
                        self.run_verb(FetchOptional::new(query))
                    }
                    None => self.run_verb(FetchOptional::<'q, E>::new(query)),
                };
                first_of::<DB>(answers).boxed()
            }

            fn prepare_with<'e>(
                self,
                sql: SqlStr,
                parameters: &'e [DB::TypeInfo],
            ) -> BoxFuture<'e, Result<DB::Statement, sqlx::Error>>
            where
                'c: 'e,
            {
                self.run_verb(Prepare { sql, parameters })
            }

            fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, sqlx::Error>>
            where
                'c: 'e,
            {
                self.run_verb(DescribeStatement { sql })
            }
        }
    )*};
}

executor!(Conn Tx);
