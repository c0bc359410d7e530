// The transaction's closure hands the connection to a helper, and the helper calls the fraud service.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, scoped_futures::ScopedFutureExt,
};

use crate::schema::payments::dsl::*;

pub struct Payments {
    fraud: FraudApi,
}

impl Payments {
    pub async fn accept(
        &self,
        conn: &mut AsyncPgConnection,
        payment: i64,
    ) -> Result<(), PaymentError> {
        conn.transaction(|tx| async move { self.score(tx, payment).await }.scope_boxed()).await
    }

    async fn score(&self, tx: &mut AsyncPgConnection, payment: i64) -> Result<(), PaymentError> {
        let sum: i64 = payments.find(payment).select(amount).for_update().first(tx).await?;
        let verdict = self.fraud.check(payment, sum).await?; //~ SA001
        diesel::update(payments.find(payment)).set(accepted.eq(verdict)).execute(tx).await?;
        Ok(())
    }
}

pub struct FraudApi {
    http: reqwest::Client,
}

impl FraudApi {
    pub async fn check(&self, payment: i64, sum: i64) -> Result<bool, PaymentError> {
        let answer = self.http.post("http://fraud/check").json(&(payment, sum)).send().await?;
        Ok(answer.status().is_success())
    }
}
