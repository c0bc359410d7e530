//! The databases that the gateway runs on. `main` chooses one; all other code is generic over it.

use shortlease::{Backend, Postgres, Sqlite};
use sqlx::{ColumnIndex, Decode, Encode, IntoArguments, Type};

/// A database that stores the gateway's columns.
pub trait Database:
    Backend
    + sqlx::Database<Arguments: IntoArguments<Self>>
    + for<'n> Has<&'n str, Is: ColumnIndex<Self::Row>>
    + Has<usize, Is: ColumnIndex<Self::Row>>
    + Has<bool, Is: Column<Self>>
    + Has<i64, Is: Column<Self>>
    + Has<Option<i64>, Is: Column<Self>>
    + Has<String, Is: Column<Self>>
    + Has<Option<String>, Is: Column<Self>>
{
}

impl Database for Postgres {}
impl Database for Sqlite {}

/// A type that a database binds and reads.
pub trait Column<DB: sqlx::Database>:
    Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>
{
}

impl<DB: sqlx::Database, T> Column<DB> for T where
    T: Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>
{
}

/// Bounds another type than the trait's own: what a supertrait says about [`Is`](Named::Is) is known of `T`
/// wherever the trait is. So code generic over [`Database`] need not repeat these bounds.
pub trait Has<T>: Named<T, Is = T> {}

impl<S, T> Has<T> for S {}

/// The type that [`Has`] bounds, by a name.
pub trait Named<T> {
    /// `T` itself.
    type Is;
}

impl<S, T> Named<T> for S {
    type Is = T;
}
