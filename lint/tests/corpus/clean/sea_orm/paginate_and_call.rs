// A paginator asks the pool for each page and holds nothing between pages.
use sea_orm::{DatabaseConnection, EntityTrait, PaginatorTrait};

use crate::entity::prelude::Subscriber;

pub async fn newsletter(db: &DatabaseConnection, mails: &MailApi) -> anyhow::Result<usize> {
    let mut pages = Subscriber::find().paginate(db, 100);
    let mut sent = 0;
    while let Some(page) = pages.fetch_and_next().await? {
        for subscriber in page {
            mails.send(&subscriber.email).await?;
            sent += 1;
        }
    }
    Ok(sent)
}

pub struct MailApi(reqwest::Client);

impl MailApi {
    pub async fn send(&self, to: &str) -> reqwest::Result<()> {
        self.0.post("http://mail").query(&[("to", to)]).send().await?;
        Ok(())
    }
}
