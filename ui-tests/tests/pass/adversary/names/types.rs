//! Beside names that pretend: types and functions of one's own, where they belong.
#![deny(warnings)]

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};
use shortlease_ui_tests::remote;

type Result<T, E = Error> = std::result::Result<T, E>;

struct Tools;
impl Tools {
    // Not one of the names that `sqlx` uses.
    #[leased]
    async fn urls(&self, conn: &mut Conn<Sqlite>) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar("SELECT url FROM tools").fetch_all(conn).await
    }
}

fn check(url: &str) -> bool {
    url.starts_with("http")
}

/// Lends to a leased function of the caller's choice.
trait Work {
    #[leased]
    async fn run(&self, conn: &mut Conn<Sqlite>) -> Result<i64>;
}
struct CountTools;
impl Work for CountTools {
    #[leased]
    async fn run(&self, conn: &mut Conn<Sqlite>) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await?)
    }
}

struct Wrapped<'a>(&'a mut Session<Sqlite>);
impl Wrapped<'_> {
    #[handler]
    async fn run(&mut self, work: &impl Work) -> Result<i64> {
        self.0.lease(async |conn| work.run(conn).await).await
    }
}

/// A transaction of its own kind.
struct Store;
impl Store {
    async fn transaction<T>(&self, body: impl AsyncFnOnce(i64) -> T) -> T {
        body(3).await
    }
}
struct Service {
    store: Store,
}
impl Service {
    #[handler]
    async fn stored(&self, other: &Service, db: &mut Session<Sqlite>) -> Result<i64> {
        let first = self.store.transaction(async |id| remote().await.len() as i64 + id).await;
        let second = other.store.transaction(async |id| id).await;
        db.lease(async |conn| {
            Ok(sqlx::query_scalar("SELECT $1").bind(first - second).fetch_one(conn).await?)
        })
        .await
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize> {
    let connection = remote().await;
    let urls = db
        .lease(async |connection| {
            let urls = Tools.urls(connection).await?;
            Ok(urls.into_iter().filter(|url| check(url)).count())
        })
        .await?;
    assert_eq!(connection, "http://remote answered");
    Ok(urls)
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(call_tool(&mut db.session()).await.unwrap(), 2);
    let service = Service { store: Store };
    assert_eq!(service.stored(&service, &mut db.session()).await.unwrap(), 22);
    assert_eq!(Wrapped(&mut db.session()).run(&CountTools).await.unwrap(), 2);
}
