use std::convert::identity;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::BoxStream;
use sqlx::query::{Map, Query, QueryAs, QueryScalar};
use sqlx::{AssertSqlSafe, Executor, FromRow, IntoArguments, RawSql, SqlSafeStr, raw_sql};

use crate::{Backend, Conn, Rows, StatementFuture, Tx};

/// A statement that can be run on a lease: `sqlx`'s `Query`, `QueryAs`, `QueryScalar`, `Map` and `RawSql`,
/// which `query()`, `query_as()`, `query_scalar()`, `.map()`, `.try_map()`, `raw_sql()`,
/// `QueryBuilder` and the checked `query!` family make; and a text by itself, a `&'static str` or an `AssertSqlSafe`,
/// which runs as `raw_sql` runs it.
///
/// `T` is what one row becomes, and each type of statement has one.
///
/// Handlers write `sqlx`'s own verbs; the attributes turn those on a lease into these. The errors
/// are those of the `sqlx` verb of the same name.
///
/// A type of your own implements it by calling the verbs of a statement that it has in it. A verb that is added later will have
/// a default.
///
/// # Cancel safety
///
/// As [`StatementFuture`]: dropped, the statement is cancelled and the connection recovered before it is lent
/// again. What a statement did outside of a transaction may or may not have happened.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a statement that can run on a lease",
    label = "only `sqlx` statements have this verb on a leased connection",
    note = "build it with `sqlx::query`, `query_as`, `query_scalar` or `raw_sql`",
    note = "what `query_as` reads needs `#[derive(sqlx::FromRow)]`, and what `query_scalar` reads, a type that `sqlx` can decode",
    note = "a text by itself is a `&'static str`, or `sqlx::AssertSqlSafe(text)` if you have checked what is in it",
    note = "for a method of your own, marked `#[shortlease::leased]`, write its path: `Command::execute(command, conn)`"
)]
pub trait Statement<DB: Backend, T: Send>: Sized + Send {
    /// Runs it to its end and returns the outcome, such as the number of rows that it changed.
    ///
    /// # Cancel safety
    ///
    /// As [`StatementFuture`].
    fn execute<'c>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, DB::QueryResult>
    where
        Self: 'c,
        T: 'c;

    /// Returns the rows as they arrive.
    ///
    /// # Cancel safety
    ///
    /// As [`Rows`].
    fn fetch<'c>(self, conn: &'c mut Conn<DB>) -> Rows<'c, T>
    where
        Self: 'c,
        T: 'c;

    /// Returns all rows.
    ///
    /// # Cancel safety
    ///
    /// As [`StatementFuture`].
    fn fetch_all<'c>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, Vec<T>>
    where
        Self: 'c,
        T: 'c;

    /// Returns the first row, or [`sqlx::Error::RowNotFound`] if there is none.
    ///
    /// # Cancel safety
    ///
    /// As [`StatementFuture`].
    fn fetch_one<'c>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, T>
    where
        Self: 'c,
        T: 'c;

    /// Returns the first row, if there is one.
    ///
    /// # Cancel safety
    ///
    /// As [`StatementFuture`].
    fn fetch_optional<'c>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, Option<T>>
    where
        Self: 'c,
        T: 'c;
}

/// A statement of `sqlx`, on any executor.
pub trait SqlxStatement<DB: Backend, T: Send>: Sized + Send {
    fn execute_on<'c, E>(self, executor: E) -> BoxFuture<'c, Result<DB::QueryResult, sqlx::Error>>
    where
        E: Executor<'c, Database = DB> + 'c,
        Self: 'c,
        T: 'c;

    fn fetch_on<'c, E>(self, executor: E) -> BoxStream<'c, Result<T, sqlx::Error>>
    where
        E: Executor<'c, Database = DB> + 'c,
        Self: 'c,
        T: 'c;

    fn fetch_all_on<'c, E>(self, executor: E) -> BoxFuture<'c, Result<Vec<T>, sqlx::Error>>
    where
        E: Executor<'c, Database = DB> + 'c,
        Self: 'c,
        T: 'c;

    fn fetch_one_on<'c, E>(self, executor: E) -> BoxFuture<'c, Result<T, sqlx::Error>>
    where
        E: Executor<'c, Database = DB> + 'c,
        Self: 'c,
        T: 'c;

    fn fetch_optional_on<'c, E>(self, executor: E) -> BoxFuture<'c, Result<Option<T>, sqlx::Error>>
    where
        E: Executor<'c, Database = DB> + 'c,
        Self: 'c,
        T: 'c;
}

