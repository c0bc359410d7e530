use shortlease::handler;
use shortlease_ui_tests::remote;
use sqlx::{Sqlite, Transaction};

#[handler]
async fn call_tool(tx: &mut Transaction<'_, Sqlite>) -> Result<String, sqlx::Error> {
    sqlx::query("DELETE FROM calls").execute(&mut **tx).await?;
    Ok(remote().await)
}

fn main() {}
