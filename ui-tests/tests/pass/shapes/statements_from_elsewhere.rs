//! Statements that are made in one place and run in another, and methods that are called as a verb is.

use shortlease::{Conn, Error, Session, Sqlite, Tx, handler, leased};

struct Tools<'c> {
    conn: &'c mut Conn<Sqlite>,
}

impl Tools<'_> {
    #[leased]
    async fn count(&mut self, all: bool) -> Result<i64, sqlx::Error> {
        let query = if all {
            sqlx::query_scalar("SELECT count(*) FROM tools")
        } else {
            sqlx::query_scalar("SELECT count(*) FROM tools WHERE id = 1")
        };
        self.conn.fetch_one(query).await
    }
}

struct Record {
    tool: i64,
}

impl Record {
    #[leased]
    async fn execute(self, tx: &mut Tx<Sqlite>) -> Result<u64, sqlx::Error> {
        let insert = sqlx::query("INSERT INTO calls (tool, output) VALUES ($1, 'once')");
        Ok(insert.bind(self.tool).execute(tx).await?.rows_affected())
    }
}

macro_rules! insert {
    ($tool:expr) => {
        sqlx::query("INSERT INTO calls (tool, output) VALUES ($1, 'again')").bind($tool)
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(i64, u64), Error> {
    db.transaction(async |tx| {
        let mut tools = Tools { conn: &mut *tx };
        let both = tools.count(true).await? * 10 + tools.count(false).await?;
        let added = Record::execute(Record { tool: 1 }, &mut *tx).await?;
        tx.execute(insert!(1)).await?;
        Ok((both, added))
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(call_tool(&mut db.session()).await.unwrap(), (21, 1));
}
