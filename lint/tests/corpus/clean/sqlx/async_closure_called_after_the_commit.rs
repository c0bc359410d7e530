// The closure that calls out is made before the transaction, and called after it.
use sqlx::PgPool;

pub async fn ship(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    let tell = async |state: &str| {
        http.post("https://carrier.test/").body(state.to_owned()).send().await?;
        anyhow::Ok(())
    };
    let mut tx = pool.begin().await?;
    let state: String = sqlx::query_scalar("UPDATE parcels SET sent = true WHERE id = $1 RETURNING state")
        .bind(id)
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    tell(&state).await
}
