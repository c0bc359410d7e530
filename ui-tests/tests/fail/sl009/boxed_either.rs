use shortlease::{EitherConn, Sqlite, leased};

#[leased(boxed)]
async fn clear(conn: &mut impl EitherConn<Sqlite>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM tools").execute(conn).await?;
    Ok(())
}

fn main() {}
