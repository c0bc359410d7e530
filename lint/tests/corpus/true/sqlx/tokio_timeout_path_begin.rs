// The path form of timeout wraps the begin of a repository.
use sqlx::{Pool, Postgres};
use std::time::Duration;

pub struct Repo {
    pool: Pool<Postgres>,
    patience: Duration,
}

impl Repo {
    pub async fn rename(&self, id: i64, name: &str) -> anyhow::Result<()> {
        let begun = tokio::time::timeout(self.patience, self.pool.begin()).await; //~ SA008
        let mut tx = match begun {
            Ok(tx) => tx?,
            Err(_) => anyhow::bail!("database busy"),
        };
        sqlx::query("UPDATE things SET name = $1 WHERE id = $2")
            .bind(name)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
