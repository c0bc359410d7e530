use shortlease::{EitherConn, Sqlite, leased};

#[leased]
async fn copy<C: EitherConn<Sqlite>, D: EitherConn<Sqlite>>(
    conn: &mut C,
    archive: &mut D,
) -> sqlx::Result<()> {
    let url: String = sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await?;
    sqlx::query("INSERT INTO archive (url) VALUES ($1)").bind(url).execute(archive).await?;
    Ok(())
}

fn main() {}
