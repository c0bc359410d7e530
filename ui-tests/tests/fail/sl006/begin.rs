use shortlease::handler;
use shortlease_ui_tests::remote;
use sqlx::SqlitePool;

struct Server {
    pool: SqlitePool,
}

impl Server {
    #[handler]
    async fn call_tool(&self) -> Result<String, sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("DELETE FROM calls").execute(&mut *tx).await?;
        let out = remote().await;
        tx.commit().await?;
        Ok(out)
    }
}

fn main() {
    let _ = Server::call_tool;
}
