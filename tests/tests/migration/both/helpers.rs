use shortlease::{EitherConn, Postgres, leased};

/// Runs in a lease, and in `pool.begin()` too.
#[leased]
pub(crate) async fn load_url(
    conn: &mut impl EitherConn<Postgres>,
    id: i64,
) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

#[leased]
pub(crate) async fn record(
    conn: &mut impl EitherConn<Postgres>,
    id: i64,
    output: &str,
) -> Result<(), sqlx::Error> {
    let insert = sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)");
    insert.bind(id).bind(output).execute(&mut *conn).await?;
    let update = sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1");
    update.bind(id).execute(conn).await?;
    Ok(())
}
