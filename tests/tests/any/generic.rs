//! Helpers over any database, and leases from anywhere.

use std::sync::Arc;
use std::time::Duration;

use shortlease::{
    Backend, Conn, Db, DbCall, DbFuture, Dedicated, Error, Session, Tx, handler, leased, lifecycle,
};
use sqlx::migrate::Migrator;
use sqlx::{ColumnIndex, Decode, Encode, FromRow, IntoArguments, Type};

use super::Database;
use super::fixture::{Fixture, sql};

const URL: &str = "SELECT url FROM tools WHERE id = $1";

/// A handler over any database.
#[handler]
async fn count<DB: Backend>(db: &mut Session<DB>, sql: &'static str) -> Result<i64, Error>
where
    (i64,): for<'r> FromRow<'r, DB::Row>,
    DB::Arguments: IntoArguments<DB>,
{
    db.lease(async |conn| count_rows(conn, sql).await).await
}

#[leased]
async fn count_rows<DB: Backend>(conn: &mut Conn<DB>, sql: &'static str) -> Result<i64, sqlx::Error>
where
    (i64,): for<'r> FromRow<'r, DB::Row>,
    DB::Arguments: IntoArguments<DB>,
{
    sqlx::query_scalar(sql).fetch_one(conn).await
}

#[leased]
async fn rename<DB: Backend>(tx: &mut Tx<DB>, id: i64, url: String) -> Result<String, sqlx::Error>
where
    i64: Type<DB> + for<'q> Encode<'q, DB>,
    String: Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>,
    usize: ColumnIndex<DB::Row>,
    DB::Arguments: IntoArguments<DB>,
{
    let before: (String,) = sqlx::query_as(sql(URL)).bind(id).fetch_one(tx).await?;
    let update = sqlx::query(sql("UPDATE tools SET url = $1 WHERE id = $2")).bind(url).bind(id);
    update.execute(tx).await?;
    Ok(before.0)
}

/// A store as an object, with leased methods.
trait Store<DB: Backend>: Send + Sync {
    fn tool<'a>(
        &'a self,
        conn: &'a mut Conn<DB>,
        id: i64,
    ) -> std::pin::Pin<Box<dyn DbFuture<Output = Result<String, sqlx::Error>> + Send + 'a>>;
}

struct Tools;

impl Store<Database> for Tools {
    #[leased(boxed)]
    async fn tool(&self, conn: &mut Conn<Database>, id: i64) -> Result<String, sqlx::Error> {
        sqlx::query_scalar(sql(URL)).bind(id).fetch_one(conn).await
    }
}

#[handler]
async fn through_a_store(
    db: &mut Session<Database>,
    store: Arc<dyn Store<Database>>,
) -> Result<String, Error> {
    db.lease(async |conn| store.tool(conn, 3).await).await
}

#[tokio::test]
async fn generic_handlers_and_helpers_run_on_each_database() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    assert_eq!(count(&mut db, "SELECT count(*) FROM tools").await.unwrap(), 3);
    assert_eq!(through_a_store(&mut db, Arc::new(Tools)).await.unwrap(), "three");
}

#[handler]
#[tokio::test]
async fn leased_functions_run_in_transactions_and_savepoints() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let urls = db
        .transaction(async |tx| {
            let one = rename(tx, 1, "eins".into()).await?;
            let two = tx.savepoint(async |tx| rename(tx, 2, "zwei".into()).await).await?;
            assert_eq!(count_rows(tx, "SELECT count(*) FROM tools").await?, 3);
            Ok([one, two, rename(tx, 2, "dos".into()).await?])
        })
        .await;
    assert_eq!(urls.unwrap(), ["one", "two", "zwei"]);
    let urls: Vec<String> =
        db.fetch_all(sqlx::query_scalar("SELECT url FROM tools ORDER BY id")).await.unwrap();
    assert_eq!(urls, ["eins", "dos", "three"]);
}

#[handler]
async fn spawned(db: Db<Database>, id: i64) -> Result<String, Error> {
    let mut db = db.session();
    let url = db.lease(async |conn| Tools.tool(conn, id).await).await?;
    tokio::task::yield_now().await;
    db.transaction(async |tx| rename(tx, id, format!("{url}!")).await).await?;
    db.fetch_one(sqlx::query_scalar(sql(URL)).bind(id)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn handlers_run_in_tasks_on_any_thread() {
    let fixture = Fixture::with_tools().await;
    let tasks = [1, 2, 3].map(|id| tokio::spawn(spawned(fixture.db.clone(), id)));
    let mut urls = Vec::new();
    for task in tasks {
        urls.push(task.await.unwrap().unwrap());
    }
    assert_eq!(urls, ["one!", "two!", "three!"]);
    fixture.is_whole().await;
}

#[test]
fn what_tasks_share_can_be_shared() {
    fn shared<T: Send + Sync + Unpin + 'static>() {}
    fn sent<T: Send + Unpin + 'static>() {}
    shared::<Db<Database>>();
    shared::<Error>();
    sent::<Session<Database>>();
    sent::<DbCall<std::future::Ready<()>>>();
}

/// Never run: it compiles only if each future can be that of a task.
#[expect(dead_code, reason = "it only has to compile")]
fn what_is_awaited_may_stand_in_a_task(
    db: &Db<Database>,
    session: &mut Session<Database>,
    dedicated: &mut Dedicated<Database>,
) {
    fn sent(_: impl Future + Send) {}
    sent(Db::<Database>::connect(""));
    sent(Db::<Database>::builder("").connect());
    sent(db.migrate(&Migrator::DEFAULT));
    sent(db.dedicated("reason"));
    sent(db.ping(Duration::ZERO));
    sent(db.close(Duration::ZERO));
    sent(dedicated.run(async |_| ()));
    sent(session.fetch_one(sqlx::query_scalar::<_, i64>("SELECT 1")));
    sent(session.execute("SELECT 1"));
    sent(lifecycle::shutdown(db).serve(async |_| Ok::<(), Error>(())));
}
