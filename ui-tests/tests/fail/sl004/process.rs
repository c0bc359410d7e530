use std::process::Command;

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<bool, Error> {
    db.transaction(async |tx| {
        sqlx::query("DELETE FROM calls").execute(tx).await?;
        let status = Command::new("git").arg("fetch").status();
        Ok(status.is_ok_and(|status| status.success()))
    })
    .await
}

fn main() {}
