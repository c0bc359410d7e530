use shortlease::{Conn, Sqlite, leased};

#[leased]
async fn clear(conn: &mut Conn<Sqlite>) -> Result<(), sqlx::Error> {
    let mut tx = conn.begin().await?;
    sqlx::query("DELETE FROM calls").execute(&mut *tx).await?;
    tx.commit().await
}

fn main() {}
