use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{BoxStream, StreamExt};
use sqlx::error::BoxDynError;
use sqlx::{Describe, Either, Execute, Executor, SqlStr};

use crate::flight::Flight;
use crate::{Backend, Conn, Tx, rehearsal};

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
                let alone = rehearsal::is_alone($conn);
                let Conn { raw, log, unnamed, .. } = $conn;
                let rows = match *unnamed {
                    _ if alone => rehearsal::rows::<DB>(raw, query),
                    true => DB::executor(raw).fetch_many(Unnamed::of(query)),
                    false => DB::executor(raw).fetch_many(query),
                };
                Flight::<DB, _>::new(log, rows).boxed()
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
                let alone = rehearsal::is_alone($conn);
                let Conn { raw, log, unnamed, .. } = $conn;
                let row = match *unnamed {
                    _ if alone => rehearsal::row::<DB>(raw, query),
                    true => DB::executor(raw).fetch_optional(Unnamed::of(query)),
                    false => DB::executor(raw).fetch_optional(query),
                };
                Flight::<DB, _>::new(log, row).boxed()
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
                let alone = rehearsal::is_alone($conn);
                let Conn { raw, log, unnamed, .. } = $conn;
                if *unnamed {
                    return ready(Err(named())).boxed();
                }
                let statement = match alone {
                    true => rehearsal::statement::<DB>(raw, sql, parameters),
                    false => DB::executor(raw).prepare_with(sql, parameters),
                };
                Flight::<DB, _>::new(log, statement).boxed()
            }

            fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, sqlx::Error>>
            where
                'c: 'e,
            {
                let $this = self;
                let alone = rehearsal::is_alone($conn);
                let Conn { raw, log, unnamed, .. } = $conn;
                if *unnamed {
                    return ready(Err(named())).boxed();
                }
                let description = match alone {
                    true => rehearsal::description::<DB>(raw, sql),
                    false => DB::executor(raw).describe(sql),
                };
                Flight::<DB, _>::new(log, description).boxed()
            }
        }
    };
}

executor!(Conn, |conn| conn);
executor!(Tx, |tx| &mut **tx);

/// A statement that leaves no name in the session it runs in. `sqlx` gives statements names even
/// where it keeps none.
struct Unnamed<DB: Backend> {
    sql: SqlStr,
    arguments: Option<Result<Option<DB::Arguments>, BoxDynError>>,
}

impl<DB: Backend> Unnamed<DB> {
    fn of<'q>(mut query: impl Execute<'q, DB>) -> Self {
        let arguments = Some(query.take_arguments());
        Unnamed { sql: query.sql(), arguments }
    }
}

impl<DB: Backend> Execute<'_, DB> for Unnamed<DB> {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        self.arguments.take().unwrap_or(Ok(None))
    }

    fn persistent(&self) -> bool {
        false
    }
}

fn named() -> sqlx::Error {
    sqlx::Error::Configuration(
        "setting `pooler` is `Transaction`: named statements cannot be prepared, run the query"
            .into(),
    )
}
