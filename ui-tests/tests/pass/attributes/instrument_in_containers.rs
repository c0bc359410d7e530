//! tracing's `#[instrument]` on methods whose `impl` or `trait` has the attribute: what that says of them stays true.

use std::thread;
use std::time::Duration;

use shortlease::{Conn, Db, Session, Sqlite, Tx, handler, leased};
use tracing::instrument;

struct Repo;

#[leased(allow(SL004 = "a millisecond"))]
impl Repo {
    #[instrument(skip_all)]
    async fn patient(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        thread::sleep(Duration::from_millis(1));
        sqlx::query_scalar("SELECT 1").fetch_one(conn).await
    }

    #[instrument(skip_all)]
    async fn quick(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT 2").fetch_one(conn).await
    }
}

type Storage<'c> = &'c mut Conn<Sqlite>;

#[leased(on = storage)]
impl Repo {
    #[instrument(skip_all)]
    async fn aliased(&self, storage: Storage<'_>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT 3").fetch_one(storage).await
    }

    #[instrument(skip_all)]
    async fn named(&self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT 4").fetch_one(conn).await
    }
}

#[leased]
trait Deferring {
    async fn defer(&mut self) -> Result<(), sqlx::Error>;
}

#[leased]
impl Deferring for Tx<Sqlite> {
    #[instrument(skip_all)]
    async fn defer(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query("PRAGMA defer_foreign_keys = 1").execute(self).await?;
        Ok(())
    }
}

fn five() -> sqlx::query::QueryScalar<'static, Sqlite, i64, sqlx::sqlite::SqliteArguments> {
    sqlx::query_scalar("SELECT 5")
}

#[leased]
trait Elsewhere {
    async fn elsewhere(&mut self) -> Result<i64, sqlx::Error>;
}

#[leased]
impl Elsewhere for Conn<Sqlite> {
    #[instrument(skip_all)]
    async fn elsewhere(&mut self) -> Result<i64, sqlx::Error> {
        five().fetch_one(self).await
    }
}

#[leased]
trait Numbers {
    #[instrument(skip_all)]
    async fn six(&mut self, conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT 6").fetch_one(conn).await
    }
}

impl Numbers for Repo {}

#[handler]
async fn sum<N: Numbers + Send>(
    mut db: Session<Sqlite>,
    mut numbers: N,
) -> Result<i64, shortlease::Error> {
    let sum = db
        .lease(async |conn| {
            let sum = Repo.patient(conn).await? + Repo.quick(conn).await?;
            let sum = sum + Repo.aliased(conn).await? + Repo.named(conn).await?;
            Ok(sum + conn.elsewhere().await? + numbers.six(conn).await?)
        })
        .await?;
    db.transaction(async |tx| tx.defer().await).await?;
    Ok(sum)
}

#[tokio::test]
async fn runs() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let task = tokio::spawn(sum(db.session(), Repo));
    assert_eq!(task.await.unwrap().unwrap(), 21);
}
