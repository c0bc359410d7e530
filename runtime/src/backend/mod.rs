//! The databases: one file or folder each.

use std::fmt;

use sqlx::Database;

use self::driver::Driver;
use crate::Error;

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod admin_conn;
pub(crate) mod driver;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod migration;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod open;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod raw_conn;
#[cfg(feature = "sqlite")]
mod sqlite;

/// A database that a lease can be opened on. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a database that `shortlease` was built for",
    label = "no lease can be opened on this",
    note = "add the feature to `shortlease` in `Cargo.toml`: `postgres`, `mysql` or `sqlite`",
    note = "for a type parameter, ask for `DB: shortlease::Backend`"
)]
pub trait Backend: Database + Driver {}

#[cfg(feature = "mysql")]
impl Backend for sqlx::MySql {}

#[cfg(feature = "postgres")]
impl Backend for sqlx::Postgres {}

#[cfg(feature = "sqlite")]
impl Backend for sqlx::Sqlite {}

/// Refuses a URL without repeating it, because it may hold a password.
fn bad_url(scheme: &str, error: &dyn fmt::Display) -> Error {
    Error::setting("url", format!("is not a {scheme} URL: {error}"))
}
