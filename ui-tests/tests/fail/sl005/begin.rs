use shortlease::{Conn, Sqlite, leased};

#[leased]
async fn bump(conn: &mut Conn<Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("BEGIN").execute(&mut *conn).await?;
    sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1").bind(id).execute(conn).await?;
    Ok(())
}

fn main() {
    let _ = bump;
}
