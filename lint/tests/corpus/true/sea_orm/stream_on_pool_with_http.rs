// Rows stream from the pool while each one is sent to a mailing service.
use futures::TryStreamExt;
use sea_orm::{DatabaseConnection, EntityTrait};

use crate::entity::prelude::Subscriber;

pub async fn newsletter(
    db: &DatabaseConnection,
    mails: &MailApi,
    text: &str,
) -> anyhow::Result<u32> {
    let mut subscribers = Subscriber::find().stream(db).await?;
    let mut sent = 0;
    while let Some(subscriber) = subscribers.try_next().await? {
        mails.send(&subscriber.email, text).await?; //~ SA007
        sent += 1;
    }
    Ok(sent)
}

pub struct MailApi {
    http: reqwest::Client,
}

impl MailApi {
    pub async fn send(&self, to: &str, text: &str) -> reqwest::Result<()> {
        self.http.post("http://mail").query(&[("to", to)]).body(text.to_owned()).send().await?;
        Ok(())
    }
}
