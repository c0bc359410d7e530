//! Data access layers whose connection is in `self`, marked as a whole: an `impl`, a trait and its implementations, and
//! a module. Methods that use no connection stay as they are.

use std::collections::HashMap;

use shortlease::{Conn, Db, Error, Session, Sqlite, Tx, handler, leased};
use shortlease_ui_tests::Mcp;

struct Repo<'l> {
    conn: &'l mut Conn<Sqlite>,
    mcp: Mcp,
}

#[leased]
impl Repo<'_> {
    async fn url(&mut self, id: i64) -> Result<String, sqlx::Error> {
        sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(&mut *self.conn).await
    }

    async fn both(&mut self) -> Result<Vec<String>, sqlx::Error> {
        Ok(vec![self.url(1).await?, self.url(2).await?])
    }

    async fn used(&mut self, id: i64) -> Result<i64, sqlx::Error> {
        use_tool(self.conn, id).await
    }

    async fn ask(&self) -> String {
        self.mcp.call("http://one").await
    }
}

#[leased]
async fn use_tool(conn: &mut Conn<Sqlite>, id: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("UPDATE tools SET uses = uses + 1 WHERE id = $1 RETURNING uses").bind(id).fetch_one(conn).await
}

#[leased]
trait Tools {
    async fn count(&mut self) -> Result<i64, sqlx::Error>;

    async fn twice(&mut self) -> Result<i64, sqlx::Error> {
        Ok(self.count().await? + self.count().await?)
    }

    async fn name(&self) -> &'static str;
}

#[leased]
impl Tools for Conn<Sqlite> {
    async fn count(&mut self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(self).await
    }

    async fn name(&self) -> &'static str {
        "tools"
    }
}

struct Fake(HashMap<i64, String>);

#[leased]
impl Tools for Fake {
    async fn count(&mut self) -> Result<i64, sqlx::Error> {
        Ok(self.0.len() as i64)
    }

    async fn name(&self) -> &'static str {
        "fakes"
    }
}

/// In a transaction, so what lasts for one is allowed.
#[leased]
trait Jobs {
    async fn next(&mut self) -> Result<Option<i64>, sqlx::Error>;
}

#[leased]
impl Jobs for Tx<Sqlite> {
    async fn next(&mut self) -> Result<Option<i64>, sqlx::Error> {
        sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *self).await?;
        sqlx::query_scalar("SELECT id FROM tools").fetch_optional(self).await
    }
}

#[leased]
mod calls {
    use super::{Conn, Mcp, Sqlite};

    pub struct Calls<'l>(pub &'l mut Conn<Sqlite>);

    impl Calls<'_> {
        pub async fn add(&mut self, output: &str) -> Result<(), sqlx::Error> {
            sqlx::query("INSERT INTO calls (tool, output) VALUES (1, $1)").bind(output).execute(&mut *self.0).await?;
            Ok(())
        }
    }

    pub async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(conn).await
    }

    pub async fn ask(mcp: Mcp) -> String {
        mcp.call("http://two").await
    }
}

#[handler]
async fn all(db: &mut Session<Sqlite>) -> Result<(Vec<String>, i64, i64), Error> {
    let urls = db
        .lease(async |conn| {
            let mut repo = Repo { conn, mcp: Mcp };
            repo.used(1).await?;
            repo.both().await
        })
        .await?;
    let twice = db.lease(async |conn| conn.twice().await).await?;
    let answer = calls::ask(Mcp).await;
    let calls = db
        .transaction(async |tx| {
            tx.next().await?;
            calls::Calls(tx).add(&answer).await?;
            calls::count(tx).await
        })
        .await?;
    Ok((urls, twice, calls))
}

#[tokio::test]
async fn runs() {
    let db: Db<Sqlite> = shortlease_ui_tests::db().await;
    let expected = vec!["http://one".to_owned(), "http://two".to_owned()];
    assert_eq!(all(&mut db.session()).await.unwrap(), (expected, 4, 1));
    let mut fake = Fake(HashMap::from([(1, "one".into())]));
    assert_eq!(fake.twice().await.unwrap(), 2);
    assert_eq!(fake.name().await, "fakes");
    asks(&db).await;
}

#[handler]
async fn asks_and_counts(db: &mut Session<Sqlite>) -> Result<&'static str, Error> {
    db.lease(async |conn| {
        let repo = Repo { conn, mcp: Mcp };
        let _ = &repo.mcp;
        Ok("counted")
    })
    .await
}

async fn asks(db: &Db<Sqlite>) {
    assert_eq!(asks_and_counts(&mut db.session()).await.unwrap(), "counted");
    let _ = (Repo::ask, <Conn<Sqlite> as Tools>::name);
}
