use sqlx::PgConnection;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(sqlx::FromRow)]
pub struct Event {
    pub url: String,
    pub body: String,
}

pub async fn event(conn: &mut PgConnection, id: i64) -> Result<Event, Error> {
    Ok(sqlx::query_as("SELECT url, body FROM events WHERE id = $1").bind(id).fetch_one(conn).await?)
}

pub async fn record(conn: &mut PgConnection, id: i64, answer: &str) -> Result<(), Error> {
    sqlx::query("UPDATE events SET answer = $1 WHERE id = $2")
        .bind(answer)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn name(conn: &mut PgConnection, id: i64) -> Result<String, Error> {
    Ok(sqlx::query_scalar("SELECT name FROM hooks WHERE id = $1").bind(id).fetch_one(conn).await?)
}

pub async fn rename(conn: &mut PgConnection, id: i64, name: &str) -> Result<(), Error> {
    sqlx::query("UPDATE hooks SET name = $1 WHERE id = $2").bind(name).bind(id).execute(conn).await?;
    Ok(())
}
