use shortlease::{Error, Session, Sqlite, handler};

macro_rules! number {
    () => {
        i64
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let count = sqlx::query_scalar::<_, number!()>("SELECT count(*) FROM tools");
        Ok(count.fetch_one(conn).await?)
    })
    .await
}

fn main() {}
