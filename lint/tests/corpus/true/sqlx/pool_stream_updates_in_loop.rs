// Each row of a pool stream is updated through the pool, which needs a second connection.
use futures::StreamExt;
use sqlx::PgPool;

#[derive(sqlx::FromRow)]
struct Reading {
    id: i64,
    celsius: f64,
}

pub async fn convert(pool: &PgPool) -> sqlx::Result<()> {
    let mut readings = sqlx::query_as::<_, Reading>("SELECT id, celsius FROM readings").fetch(pool);
    while let Some(reading) = readings.next().await {
        let reading = reading?;
        sqlx::query("UPDATE readings SET fahrenheit = $1 WHERE id = $2")
            .bind(reading.celsius * 1.8 + 32.0)
            .bind(reading.id)
            .execute(pool)
            .await?; //~ SA007
    }
    Ok(())
}
