// A statement on another session, in a lease.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, other: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let url = sqlx::query_scalar("SELECT url FROM tools");
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(other.fetch_one(url).await?)
    })
    .await
}

fn main() {}
