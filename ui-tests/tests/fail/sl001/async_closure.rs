use shortlease::{Conn, Error, Session, Sqlite, handler};

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let count = async |conn: &mut Conn<Sqlite>| {
            sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
        };
        count(conn).await
    })
    .await
}

fn main() {}
