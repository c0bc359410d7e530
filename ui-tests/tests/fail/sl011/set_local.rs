use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn tools(db: &mut Session<Sqlite>, tenant: &str) -> Result<i64, Error> {
    db.lease(async |conn| {
        sqlx::query("SELECT set_config('app.tenant', $1, true)").bind(tenant).execute(&mut *conn).await?;
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    })
    .await
}

fn main() {}
