#[handler]
async fn call_tool(
    State(db): State<Db<Postgres>>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ToolError> {
    let mut db = db.session();
    let tool: Tool = db
        .lease(async |conn| {
            sqlx::query_as("SELECT * FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
        })
        .await?;
    let output = tool.call().await?;
    db.transaction(async |tx| sqlx::query!("INSERT INTO calls VALUES ($1)", id).execute(tx).await)
        .await?;
    Ok(Json(output))
}

#[handler]
async fn count(&self, db: &mut Session<Postgres>) -> Result<i64, Error> {
    db.lease(async |conn| self.counting().fetch_one(&mut *conn).await).await
}
