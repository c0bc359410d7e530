// The service layer's transaction is committed before the download.
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};

#[derive(Clone)]
pub struct Service {
    conn: DatabaseConnection,
}

pub struct ServiceTransaction(DatabaseTransaction);

impl Service {
    pub async fn begin(&self) -> Result<ServiceTransaction, DbErr> {
        Ok(ServiceTransaction(self.conn.begin().await?))
    }
}

impl ServiceTransaction {
    pub async fn mark(&self, id: i64, state: &str) -> Result<(), DbErr> {
        self.0
            .execute_unprepared(&format!("UPDATE imports SET state = '{state}' WHERE id = {id}"))
            .await?;
        Ok(())
    }

    pub async fn commit(self) -> Result<(), DbErr> {
        self.0.commit().await
    }
}

pub async fn import(
    service: &Service,
    http: &reqwest::Client,
    id: i64,
    url: &str,
) -> anyhow::Result<usize> {
    let txn = service.begin().await?;
    txn.mark(id, "running").await?;
    txn.commit().await?;
    let bytes = http.get(url).send().await?.bytes().await?;
    let txn = service.begin().await?;
    txn.mark(id, "done").await?;
    txn.commit().await?;
    Ok(bytes.len())
}
