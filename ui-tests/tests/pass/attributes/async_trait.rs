//! `#[async_trait]` around `#[handler]` methods, and both attributes on whole impls and traits.

use async_trait::async_trait;
use shortlease::{Conn, Db, Session, Sqlite, handler, leased};

#[async_trait]
trait Tool: Send + Sync {
    async fn call(&self, db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error>;
}

struct Marked;

#[async_trait]
impl Tool for Marked {
    #[handler]
    async fn call(&self, db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error> {
        let n = db.lease(async |conn| Adder(1).add(conn, n).await).await?;
        tokio::task::yield_now().await;
        Ok(n)
    }
}

struct Whole;

#[handler]
#[async_trait]
impl Tool for Whole {
    async fn call(&self, db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error> {
        db.transaction(async |tx| Adder(2).add(tx, n).await).await
    }
}

struct Below;

#[async_trait]
#[handler]
impl Tool for Below {
    async fn call(&self, db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error> {
        db.transaction(async |tx| add_boxed(&Adder(3), tx, n).await).await
    }
}

#[leased]
trait Add {
    async fn add(&self, conn: &mut Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error>;
}

struct Adder(i64);

#[leased]
impl Add for Adder {
    async fn add(&self, conn: &mut Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT $1 + $2").bind(n).bind(self.0).fetch_one(conn).await
    }
}

trait DynAdd: Sync {
    #[leased(boxed)]
    async fn add_boxed(&self, conn: &mut Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error>;
}

impl DynAdd for Adder {
    #[leased(boxed)]
    async fn add_boxed(&self, conn: &mut Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error> {
        self.add(conn, n).await
    }
}

#[leased]
async fn add_boxed(adder: &dyn DynAdd, conn: &mut Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error> {
    adder.add_boxed(conn, n).await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let tools: [Box<dyn Tool>; 3] = [Box::new(Marked), Box::new(Whole), Box::new(Below)];
    for (tool, expected) in tools.into_iter().zip([11, 12, 13]) {
        let mut session = db.session();
        let call = tokio::spawn(async move { tool.call(&mut session, 10).await });
        assert_eq!(call.await.unwrap().unwrap(), expected);
    }
}
