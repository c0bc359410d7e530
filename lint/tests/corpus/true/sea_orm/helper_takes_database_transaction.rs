// A service method takes the transaction by reference and sends a text message.
use sea_orm::{ActiveModelTrait, DatabaseConnection, DatabaseTransaction, Set, TransactionTrait};

use crate::entity::otp;

pub struct OtpService {
    db: DatabaseConnection,
    sms: SmsApi,
}

impl OtpService {
    pub async fn issue(&self, phone: &str) -> Result<(), OtpError> {
        let txn = self.db.begin().await?;
        self.issue_in(&txn, phone).await?;
        txn.commit().await?;
        Ok(())
    }

    async fn issue_in(&self, txn: &DatabaseTransaction, phone: &str) -> Result<(), OtpError> {
        let code = format!("{:06}", rand::random_range(0..1_000_000));
        let row = otp::ActiveModel {
            phone: Set(phone.to_owned()),
            code: Set(code.clone()),
            ..Default::default()
        };
        row.insert(txn).await?;
        self.sms.send(phone, &code).await?; //~ SA001
        Ok(())
    }
}

pub struct SmsApi(reqwest::Client);

impl SmsApi {
    async fn send(&self, phone: &str, code: &str) -> Result<(), reqwest::Error> {
        self.0.post("http://sms").form(&[("to", phone), ("text", code)]).send().await?;
        Ok(())
    }
}
