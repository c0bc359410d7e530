// The connection leaked, to be borrowed for ever.
use shortlease::Conn;
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let conn: &'static mut &mut Conn<Sqlite> = Box::leak(Box::new(conn));
        tokio::spawn(
            async move { drop(sqlx::query("DELETE FROM calls").execute(&mut **conn).await) },
        );
        Ok(())
    })
    .await
}

fn main() {}
