//! `#[leased(on = ..)]`: a connection by an alias, in a structure, in an option, behind a trait.

use shortlease::{Conn, Db, Error, Session, Sqlite, Tx, handler, leased};

type DbTx = Tx<Sqlite>;

struct Storage<'l> {
    tx: &'l mut Tx<Sqlite>,
    table: &'static str,
}

#[leased(on = tx)]
async fn by_alias(tx: &mut DbTx, id: i64) -> Result<(), sqlx::Error> {
    let update = sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1").bind(id);
    update.execute(tx).await?;
    Ok(())
}

#[leased(on = storage)]
async fn in_a_structure(storage: &mut Storage<'_>) -> Result<i64, sqlx::Error> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {}", storage.table));
    sqlx::query_scalar(sql).fetch_one(&mut *storage.tx).await
}

#[leased(on = tx)]
async fn optional(id: i64, tx: Option<&mut Tx<Sqlite>>) -> Result<Option<i64>, sqlx::Error> {
    match tx {
        Some(tx) => {
            sqlx::query_scalar("SELECT uses FROM tools WHERE id = $1").bind(id).fetch_optional(tx).await
        }
        None => Ok(None),
    }
}

#[leased(boxed)]
trait Repo {
    async fn url(&mut self, id: i64) -> Result<String, sqlx::Error>;
}

#[leased(boxed)]
impl Repo for Conn<Sqlite> {
    async fn url(&mut self, id: i64) -> Result<String, sqlx::Error> {
        sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(self).await
    }
}

#[leased(on = repo)]
async fn behind_a_trait(repo: &mut (dyn Repo + Send)) -> Result<String, sqlx::Error> {
    Ok(format!("{} {}", repo.url(1).await?, repo.url(2).await?))
}

#[handler]
async fn all(db: &mut Session<Sqlite>) -> Result<(i64, Option<i64>, String), Error> {
    db.transaction(async |tx| {
        by_alias(tx, 1).await?;
        let count = in_a_structure(&mut Storage { tx, table: "tools" }).await?;
        let uses = optional(1, Some(tx)).await?;
        let none = optional(1, None).await?;
        assert_eq!(none, None);
        let urls = behind_a_trait(&mut **tx).await?;
        Ok((count, uses, urls))
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db: Db<Sqlite> = shortlease_ui_tests::db().await;
    let expected = (2, Some(1), "http://one http://two".to_owned());
    assert_eq!(all(&mut db.session()).await.unwrap(), expected);
}
