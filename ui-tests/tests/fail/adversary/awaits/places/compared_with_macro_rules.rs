// A variable has the name of the macro that defines others, and is compared.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<bool, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let macro_rules = String::new();
        Ok(macro_rules != (remote().await))
    })
    .await
}

fn main() {}
