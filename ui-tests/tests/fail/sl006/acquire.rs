use shortlease::handler;
use shortlease_ui_tests::remote;
use sqlx::SqlitePool;

struct Server {
    pool: SqlitePool,
}

impl Server {
    #[handler]
    async fn call_tool(&self) -> Result<String, sqlx::Error> {
        let mut conn = self.pool.acquire().await?;
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(remote().await)
    }
}

fn main() {
    let _ = Server::call_tool;
}
