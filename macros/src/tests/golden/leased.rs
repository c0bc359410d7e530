#[leased]
pub(crate) async fn load_tool<'a>(
    conn: &mut Conn<Sqlite>,
    mut id: i64,
    name: &'a str,
) -> Result<(Tool, &'a str), sqlx::Error> {
    id += 1;
    let tool = sqlx::query_as("SELECT * FROM tools WHERE id = $1").bind(id).fetch_one(conn).await?;
    Ok((tool, name))
}
