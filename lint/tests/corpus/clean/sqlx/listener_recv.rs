// A listener is made to wait; what it hears is handled through the pool.
use sqlx::{PgPool, postgres::PgListener};

pub async fn follow(pool: PgPool) -> anyhow::Result<()> {
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen("jobs").await?;
    loop {
        let notification = listener.recv().await?;
        sqlx::query("INSERT INTO heard (payload) VALUES ($1)")
            .bind(notification.payload())
            .execute(&pool)
            .await?;
    }
}
