// The connection in a while-let scrutinee lives through each pass of the loop.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn work(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    runner: &Runner,
) -> anyhow::Result<()> {
    while let Some(row) = pool
        .get()
        .await?
        .query_opt("DELETE FROM tasks WHERE id = (SELECT min(id) FROM tasks) RETURNING spec", &[])
        .await?
    {
        runner.run(row.get::<_, String>(0)).await?; //~ SA009
    }
    Ok(())
}

pub struct Runner {
    docker: bollard::Docker,
}

impl Runner {
    pub async fn run(&self, image: String) -> anyhow::Result<()> {
        self.docker.start_container::<String>(&image, None).await?;
        Ok(())
    }
}
