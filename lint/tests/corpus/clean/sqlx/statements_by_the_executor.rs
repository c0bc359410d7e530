// Statements by the methods of the executor, and a remote call when all are done.
use sqlx::{Executor, PgPool, Row};

pub async fn rename(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    tx.execute("SET LOCAL lock_timeout = '1s'").await?;
    let row = tx.fetch_one(sqlx::query("SELECT name FROM users WHERE id = $1").bind(id)).await?;
    let name: String = row.get(0);
    (&mut *tx).execute(sqlx::query("UPDATE users SET old_name = $1").bind(&name)).await?;
    tx.commit().await?;
    http.put("https://search.test/").body(name).send().await?;
    Ok(())
}
