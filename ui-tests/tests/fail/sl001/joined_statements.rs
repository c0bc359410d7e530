use futures::future::try_join_all;
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn clear(db: &mut Session<Sqlite>, ids: Vec<i64>) -> Result<(), Error> {
    db.lease(async |conn| {
        let calls = ids.iter().map(|id| {
            sqlx::query("DELETE FROM tools WHERE id = $1").bind(id).execute(&mut *conn)
        });
        try_join_all(calls).await?;
        Ok(())
    })
    .await
}

fn main() {}
