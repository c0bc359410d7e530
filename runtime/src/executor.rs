use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{BoxStream, StreamExt};
use sqlx::{Describe, Either, Execute, Executor, SqlStr};

use crate::flight::Flight;
use crate::{Backend, Conn, Tx};

// Why `Executor`: with it a function that was not marked `#[leased]` compiles by itself and is
// refused once, where a lease awaits it. Without it, each of its verbs would fail instead.
macro_rules! executor {
    ($lent:ident, |$this:ident| $conn:expr) => {
        impl<'c, DB: Backend> Executor<'c> for &'c mut $lent<DB> {
            type Database = DB;

            fn fetch_many<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxStream<'e, Result<Either<DB::QueryResult, DB::Row>, sqlx::Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, DB>,
            {
                let $this = self;
                let Conn { raw, log, .. } = $conn;
                Flight::<DB, _>::new(log, DB::executor(raw).fetch_many(query)).boxed()
            }

            fn fetch_optional<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxFuture<'e, Result<Option<DB::Row>, sqlx::Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, DB>,
            {
                let $this = self;
                let Conn { raw, log, .. } = $conn;
                Flight::<DB, _>::new(log, DB::executor(raw).fetch_optional(query)).boxed()
            }

            fn prepare_with<'e>(
                self,
                sql: SqlStr,
                parameters: &'e [DB::TypeInfo],
            ) -> BoxFuture<'e, Result<DB::Statement, sqlx::Error>>
            where
                'c: 'e,
            {
                let $this = self;
                let Conn { raw, log, .. } = $conn;
                Flight::<DB, _>::new(log, DB::executor(raw).prepare_with(sql, parameters)).boxed()
            }

            fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, sqlx::Error>>
            where
                'c: 'e,
            {
                let $this = self;
                let Conn { raw, log, .. } = $conn;
                Flight::<DB, _>::new(log, DB::executor(raw).describe(sql)).boxed()
            }
        }
    };
}

executor!(Conn, |conn| conn);
executor!(Tx, |tx| &mut **tx);
