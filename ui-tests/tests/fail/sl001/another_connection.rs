use shortlease::{Error, Session, Sqlite, handler};
use sqlx::SqlitePool;

struct Archive {
    pool: SqlitePool,
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, archive: &Archive) -> Result<i64, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(&archive.pool).await?)
    })
    .await
}

fn main() {}
