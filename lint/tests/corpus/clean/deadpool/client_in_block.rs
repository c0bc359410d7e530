// The client lives in a block that ends before the HTTP call.
use deadpool_postgres::Pool;

pub async fn relay(pool: &Pool, http: &reqwest::Client, message: i64) -> anyhow::Result<()> {
    let (url, body): (String, String) = {
        let client = pool.get().await?;
        let row =
            client.query_one("SELECT url, body FROM messages WHERE id = $1", &[&message]).await?;
        (row.get(0), row.get(1))
    };
    http.post(url).body(body).send().await?;
    let client = pool.get().await?;
    client.execute("UPDATE messages SET sent = now() WHERE id = $1", &[&message]).await?;
    Ok(())
}
