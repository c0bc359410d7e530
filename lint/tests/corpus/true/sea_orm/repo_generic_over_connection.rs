// A repository generic over its connection is made of the transaction and calls out itself.
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

pub struct Repo<'c, C> {
    conn: &'c C,
    search: SearchApi,
}

impl<'c, C: ConnectionTrait> Repo<'c, C> {
    pub fn new(conn: &'c C, search: SearchApi) -> Self {
        Self { conn, search }
    }

    pub async fn insert(&self, title: &str) -> anyhow::Result<()> {
        self.conn
            .execute_unprepared(&format!("INSERT INTO books (title) VALUES ('{title}')"))
            .await?;
        self.search.add(title).await?; //~ SA001
        Ok(())
    }
}

pub async fn add(
    db: &DatabaseConnection,
    search: SearchApi,
    titles: &[String],
) -> anyhow::Result<()> {
    let txn = db.begin().await?;
    let repo = Repo::new(&txn, search);
    for title in titles {
        repo.insert(title).await?;
    }
    txn.commit().await?;
    Ok(())
}

#[derive(Clone)]
pub struct SearchApi(reqwest::Client);

impl SearchApi {
    pub async fn add(&self, title: &str) -> anyhow::Result<()> {
        self.0.post("http://search").body(title.to_owned()).send().await?;
        Ok(())
    }
}
