//! Leased methods: generic, in traits, with default bodies, as trait objects, recursive.
#![deny(warnings)]

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[leased]
trait Count: Sync {
    fn table(&self) -> &'static str;

    async fn count(&self, conn: &mut Conn<Sqlite>) -> sqlx::Result<i64> {
        let sql = format!("SELECT count(*) FROM {}", self.table());
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(conn).await
    }

    async fn twice(&self, conn: &mut Conn<Sqlite>) -> sqlx::Result<i64>;
}

struct Tools;

#[leased]
impl Count for Tools {
    fn table(&self) -> &'static str {
        "tools"
    }

    async fn twice(&self, conn: &mut Conn<Sqlite>) -> sqlx::Result<i64> {
        Ok(self.count(conn).await? + self.count(conn).await?)
    }
}

#[leased(boxed)]
trait Step: Send + Sync {
    async fn run(&self, conn: &mut Conn<Sqlite>, n: i64) -> sqlx::Result<i64>;
}

#[leased(boxed)]
impl Step for Tools {
    async fn run(&self, conn: &mut Conn<Sqlite>, n: i64) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT $1 + 1").bind(n).fetch_one(conn).await
    }
}

#[leased]
async fn generic<C: Count>(conn: &mut Conn<Sqlite>, of: &C) -> sqlx::Result<i64> {
    of.twice(conn).await
}

#[leased(boxed)]
async fn factorial(conn: &mut Conn<Sqlite>, n: i64) -> sqlx::Result<i64> {
    if n == 0 {
        return Ok(1);
    }
    let below = factorial(conn, n - 1).await?;
    sqlx::query_scalar("SELECT $1 * $2").bind(n).bind(below).fetch_one(conn).await
}

#[handler]
async fn all(db: &mut Session<Sqlite>, steps: &[&dyn Step]) -> Result<(i64, i64, i64), Error> {
    db.lease(async |conn| {
        let mut n = 0;
        for step in steps {
            n = step.run(conn, n).await?;
        }
        Ok((generic(conn, &Tools).await?, n, factorial(conn, 5).await?))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(all(&mut db.session(), &[&Tools, &Tools]).await.unwrap(), (4, 2, 120));
}

type Found<T> = Result<T, sqlx::Error>;

/// The type of its future is no more complex than the attribute makes it.
#[leased(boxed)]
trait ById {
    async fn by_id(
        &self,
        conn: &mut Conn<Sqlite>,
        ids: &[i64],
    ) -> Found<std::collections::HashMap<i64, String>>;
}

struct Urls;

#[leased(boxed)]
impl ById for Urls {
    async fn by_id(
        &self,
        conn: &mut Conn<Sqlite>,
        ids: &[i64],
    ) -> Found<std::collections::HashMap<i64, String>> {
        let mut found = std::collections::HashMap::new();
        for id in ids {
            let url = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id);
            found.extend(url.fetch_optional(&mut *conn).await?.map(|url| (*id, url)));
        }
        Ok(found)
    }
}

#[handler]
async fn by_id(
    db: &mut Session<Sqlite>,
    repository: &(dyn ById + Sync),
) -> Result<std::collections::HashMap<i64, String>, shortlease::Error> {
    db.lease(async |conn| repository.by_id(conn, &[1, 99]).await).await
}

#[tokio::test]
async fn maps() {
    let db = shortlease_ui_tests::db().await;
    let found = by_id(&mut db.session(), &Urls).await.unwrap();
    assert_eq!(found, [(1, "http://one".to_owned())].into());
}
