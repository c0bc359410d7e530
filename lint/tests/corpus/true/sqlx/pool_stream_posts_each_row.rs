// A stream over the pool keeps a connection while each row is posted elsewhere.
use futures::TryStreamExt;
use sqlx::{PgPool, Row};

pub async fn replicate(pool: &PgPool, http: &reqwest::Client, target: &str) -> anyhow::Result<u64> {
    let mut rows = sqlx::query("SELECT id, body FROM documents ORDER BY id").fetch(pool);
    let mut sent = 0;
    while let Some(row) = rows.try_next().await? {
        let body: String = row.try_get("body")?;
        http.post(target).body(body).send().await?; //~ SA007
        sent += 1;
    }
    Ok(sent)
}
