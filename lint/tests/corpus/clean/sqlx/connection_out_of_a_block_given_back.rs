// Blocks give out connections and transactions, and all are given back before the remote calls.
use sqlx::{PgConnection, PgPool};

async fn mark(conn: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE parts SET seen = true WHERE id = $1").bind(id).execute(conn).await.map(drop)
}

pub async fn count(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let counted = async {
        let mut conn = pool.acquire().await?;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM parts").fetch_one(&mut *conn).await?;
        anyhow::Ok(count)
    };
    let count = counted.await?;
    http.post("https://stats.test/").json(&count).send().await?;
    Ok(())
}

pub async fn pass_on(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    mark(&mut tx, 1).await?;
    let tx = async move {
        mark(&mut tx, 2).await?;
        anyhow::Ok(tx)
    }
    .await?;
    tx.commit().await?;
    http.post("https://stats.test/").send().await?;
    Ok(())
}

pub async fn both(left: &PgPool, right: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let (mut one, mut other) = tokio::try_join!(left.begin(), right.begin())?;
    tokio::try_join!(mark(&mut one, 1), mark(&mut other, 1))?;
    one.commit().await?;
    other.commit().await?;
    http.post("https://stats.test/").send().await?;
    Ok(())
}

pub async fn limited(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let open = async { anyhow::Ok(pool.acquire().await?) };
    let limit = std::time::Duration::from_secs(1);
    match tokio::time::timeout(limit, open).await {
        Ok(Ok(mut conn)) => mark(&mut conn, 3).await?,
        _ => drop(http.post("https://alarm.test/").send().await?),
    }
    http.post("https://stats.test/").send().await?;
    Ok(())
}
