//! Beside macros that hide an await: macros that take its value, build a statement, or are trusted.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

macro_rules! shout {
    ($text:expr) => {
        format!("{}!", $text)
    };
}

macro_rules! url_of {
    ($id:expr) => {
        sqlx::query_scalar::<_, String>("SELECT url FROM tools WHERE id = $1").bind($id)
    };
}

macro_rules! handler_of {
    ($name:ident, $conn:ident => $body:expr) => {
        #[handler]
        async fn $name(db: &mut Session<Sqlite>) -> Result<String, Error> {
            db.lease(async |$conn| Ok($body)).await
        }
    };
}

handler_of!(second, conn => url_of!(2).fetch_one(conn).await?);

#[handler(trust(wait_for))]
async fn first(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let asked = wait_for!(remote());
    db.lease(async |conn| {
        let url = url_of!(1).fetch_one(&mut *conn).await?;
        let same: String =
            wait_for!(sqlx::query_scalar("SELECT $1").bind(&url).fetch_one_on(conn))?;
        println!("{}", shout!(same.len()));
        Ok(shout!(url) + &asked)
    })
    .await
}

/// What a trusted macro needs: its statement is out of the attribute's sight.
trait FetchOneOn<'q> {
    #[shortlease::leased]
    async fn fetch_one_on(self, conn: &mut shortlease::Conn<Sqlite>) -> sqlx::Result<String>;
}
impl<'q> FetchOneOn<'q>
    for sqlx::query::QueryScalar<'q, Sqlite, String, sqlx::sqlite::SqliteArguments>
{
    #[shortlease::leased]
    async fn fetch_one_on(self, conn: &mut shortlease::Conn<Sqlite>) -> sqlx::Result<String> {
        self.fetch_one(conn).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(first(&mut db.session()).await.unwrap(), "http://one!http://remote answered");
    assert_eq!(second(&mut db.session()).await.unwrap(), "http://two");
}
