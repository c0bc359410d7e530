// An enum of pool or transaction holds the transaction while the ledger service answers.
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};

pub enum Handle {
    Pool(DatabaseConnection),
    Txn(DatabaseTransaction),
}

impl Handle {
    pub async fn run(&self, sql: &str) -> Result<(), DbErr> {
        match self {
            Handle::Pool(db) => db.execute_unprepared(sql).await?,
            Handle::Txn(txn) => txn.execute_unprepared(sql).await?,
        };
        Ok(())
    }

    pub async fn commit(self) -> Result<(), DbErr> {
        match self {
            Handle::Pool(_) => Ok(()),
            Handle::Txn(txn) => txn.commit().await,
        }
    }
}

pub async fn post_entry(
    db: &DatabaseConnection,
    ledger: &Ledger,
    cents: i64,
) -> anyhow::Result<()> {
    let handle = Handle::Txn(db.begin().await?);
    handle.run("INSERT INTO entries DEFAULT VALUES").await?;
    ledger.post(cents).await?; //~ SA001
    handle.commit().await?;
    Ok(())
}

pub struct Ledger(reqwest::Client);

impl Ledger {
    pub async fn post(&self, cents: i64) -> anyhow::Result<()> {
        self.0.post("http://ledger/entries").body(cents.to_string()).send().await?;
        Ok(())
    }
}
