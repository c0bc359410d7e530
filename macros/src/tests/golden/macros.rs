#[handler]
async fn describe(db: &mut Session<Sqlite>, id: i64) -> anyhow::Result<String> {
    db.lease(async |conn| {
        info!(id, "loading");
        anyhow::ensure!(id > 0, "no such tool: {id}");
        Ok(format!("{}: {}", id, load_name(conn, id).await?))
    })
    .await
}
