use shortlease::{Conn, Sqlite, leased};

#[leased]
async fn watch(conn: &mut Conn<Sqlite>) -> ! {
    loop {
        let _ = sqlx::query("DELETE FROM calls").execute(&mut *conn).await;
    }
}

fn main() {}
