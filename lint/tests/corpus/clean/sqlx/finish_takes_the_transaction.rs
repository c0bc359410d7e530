// The transaction is moved into a helper that commits it, and the remote call comes after.
use sqlx::{PgPool, Postgres, Transaction};

pub async fn close_ticket(pool: &PgPool, chat: &ChatApi, ticket: i64) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE tickets SET open = false WHERE id = $1")
        .bind(ticket)
        .execute(&mut *tx)
        .await?;
    finish(tx, "close").await?;
    chat.say(&format!("ticket {ticket} is closed")).await?;
    Ok(())
}

async fn finish(mut tx: Transaction<'_, Postgres>, action: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO audit (action) VALUES ($1)").bind(action).execute(&mut *tx).await?;
    tx.commit().await
}

pub struct ChatApi(reqwest::Client);

impl ChatApi {
    pub async fn say(&self, text: &str) -> reqwest::Result<()> {
        self.0.post("http://chat").body(text.to_owned()).send().await?;
        Ok(())
    }
}
