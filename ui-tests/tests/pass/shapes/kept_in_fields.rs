//! Connections that no name tells: in a field, in a pattern, behind an alias.
#![deny(warnings)]

use std::future::ready;

use futures::TryStreamExt;
use shortlease::{Conn, Error, Session, Sqlite, Tx, handler, leased};
use sqlx::{QueryBuilder, Sqlite as Db};

struct Tools<'c> {
    conn: &'c mut Conn<Sqlite>,
}

impl Tools<'_> {
    #[leased]
    async fn count(&mut self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(&mut *self.conn).await
    }

    #[leased]
    async fn last(&mut self) -> Result<i64, sqlx::Error> {
        let ids = sqlx::query_scalar("SELECT id FROM tools ORDER BY id").fetch(&mut *self.conn);
        let last: i64 = ids.try_fold(0, |_, id| ready(Ok(id))).await?;
        Ok(last + self.count().await? - 2)
    }

    #[leased]
    async fn into_first(self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT min(id) FROM tools").fetch_one(self.conn).await
    }
}

struct Calls<'c>(&'c mut Tx<Sqlite>);

impl Calls<'_> {
    #[leased]
    async fn add(&mut self, tool: i64) -> Result<(), Error> {
        let mut insert = QueryBuilder::<Db>::new("INSERT INTO calls (tool, output) ");
        insert.push_values([tool], |mut row, tool| {
            row.push_bind(tool).push_bind("once");
        });
        sqlx::query("DELETE FROM calls").execute(&mut *self.0).await?;
        let conn: &mut Tx<_> = &mut *self.0;
        insert.build().execute(conn).await?;
        self.0
            .savepoint(async |sp| {
                let add = "INSERT INTO calls (tool, output) VALUES ($1, 'again')";
                sqlx::query(add).bind(tool).execute(sp).await?;
                Ok(())
            })
            .await
    }
}

struct Audit<'c> {
    log: Option<&'c mut Conn<Sqlite>>,
}

impl Audit<'_> {
    #[leased]
    async fn count(&mut self) -> Result<i64, sqlx::Error> {
        let Self { log } = self;
        let Some(conn) = log else { return Ok(0) };
        sqlx::query("DELETE FROM calls WHERE tool = 9").execute(&mut **conn).await?;
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(&mut **conn).await
    }
}

#[handler]
async fn audited(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let none = Audit { log: None }.count().await?;
        let some = Audit { log: Some(conn) }.count().await?;
        Ok(none + some)
    })
    .await
}

type Lent<'c> = Option<&'c mut Conn<Sqlite>>;

#[leased]
async fn perhaps(conn: &mut Conn<Sqlite>, wanted: bool) -> Result<i64, sqlx::Error> {
    let lent: Lent<'_> = wanted.then_some(conn);
    match lent {
        Some(conn) => sqlx::query_scalar("SELECT 7").fetch_one(conn).await,
        None => Ok(0),
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(i64, i64, i64), Error> {
    let counted = db
        .lease(async |conn| {
            let mut tools = Tools { conn };
            let count = tools.count().await?;
            let again = sqlx::query_scalar("SELECT count(*) FROM tools WHERE id > $1");
            let again = again.bind(0);
            let again: i64 = again.fetch_one(&mut *tools.conn).await?;
            assert_eq!(count, again);
            let last = tools.last().await?;
            let seven = perhaps(&mut *tools.conn, true).await?;
            Ok((last, seven, tools.into_first().await?))
        })
        .await?;
    db.transaction(async |tx| Calls(tx).add(1).await).await?;
    Ok(counted)
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(call_tool(&mut db.session()).await.unwrap(), (2, 7, 1));
    assert_eq!(audited(&mut db.session()).await.unwrap(), 2);
    let calls: i64 = db
        .session()
        .fetch_one(sqlx::query_scalar("SELECT count(*) FROM calls"))
        .await
        .unwrap();
    assert_eq!(calls, 2);
}