macro_rules! statement {
    ([$($generics:tt)*] $statement:ty, $item:ty, $($bounds:tt)*) => {
        statement!(identity: [$($generics)*] $statement, $item, $($bounds)*);
    };
    ($made:path: [$($generics:tt)*] $statement:ty, $item:ty, $($bounds:tt)*) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)* DB: Backend> SqlxStatement<DB, $item> for $statement
        where
            $($bounds)*
        {
            fn execute_on<'c, E>(self, executor: E) -> BoxFuture<'c, Result<DB::QueryResult, sqlx::Error>>
            where
                E: Executor<'c, Database = DB> + 'c,
                Self: 'c,
                $item: 'c,
            {
                executor.execute($made(self))
            }

            fn fetch_on<'c, E>(self, executor: E) -> BoxStream<'c, Result<$item, sqlx::Error>>
            where
                E: Executor<'c, Database = DB> + 'c,
                Self: 'c,
                $item: 'c,
            {
                $made(self).fetch(executor)
            }

            fn fetch_all_on<'c, E>(self, executor: E) -> BoxFuture<'c, Result<Vec<$item>, sqlx::Error>>
            where
                E: Executor<'c, Database = DB> + 'c,
                Self: 'c,
                $item: 'c,
            {
                $made(self).fetch_all(executor).boxed()
            }

            fn fetch_one_on<'c, E>(self, executor: E) -> BoxFuture<'c, Result<$item, sqlx::Error>>
            where
                E: Executor<'c, Database = DB> + 'c,
                Self: 'c,
                $item: 'c,
            {
                $made(self).fetch_one(executor).boxed()
            }

            fn fetch_optional_on<'c, E>(self, executor: E) -> BoxFuture<'c, Result<Option<$item>, sqlx::Error>>
            where
                E: Executor<'c, Database = DB> + 'c,
                Self: 'c,
                $item: 'c,
            {
                $made(self).fetch_optional(executor).boxed()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)* DB: Backend> Statement<DB, $item> for $statement
        where
            $($bounds)*
        {
            fn execute<'c>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, DB::QueryResult>
            where
                Self: 'c,
                $item: 'c,
            {
                StatementFuture::new(self.execute_on(conn))
            }

            fn fetch<'c>(self, conn: &'c mut Conn<DB>) -> Rows<'c, $item>
            where
                Self: 'c,
                $item: 'c,
            {
                Rows::new(self.fetch_on(conn))
            }

            fn fetch_all<'c>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, Vec<$item>>
            where
                Self: 'c,
                $item: 'c,
            {
                StatementFuture::new(self.fetch_all_on(conn))
            }

            fn fetch_one<'c>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, $item>
            where
                Self: 'c,
                $item: 'c,
            {
                StatementFuture::new(self.fetch_one_on(conn))
            }

            fn fetch_optional<'c>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, Option<$item>>
            where
                Self: 'c,
                $item: 'c,
            {
                StatementFuture::new(self.fetch_optional_on(conn))
            }
        }
    };
}

statement!(['q, A,] Query<'q, DB, A>, DB::Row, A: Send + IntoArguments<DB> + 'q);
statement!(
    ['q, O, A,] QueryAs<'q, DB, O, A>, O,
    O: Send + Unpin + for<'r> FromRow<'r, DB::Row>, A: Send + IntoArguments<DB> + 'q
);
statement!(
    ['q, O, A,] QueryScalar<'q, DB, O, A>, O,
    O: Send + Unpin, (O,): for<'r> FromRow<'r, DB::Row>, A: Send + IntoArguments<DB> + 'q
);
statement!(
    ['q, F, O, A,] Map<'q, DB, F, A>, O,
    F: FnMut(DB::Row) -> Result<O, sqlx::Error> + Send, O: Send + Unpin,
    A: Send + IntoArguments<DB> + 'q
);
statement!([] RawSql, DB::Row,);
// Texts without parameters, each of one statement or several.
statement!(raw_sql: [] &'static str, DB::Row,);
statement!(raw_sql: [S,] AssertSqlSafe<S>, DB::Row, AssertSqlSafe<S>: SqlSafeStr + Send);

/// `sqlx`'s verbs the other way round, as code has them that was written with `sqlx::Executor`: `conn.execute(query)` is
/// `query.execute(conn)`.
macro_rules! verbs {
    ($connection:ident { $($(#[$doc:meta])* $verb:ident -> $output:ty;)* }) => {
        impl<DB: Backend> $connection<DB> {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                ///
                /// Those of the `sqlx` verb of the same name.
                ///
                /// # Cancel safety
                ///
                /// As [`Statement`].
                pub fn $verb<'c, T, S>(&'c mut self, statement: S) -> $output
                where
                    S: Statement<DB, T> + 'c,
                    T: Send + 'c,
                {
                    statement.$verb(self)
                }
            )*
        }
    };
}

macro_rules! connections {
    ($($connection:ident)*) => {$(
        verbs! { $connection {
    /// Runs a statement to its end and returns the outcome, such as the number of rows that it changed.
    execute -> StatementFuture<'c, DB::QueryResult>;
    /// Returns the rows of a statement as they arrive.
    fetch -> Rows<'c, T>;
    /// Returns all rows of a statement.
    fetch_all -> StatementFuture<'c, Vec<T>>;
    /// Returns the first row of a statement; [`sqlx::Error::RowNotFound`] if there is none.
    fetch_one -> StatementFuture<'c, T>;
    /// Returns the first row of a statement, if there is one.
    fetch_optional -> StatementFuture<'c, Option<T>>;
        } }
    )*};
}

connections! { Conn Tx }
