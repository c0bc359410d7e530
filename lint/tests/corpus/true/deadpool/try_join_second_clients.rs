// Two repository calls that each take a client are joined while a third client is held.
use deadpool_postgres::Pool;

pub struct Stats {
    pool: Pool,
}

impl Stats {
    async fn users(&self) -> Result<i64, DbError> {
        let client = self.pool.get().await?;
        Ok(client.query_one("SELECT count(*) FROM users", &[]).await?.get(0))
    }

    async fn posts(&self) -> Result<i64, DbError> {
        let client = self.pool.get().await?;
        Ok(client.query_one("SELECT count(*) FROM posts", &[]).await?.get(0))
    }

    pub async fn snapshot(&self) -> Result<(), DbError> {
        let client = self.pool.get().await?;
        let (users, posts) = tokio::try_join!(self.users(), self.posts())?; //~ SA003
        client
            .execute("INSERT INTO snapshots (users, posts) VALUES ($1, $2)", &[&users, &posts])
            .await?;
        Ok(())
    }
}
