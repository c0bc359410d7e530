use shortlease::{Error, Session, Sqlite, handler};

macro_rules! assign {
    ($place:ident) => {
        $place = |n: i64| n + 1;
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let next;
        assign!(next);
        let n: i64 = sqlx::query_scalar("SELECT 1").fetch_one(conn).await?;
        Ok(next(n))
    })
    .await
}

fn main() {}
