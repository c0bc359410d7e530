// `format_args!` with a macro in it that hides an await.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(std::fmt::format(format_args!("{}", wait_for!(remote()))))
    })
    .await
}

fn main() {}
