// In the argument of a database call that is awaited.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls WHERE output = $1")
            .bind(remote().await)
            .execute(conn)
            .await?;
        Ok(())
    })
    .await
}

fn main() {}
