// An attribute on an import in a leased function, which adds an await.
use shortlease::{Conn, Sqlite, leased};

#[leased]
async fn clear(conn: &mut Conn<Sqlite>) -> Result<(), sqlx::Error> {
    #[shortlease_hostile_macros::awaits]
    use sqlx::query;
    query("DELETE FROM calls").execute(conn).await?;
    Ok(())
}

fn main() {}
