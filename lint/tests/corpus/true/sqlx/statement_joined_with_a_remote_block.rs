// The statement and a block that calls out are awaited together: the transaction waits for the slower one.
use sqlx::PgPool;

pub async fn open(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<i64> {
    let mut tx = pool.begin().await?;
    let notice = async {
        http.post("https://audit.test/open").json(&id).send().await?;
        anyhow::Ok(())
    };
    let read = async {
        let balance = sqlx::query_scalar("SELECT balance FROM accounts WHERE id = $1")
            .bind(id)
            .fetch_one(&mut *tx)
            .await?;
        anyhow::Ok(balance)
    };
    let ((), balance): ((), i64) = tokio::try_join!(notice, read)?; //~ SA003
    tx.commit().await?;
    Ok(balance)
}
