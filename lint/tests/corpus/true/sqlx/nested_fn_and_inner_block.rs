// An inner block ends one guard, while another lives on around it.
use sqlx::{PgPool, SqlitePool};

pub async fn replicate(
    main: &PgPool,
    local: &SqlitePool,
    http: &reqwest::Client,
) -> anyhow::Result<()> {
    let last: i64 = {
        let mut reader = local.acquire().await?;
        sqlx::query_scalar("SELECT max(id) FROM copied").fetch_one(&mut *reader).await?
    };
    let mut tx = main.begin().await?;
    let rows: Vec<String> = sqlx::query_scalar("SELECT body FROM docs WHERE id > $1")
        .bind(last)
        .fetch_all(&mut *tx)
        .await?;
    for row in rows {
        http.put("http://replica").body(row).send().await?; //~ SA001
    }
    tx.commit().await?;
    Ok(())
}
