// The audit log takes a connection of its own while the handler's transaction is open.
use sqlx::PgPool;

#[derive(Clone)]
pub struct AuditLog {
    pool: PgPool,
}

impl AuditLog {
    pub async fn record(&self, actor: i64, action: &str) -> sqlx::Result<()> {
        sqlx::query("INSERT INTO audit (actor, action) VALUES ($1, $2)")
            .bind(actor)
            .bind(action)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

pub struct Users {
    pool: PgPool,
    audit: AuditLog,
}

impl Users {
    pub async fn deactivate(&self, actor: i64, user: i64) -> sqlx::Result<()> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("UPDATE users SET active = false WHERE id = $1")
            .bind(user)
            .execute(&mut *tx)
            .await?;
        self.audit.record(actor, "deactivate").await?; //~ SA002
        tx.commit().await
    }
}
