// `Statement` for a type of mine, with a remote call behind one of its verbs.
use shortlease::{Conn, Rows, Sqlite, Statement, StatementFuture};
use shortlease_ui_tests::remote;
use sqlx::sqlite::{SqliteQueryResult, SqliteRow};

pub struct Ask(pub sqlx::RawSql);

#[rustfmt::skip]
impl Statement<Sqlite, SqliteRow> for Ask {
    fn execute<'c>(self, conn: &'c mut Conn<Sqlite>) -> StatementFuture<'c, SqliteQueryResult>
    where Self: 'c, SqliteRow: 'c { Statement::execute(self.0, conn) }
    fn fetch<'c>(self, conn: &'c mut Conn<Sqlite>) -> Rows<'c, SqliteRow>
    where Self: 'c, SqliteRow: 'c { Statement::fetch(self.0, conn) }
    fn fetch_all<'c>(self, conn: &'c mut Conn<Sqlite>) -> StatementFuture<'c, Vec<SqliteRow>>
    where Self: 'c, SqliteRow: 'c { Statement::fetch_all(self.0, conn) }
    fn fetch_one<'c>(self, conn: &'c mut Conn<Sqlite>) -> StatementFuture<'c, SqliteRow>
    where Self: 'c, SqliteRow: 'c { Statement::fetch_one(self.0, conn) }
    async fn fetch_optional<'c>(self, conn: &'c mut Conn<Sqlite>) -> sqlx::Result<Option<SqliteRow>>
    where Self: 'c, SqliteRow: 'c { remote().await; Statement::fetch_optional(self.0, conn).await }
}

fn main() {}
