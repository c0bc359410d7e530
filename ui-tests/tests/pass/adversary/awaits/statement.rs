//! Beside a statement with a remote call behind a verb: one that is made of others.
#![deny(warnings)]

use shortlease::{Conn, Error, Rows, Session, Sqlite, Statement, StatementFuture, handler};
use shortlease_ui_tests::remote;
use sqlx::sqlite::SqliteQueryResult;

/// Asks for one tool's address.
struct AddressOf(i64);

macro_rules! address {
    ($tool:expr) => {
        sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind($tool.0)
    };
}

#[rustfmt::skip]
impl Statement<Sqlite, String> for AddressOf {
    fn execute<'c>(self, conn: &'c mut Conn<Sqlite>) -> StatementFuture<'c, SqliteQueryResult>
    where Self: 'c, String: 'c { Statement::<Sqlite, String>::execute(address!(self), conn) }
    fn fetch<'c>(self, conn: &'c mut Conn<Sqlite>) -> Rows<'c, String>
    where Self: 'c, String: 'c { Statement::fetch(address!(self), conn) }
    fn fetch_all<'c>(self, conn: &'c mut Conn<Sqlite>) -> StatementFuture<'c, Vec<String>>
    where Self: 'c, String: 'c { Statement::fetch_all(address!(self), conn) }
    fn fetch_one<'c>(self, conn: &'c mut Conn<Sqlite>) -> StatementFuture<'c, String>
    where Self: 'c, String: 'c { Statement::fetch_one(address!(self), conn) }
    fn fetch_optional<'c>(self, conn: &'c mut Conn<Sqlite>) -> StatementFuture<'c, Option<String>>
    where Self: 'c, String: 'c { Statement::fetch_optional(address!(self), conn) }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let all = db
        .lease(async |conn| {
            AddressOf(1).execute(conn).await?;
            let one = AddressOf(1).fetch_one(conn).await?;
            let none = AddressOf(7).fetch_optional(conn).await?;
            let mut all = AddressOf(2).fetch_all(conn).await?;
            all.extend(none);
            all.push(one);
            Ok(all)
        })
        .await?;
    let first = db.fetch_one(AddressOf(1)).await?;
    Ok(format!("{} {first} {}", all.join(" "), remote().await))
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let answer = call_tool(&mut db.session()).await.unwrap();
    assert_eq!(answer, "http://two http://one http://one http://remote answered");
}
