use async_trait::async_trait;
use shortlease::{Db, Error, Sqlite, handler};

#[async_trait]
trait Tools: Send + Sync {
    /// Adds a tool, and returns how many there are.
    async fn add(&self, url: &str) -> Result<i64, Error>;
}

struct Stored {
    db: Db<Sqlite>,
}

#[handler]
#[async_trait]
impl Tools for Stored {
    async fn add(&self, url: &str) -> Result<i64, Error> {
        let mut db = self.db.session();
        db.transaction(async |tx| {
            sqlx::query("INSERT INTO tools (url) VALUES ($1)").bind(url).execute(&mut *tx).await?;
            sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await
        })
        .await
    }
}

async fn register(tools: &dyn Tools, url: &str) -> Result<String, Error> {
    Ok(format!("{} tools", tools.add(url).await?))
}

/// A double for tests.
struct Three;

#[async_trait]
impl Tools for Three {
    async fn add(&self, _: &str) -> Result<i64, Error> {
        Ok(3)
    }
}

#[tokio::test]
async fn registering_says_how_many_there_are() {
    assert_eq!(register(&Three, "http://a").await.unwrap(), "3 tools");
}

// Tests.

#[tokio::test]
async fn the_stored_tools_are_counted() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    db.session().execute("CREATE TABLE tools (url TEXT)").await.unwrap();
    assert_eq!(register(&Stored { db }, "http://a").await.unwrap(), "1 tools");
}
