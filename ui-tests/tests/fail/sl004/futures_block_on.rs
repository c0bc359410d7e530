use shortlease::{Conn, Sqlite, leased};
use shortlease_ui_tests::remote;

#[leased]
async fn call(conn: &mut Conn<Sqlite>) -> Result<String, sqlx::Error> {
    sqlx::query("DELETE FROM calls").execute(conn).await?;
    Ok(futures::executor::block_on(remote()))
}

fn main() {
    let _ = call;
}
