use shortlease::{Conn, Sqlite, leased};
use shortlease_ui_tests::Mcp;

#[leased]
async fn refresh(conn: &mut Conn<Sqlite>, mcp: &Mcp) -> Result<String, sqlx::Error> {
    let url: String = sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await?;
    Ok(mcp.call(&url).await)
}

fn main() {
    let _ = refresh;
}
