#[leased]
async fn load_url(conn: &mut impl EitherConn<Sqlite>, id: i64) -> Result<String, sqlx::Error> {
    check(&mut *conn).await?;
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}
