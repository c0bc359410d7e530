use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn clear(db: &mut Session<Sqlite>, table: &str) -> Result<u64, Error> {
    db.lease(async |conn| {
        let cleared = sqlx::query(&format!("DELETE FROM {table}")).execute(conn).await?;
        Ok(cleared.rows_affected())
    })
    .await
}

fn main() {}
