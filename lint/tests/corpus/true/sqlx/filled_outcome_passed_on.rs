// An outcome may carry a transaction, and one caller gives one that does.
use sqlx::{PgPool, Postgres, Transaction};

pub struct Verdict {
    code: u8,
    tx: Option<Transaction<'static, Postgres>>,
}

async fn announce(verdict: Verdict, http: &reqwest::Client) -> anyhow::Result<()> {
    http.post("http://notices").body(verdict.code.to_string()).send().await?; //~ SA001
    if let Some(tx) = verdict.tx {
        tx.commit().await?;
    }
    Ok(())
}

pub async fn accept(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE requests SET open = false").execute(&mut *tx).await?;
    announce(Verdict { code: 1, tx: Some(tx) }, http).await
}

pub async fn refuse(http: &reqwest::Client) -> anyhow::Result<()> {
    announce(Verdict { code: 2, tx: None }, http).await
}
