// The steps of a migration are closures in a table; what asks a remote is called without a transaction.
use sqlx::PgPool;

pub async fn migrate(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let ask = async |id| http.get("http://plans").query(&[("id", id)]).send().await;
    let steps = [
        async |tx| sqlx::query("ALTER TABLE users ADD COLUMN plan text").execute(tx).await,
        async |tx| sqlx::query("UPDATE users SET plan = 'free'").execute(tx).await,
    ];
    ask(1).await?;
    let mut tx = pool.begin().await?;
    for step in steps {
        step(&mut *tx).await?;
    }
    let id: i64 = sqlx::query_scalar("SELECT max(id) FROM users").fetch_one(&mut *tx).await?;
    tx.commit().await?;
    ask(id).await?;
    Ok(())
}
