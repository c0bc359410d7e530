use shortlease::{Error, Session, Sqlite, handler};

#[handler(allow(sl005 = "one session only"))]
async fn count(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| Ok(sqlx::query("SET a = 1").execute(conn).await.map(drop)?)).await
}

fn main() {}
