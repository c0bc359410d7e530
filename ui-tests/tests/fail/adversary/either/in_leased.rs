use shortlease::{Conn, EitherConn, Sqlite, leased};

#[leased]
async fn copy<C: EitherConn<Sqlite>>(
    conn: &mut Conn<Sqlite>,
    archive: &mut C,
) -> sqlx::Result<()> {
    let url: String = sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await?;
    sqlx::query("INSERT INTO archive (url) VALUES ($1)").bind(url).execute(archive).await?;
    Ok(())
}

fn main() {}
