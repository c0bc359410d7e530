// The transaction is opened by the first method that needs it: this one asks before there is one.
use std::sync::Arc;

use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::Mutex;

pub struct Unit {
    pool: PgPool,
    open: Mutex<Option<Transaction<'static, Postgres>>>,
}

pub struct Accounts {
    unit: Arc<Unit>,
    http: reqwest::Client,
}

impl Accounts {
    pub async fn verify(&self, name: &str) -> Result<bool, reqwest::Error> {
        let answer = self.http.get("http://directory/names").query(&[("name", name)]).send().await?;
        Ok(answer.status().is_success())
    }
}
