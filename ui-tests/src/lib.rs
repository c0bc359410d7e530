//! What the cases share: something remote, and a small database to run on.

pub mod aside;

use shortlease::{Db, Error, Sqlite};

/// Something remote.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mcp;

impl Mcp {
    /// Waits for it.
    pub async fn call(&self, url: &str) -> String {
        tokio::task::yield_now().await;
        format!("{url} answered")
    }
}

/// Waits for something remote.
pub async fn remote() -> String {
    Mcp.call("http://remote").await
}

/// A database with the tools 1 and 2 in it.
pub async fn db() -> Db<Sqlite> {
    let open = async {
        let db = Db::builder("sqlite::memory:").max_connections(4).connect().await?;
        let schema = "CREATE TABLE tools (id INTEGER PRIMARY KEY, url TEXT NOT NULL, uses INTEGER NOT NULL);
            CREATE TABLE calls (id INTEGER PRIMARY KEY, tool INTEGER NOT NULL, output TEXT NOT NULL);
            INSERT INTO tools VALUES (1, 'http://one', 0), (2, 'http://two', 0)";
        db.session().execute(sqlx::raw_sql(schema)).await?;
        Ok::<_, Error>(db)
    };
    open.await.expect("a database in memory opens")
}

/// Waits where its caller does not see it.
#[macro_export]
macro_rules! wait_for {
    ($future:expr) => {
        $future.await
    };
}
