use futures::TryStreamExt;
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn sum(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let ids = sqlx::query_scalar::<_, i64>("SELECT id FROM tools").fetch(conn);
        ids.try_fold(0, async |sum, id| Ok(sum + id)).await
    })
    .await
}

fn main() {}
