use shortlease::leased;
use sqlx::{Sqlite, Transaction};

#[leased]
async fn record(tx: &mut Transaction<'_, Sqlite>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM calls").execute(&mut **tx).await?;
    Ok(())
}

fn main() {}
