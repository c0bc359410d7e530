// The block of a transaction macro only runs statements; the event is published after it.
use sqlx::PgPool;

macro_rules! atomically {
    ($pool:expr, $tx:ident => $body:block) => {{
        let mut $tx = $pool.begin().await?;
        let value = $body;
        $tx.commit().await?;
        value
    }};
}

pub async fn rename(
    pool: &PgPool,
    bus: &async_nats::Client,
    id: i64,
    name: &str,
) -> anyhow::Result<()> {
    let old: String = atomically!(pool, tx => {
        let old = sqlx::query_scalar("SELECT name FROM teams WHERE id = $1 FOR UPDATE")
            .bind(id)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query("UPDATE teams SET name = $1 WHERE id = $2").bind(name).bind(id).execute(&mut *tx).await?;
        old
    });
    bus.publish("teams.renamed", format!("{old} {name}").into()).await?;
    Ok(())
}
