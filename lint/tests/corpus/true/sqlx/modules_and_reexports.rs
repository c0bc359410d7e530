// The guard's type goes through two modules and a re-export.
mod infra {
    pub mod db {
        use sqlx::{Pool, Sqlite, Transaction};

        pub type Db = Pool<Sqlite>;
        pub type Session = Transaction<'static, Sqlite>;

        pub async fn open(db: &Db) -> Result<Session, sqlx::Error> {
            db.begin().await
        }
    }

    pub use db::{Db, Session, open};
}

use infra::{Db, Session};

async fn next_episode(session: &mut Session, show: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM episodes WHERE show = ? AND seen = 0 LIMIT 1")
        .bind(show)
        .fetch_one(&mut **session)
        .await
}

pub async fn download(db: &Db, http: &reqwest::Client, show: i64) -> anyhow::Result<Vec<u8>> {
    let mut session = infra::open(db).await?;
    let url = next_episode(&mut session, show).await?;
    let answer = http.get(&url).send().await?; //~ SA001
    sqlx::query("UPDATE episodes SET seen = 1 WHERE url = ?")
        .bind(&url)
        .execute(&mut *session)
        .await?;
    session.commit().await?;
    Ok(answer.bytes().await?.to_vec())
}
