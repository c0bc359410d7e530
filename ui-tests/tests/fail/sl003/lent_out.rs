use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

struct Stats {
    calls: [i64; 2],
}

macro_rules! calls {
    ($stats:expr) => {
        $stats.calls
    };
}

#[leased]
async fn count(conn: &mut Conn<Sqlite>, calls: &mut i64) -> Result<(), sqlx::Error> {
    *calls = sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(conn).await?;
    Ok(())
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, stats: &mut Stats) -> Result<(), Error> {
    db.lease(async |conn| count(conn, &mut calls!(stats)[1]).await).await
}

fn main() {}
