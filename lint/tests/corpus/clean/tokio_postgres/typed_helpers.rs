// Typed helpers over a transaction are joined, which pipelines their statements.
use futures::future::try_join;
use tokio_postgres::{Client, Error, Row, Transaction};

async fn one(tx: &Transaction<'_>, sql: &str) -> Result<i64, Error> {
    tx.query_one(sql, &[]).await.map(|row: Row| row.get(0))
}

pub async fn counts(client: &mut Client) -> Result<(i64, i64), Error> {
    let tx = client.transaction().await?;
    let counts =
        try_join(one(&tx, "SELECT count(*) FROM a"), one(&tx, "SELECT count(*) FROM b")).await?;
    tx.commit().await?;
    Ok(counts)
}
