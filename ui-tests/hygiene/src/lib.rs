//! Every name that an expansion could mean by mistake means something else here.
#![no_implicit_prelude]
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]
#![allow(dead_code, unused_macros, clippy::missing_errors_doc)]

extern crate lease;
extern crate sqlx;

use ::lease::{Conn, Session, Sqlite, Tx, handler, leased};

// The names of the prelude, of std, and of what stands behind the attributes.
struct Result;
struct Option;
struct Ok;
struct Err;
struct Some;
struct None;
struct Box;
struct Pin;
struct Future;
struct Send;
struct Statement;
struct DbFuture;
struct DbCall;
mod std {}
mod core {}
mod shortlease {}
fn check() {}
fn call() {}
fn checked() {}

macro_rules! unreachable {
    () => {
        compile_error!("not this one")
    };
}
macro_rules! module_path {
    () => {
        compile_error!("nor this")
    };
}

macro_rules! bail {
    () => {
        return ::std::result::Result::Err(::lease::Error::Closed)
    };
}
macro_rules! same {
    ($value:expr) => {
        $value
    };
}

/// A handler.
///
/// # Panics
///
/// Where the row changed.
#[handler(crate = ::lease)]
pub async fn tool(
    db: &mut Session<Sqlite>,
    name: &str,
) -> ::std::result::Result<::std::string::String, ::lease::Error> {
    let id = db.lease(async |conn| load(conn, name).await).await?;
    db.transaction(async |tx| {
        ::sqlx::query("INSERT INTO calls (id) VALUES ($1)").bind(id).execute(tx).await?;
        tx.savepoint(async |sp| count(sp).await).await?;
        let text = ::std::format!("{}-{}", id, load(tx, name).await?);
        ::std::assert!(id > 0, "ids start at {}", 1);
        if same!(id) == i64::MAX {
            bail!();
        }
        if id < 0 {
            ::std::unreachable!("{id}");
        }
        if name.is_empty() {
            ::std::unimplemented!()
        }
        let twice = async { load(tx, name).await };
        if twice.await? == id {
            return ::std::result::Result::Ok(text);
        }
        ::std::panic!("the row changed")
    })
    .await
}

/// Borrows all it is given, as an `async fn` does in every edition.
#[leased(crate = ::lease)]
pub async fn load(
    conn: &mut Conn<Sqlite>,
    name: &str,
) -> ::std::result::Result<i64, ::sqlx::Error> {
    ::sqlx::query_scalar("SELECT id FROM tools WHERE name = $1").bind(name).fetch_one(conn).await
}

/// Without a reference but the lease.
#[leased(crate = ::lease)]
pub async fn count(tx: &mut Tx<Sqlite>) -> ::std::result::Result<(), ::sqlx::Error> {
    let mut rows = ::sqlx::query_scalar::<_, i64>("SELECT count(*) FROM calls").fetch(tx);
    while let ::std::option::Option::Some(count) = rows.try_next().await? {
        ::std::debug_assert!(count > 0);
    }
    ::std::result::Result::Ok(())
}

/// A trait's method, and boxed.
pub trait Names: ::std::marker::Sync {
    /// A name.
    #[leased(crate = ::lease, boxed)]
    async fn name(
        &self,
        conn: &mut Conn<Sqlite>,
        id: &i64,
    ) -> ::std::result::Result<::std::string::String, ::sqlx::Error>;
}

/// The table.
pub struct Table;

impl Names for Table {
    #[leased(crate = ::lease, boxed)]
    async fn name(
        &self,
        conn: &mut Conn<Sqlite>,
        id: &i64,
    ) -> ::std::result::Result<::std::string::String, ::sqlx::Error> {
        ::sqlx::query_scalar("SELECT name FROM tools WHERE id = $1").bind(*id).fetch_one(conn).await
    }
}
