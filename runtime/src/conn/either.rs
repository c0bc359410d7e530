use std::marker::PhantomData;

use sqlx::Executor;

use super::statement::SqlxStatement;
use crate::future::either::{CallOn, EitherCall, IsLeased};
use crate::{Backend, Conn, StatementFuture, Tx};

/// A connection that a helper can run on: leased, or one of `sqlx`. Sealed.
///
/// It is [`Conn`], [`Tx`], and the connection of `sqlx`, such as `PgConnection`. A helper that takes it is called from
/// leases and from code that is not converted yet:
///
/// ```
/// use shortlease::{EitherConn, Error, Session, Sqlite, handler, leased};
///
/// #[leased]
/// async fn url(conn: &mut impl EitherConn<Sqlite>, id: i64) -> sqlx::Result<String> {
///     sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
/// }
///
/// #[handler]
/// async fn converted(db: &mut Session<Sqlite>, id: i64) -> Result<String, Error> {
///     db.lease(async |conn| url(conn, id).await).await
/// }
///
/// async fn not_converted_yet(pool: &sqlx::SqlitePool, id: i64) -> sqlx::Result<String> {
///     let mut tx = pool.begin().await?;
///     url(&mut *tx, id).await
/// }
/// ```
///
/// The attribute makes the helper return an [`EitherCall`]: a database future on a lease, a plain one on a connection of
/// `sqlx`. In the helper, only calls on the same connection may be awaited: `execute`, `fetch_one`, `fetch_optional` and
/// `fetch_all` of `sqlx`'s statements, and other helpers that take it in this way.
///
/// The attribute gives the type of the connection a name, so that it counts among the helper's type parameters. Callers that
/// name those of a generic helper write `get::<Tool, _>(conn, id)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a leased connection nor one of `sqlx`",
    label = "this is not a connection",
    note = "a transaction or a connection of a pool is given as `&mut *tx`",
    note = "a pool gives one with `pool.acquire().await?`"
)]
pub trait EitherConn<DB: Backend>: sealed::AsExecutor<DB> + Send {}

mod sealed {
    use sqlx::Executor;

    use crate::Backend;

    /// A connection that statements of `sqlx` run on.
    pub trait AsExecutor<DB: Backend> {
        #[doc(hidden)]
        fn executor(&mut self) -> impl Executor<'_, Database = DB>;
    }
}

macro_rules! either {
    ($([$($generics:tt)*] $connection:ty, $database:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> EitherConn<$database> for $connection {}

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> sealed::AsExecutor<$database> for $connection {
            fn executor(&mut self) -> impl Executor<'_, Database = $database> {
                self
            }
        }
    )*};
}

either! {
    [DB: Backend] Conn<DB>, DB;
    [DB: Backend] Tx<DB>, DB;
}
#[cfg(feature = "mysql")]
either! { [] sqlx::MySqlConnection, sqlx::MySql; }
#[cfg(feature = "postgres")]
either! { [] sqlx::PgConnection, sqlx::Postgres; }
#[cfg(feature = "sqlite")]
either! { [] sqlx::SqliteConnection, sqlx::Sqlite; }

impl<DB: Backend> IsLeased for Conn<DB> {}
impl<DB: Backend> IsLeased for Tx<DB> {}

/// The methods that the attribute puts into a helper on an [`EitherConn`].
pub trait InHelper: Sized {
    /// Lets only calls on the connection of the helper through to an `.await`.
    #[doc(hidden)]
    #[inline(always)]
    fn __in_helper<C>(self) -> Self
    where
        Self: CallOn<C>,
    {
        self
    }

    /// Takes only the connection of the helper for `C`: in the body, another type may have that name.
    #[doc(hidden)]
    #[inline(always)]
    fn __on<C>(self, _: PhantomData<fn(&mut C)>) -> Self {
        self
    }

    /// sqlx's `execute`, on the connection of the helper.
    #[doc(hidden)]
    fn __execute_either<'c, DB, T, C>(
        self,
        conn: &'c mut C,
    ) -> EitherCall<C, StatementFuture<'c, DB::QueryResult>>
    where
        DB: Backend,
        T: Send + 'c,
        C: EitherConn<DB>,
        Self: SqlxStatement<DB, T> + 'c,
    {
        EitherCall::new(StatementFuture::new(self.execute_on(conn.executor())))
    }

    /// sqlx's `fetch_all`, on the connection of the helper.
    #[doc(hidden)]
    fn __fetch_all_either<'c, DB, T, C>(
        self,
        conn: &'c mut C,
    ) -> EitherCall<C, StatementFuture<'c, Vec<T>>>
    where
        DB: Backend,
        T: Send + 'c,
        C: EitherConn<DB>,
        Self: SqlxStatement<DB, T> + 'c,
    {
        EitherCall::new(StatementFuture::new(self.fetch_all_on(conn.executor())))
    }

    /// sqlx's `fetch_one`, on the connection of the helper.
    #[doc(hidden)]
    fn __fetch_one_either<'c, DB, T, C>(
        self,
        conn: &'c mut C,
    ) -> EitherCall<C, StatementFuture<'c, T>>
    where
        DB: Backend,
        T: Send + 'c,
        C: EitherConn<DB>,
        Self: SqlxStatement<DB, T> + 'c,
    {
        EitherCall::new(StatementFuture::new(self.fetch_one_on(conn.executor())))
    }

    /// sqlx's `fetch_optional`, on the connection of the helper.
    #[doc(hidden)]
    fn __fetch_optional_either<'c, DB, T, C>(
        self,
        conn: &'c mut C,
    ) -> EitherCall<C, StatementFuture<'c, Option<T>>>
    where
        DB: Backend,
        T: Send + 'c,
        C: EitherConn<DB>,
        Self: SqlxStatement<DB, T> + 'c,
    {
        EitherCall::new(StatementFuture::new(self.fetch_optional_on(conn.executor())))
    }
}

impl<T> InHelper for T {}
