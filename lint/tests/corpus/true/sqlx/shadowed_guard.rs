// Shadowing the name does not end the first transaction.
use sqlx::PgPool;

pub async fn approve(pool: &PgPool, mailer: &dyn Mailer, request: i64) -> anyhow::Result<()> {
    let tx = pool.begin().await?;
    let mut tx = Audited { inner: tx, actor: "system" };
    let email: String = sqlx::query_scalar("SELECT email FROM requests WHERE id = $1 FOR UPDATE")
        .bind(request)
        .fetch_one(&mut *tx.inner)
        .await?;
    let email = email.trim().to_lowercase();
    mailer.send(&email, "Your request was approved").await?; //~ SA001
    tx.inner.commit().await?;
    Ok(())
}

struct Audited<'a> {
    inner: sqlx::Transaction<'a, sqlx::Postgres>,
    actor: &'a str,
}

#[async_trait::async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, to: &str, subject: &str) -> anyhow::Result<()>;
}
