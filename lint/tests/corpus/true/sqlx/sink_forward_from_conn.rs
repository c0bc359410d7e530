// A stream over a held connection is forwarded into a bounded channel.
use futures::{StreamExt, TryStreamExt};
use sqlx::PgPool;
use tokio::sync::mpsc;

pub async fn read_users(pool: &PgPool, users: mpsc::Sender<String>) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let mut names = sqlx::query_scalar::<_, String>("SELECT name FROM users")
        .fetch(&mut *conn)
        .map_err(anyhow::Error::from);
    while let Some(name) = names.next().await {
        users.send(name?).await?; //~ SA003
    }
    Ok(())
}
