use shortlease::{Conn, Sqlite, leased};

#[leased]
async fn clear(conn: &mut Conn<Sqlite>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM calls").execute(conn).await?;
}

fn main() {}
