use shortlease::{EitherConn, Sqlite, leased};
use sqlx::SqliteConnection;

#[leased]
async fn copy(
    conn: &mut impl EitherConn<Sqlite>,
    archive: &mut SqliteConnection,
) -> sqlx::Result<()> {
    let url: String = sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await?;
    sqlx::query("INSERT INTO archive (url) VALUES ($1)").bind(url).execute(archive).await?;
    Ok(())
}

fn main() {}
