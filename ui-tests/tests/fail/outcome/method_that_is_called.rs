use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

struct Repo;

impl Repo {
    #[leased]
    async fn count(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT 1").fetch_one(conn).await
    }
}

#[handler]
async fn count(db: &mut Session<Sqlite>, repo: Repo) -> Result<i64, Error> {
    db.lease(repo.count(conn)).await
}

fn main() {}
