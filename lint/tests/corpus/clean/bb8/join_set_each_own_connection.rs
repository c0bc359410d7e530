// A join set runs tasks that each take their own connection, while the function holds none.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

pub async fn rebuild(
    pool: Pool<PostgresConnectionManager<NoTls>>,
    tables: Vec<String>,
) -> anyhow::Result<()> {
    let mut tasks = JoinSet::new();
    for table in tables {
        let pool = pool.clone();
        tasks.spawn(async move {
            let conn = pool.get().await?;
            conn.batch_execute(&format!("REINDEX TABLE {table}")).await?;
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}
