#[handler]
async fn total(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let mut total = 0;
        let mut rows = sqlx::query_scalar::<_, i64>("SELECT cost FROM calls").fetch(conn);
        while let Some(cost) = rows.try_next().await? {
            total += cost;
        }
        Ok(total)
    })
    .await
}
