use shortlease::{Conn, Sqlite, leased};

#[leased]
async fn lock(conn: &mut Conn<Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(id).execute(conn).await?;
    Ok(())
}

fn main() {}
