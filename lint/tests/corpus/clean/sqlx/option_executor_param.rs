// A helper takes an optional transaction and otherwise goes to the pool.
use sqlx::{PgPool, Postgres, Transaction};

pub struct Labels {
    pool: PgPool,
}

impl Labels {
    pub async fn add(
        &self,
        name: &str,
        tx: Option<&mut Transaction<'_, Postgres>>,
    ) -> sqlx::Result<()> {
        let query = sqlx::query("INSERT INTO labels (name) VALUES ($1)").bind(name);
        match tx {
            Some(tx) => query.execute(&mut **tx).await?,
            None => query.execute(&self.pool).await?,
        };
        Ok(())
    }

    pub async fn add_pair(&self, a: &str, b: &str) -> sqlx::Result<()> {
        let mut tx = self.pool.begin().await?;
        self.add(a, Some(&mut tx)).await?;
        self.add(b, Some(&mut tx)).await?;
        tx.commit().await?;
        self.add("pair", None).await
    }
}
