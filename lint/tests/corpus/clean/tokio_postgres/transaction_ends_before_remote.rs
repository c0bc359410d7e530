// A shared client's transaction is committed before the warehouse is called, and another begins after it.
use tokio_postgres::{Error, IsolationLevel, Transaction};

async fn take(tx: Transaction<'_>) -> Result<Vec<i64>, Error> {
    let rows = tx.query("DELETE FROM picks RETURNING id", &[]).await?;
    tx.commit().await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

pub async fn pick(pool: &deadpool_postgres::Pool, robots: &Robots) -> anyhow::Result<usize> {
    let picks = {
        let mut client = pool.get().await?;
        let client: &mut tokio_postgres::Client = &mut client;
        let tx = client
            .build_transaction()
            .isolation_level(IsolationLevel::Serializable)
            .start()
            .await?;
        take(tx).await?
    };
    for id in &picks {
        robots.fetch(*id).await?;
    }
    Ok(picks.len())
}

pub struct Robots(reqwest::Client);

impl Robots {
    pub async fn fetch(&self, id: i64) -> reqwest::Result<()> {
        self.0.post(format!("http://robots/{id}")).send().await?;
        Ok(())
    }
}
