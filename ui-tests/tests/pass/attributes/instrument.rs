//! tracing's `#[instrument]` above and below both attributes.

use shortlease::{Conn, Db, EitherConn, Session, Sqlite, handler, leased};
use tracing::instrument;

#[instrument(skip(db))]
#[handler]
async fn above(db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| leased_above(conn, n).await).await
}

#[handler]
#[instrument(skip_all, err)]
async fn below(db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| leased_below(conn, n).await).await
}

#[instrument(skip(conn))]
#[leased]
async fn leased_above(conn: &mut Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT $1 + 1").bind(n).fetch_one(conn).await
}

// Below, it comes out above.
#[leased]
#[instrument(skip(conn), err)]
async fn leased_below(conn: &mut Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT $1 + 2").bind(n).fetch_one(conn).await
}

#[instrument(skip(conn), err, ret)]
#[leased]
async fn returned(conn: &mut impl EitherConn<Sqlite>, n: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT $1 + 3").bind(n).fetch_one(conn).await
}

#[handler]
async fn either(db: &mut Session<Sqlite>, n: i64) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| returned(conn, n).await).await
}

#[leased(boxed)]
trait Numbers: Send {
    async fn next(&mut self, n: i64) -> Result<i64, sqlx::Error>;
    fn first(&self) -> i64;
}

struct Stored<'c> {
    conn: &'c mut Conn<Sqlite>,
}

#[leased(boxed)]
impl Numbers for Stored<'_> {
    #[instrument(name = "next", skip_all, fields(n), err)]
    async fn next(&mut self, n: i64) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT $1 + 4").bind(n).fetch_one(&mut *self.conn).await
    }

    #[cfg_attr(all(), instrument(skip_all))]
    fn first(&self) -> i64 {
        1
    }
}

#[handler]
async fn stored(db: &mut Session<Sqlite>) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| {
        let mut numbers: Box<dyn Numbers + '_> = Box::new(Stored { conn });
        let first = numbers.first();
        Ok(numbers.next(first).await?)
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    assert_eq!(above(&mut db.session(), 1).await.unwrap(), 2);
    assert_eq!(below(&mut db.session(), 1).await.unwrap(), 3);
    assert_eq!(either(&mut db.session(), 1).await.unwrap(), 4);
    assert_eq!(stored(&mut db.session()).await.unwrap(), 5);
}
