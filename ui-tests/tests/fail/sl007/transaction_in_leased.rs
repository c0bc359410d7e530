use shortlease::{Conn, Error, Sqlite, leased};

#[leased]
async fn record(conn: &mut Conn<Sqlite>) -> Result<(), Error> {
    conn.transaction(async |tx| {
        sqlx::query("INSERT INTO calls (tool_id) VALUES (1)").execute(tx).await?;
        Ok(())
    })
    .await
}

fn main() {}
