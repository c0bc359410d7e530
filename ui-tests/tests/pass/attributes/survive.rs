//! What else stands on a function survives: `#[track_caller]`, docs, `cfg` and lint attributes,
//! generics, lifetimes, `impl Trait`, `where` clauses, `self` receivers, visibility.
#![deny(warnings)]

use shortlease::{Backend, Conn, Db, Session, Sqlite, handler, leased};

pub struct Service<'a, T> {
    suffix: &'a str,
    value: T,
}

impl<'a, T> Service<'a, T>
where
    T: Into<i64> + Copy + Send + Sync,
{
    /// Documented.
    #[handler]
    #[allow(clippy::needless_lifetimes)]
    pub async fn greet<'b>(
        self: &'b Service<'a, T>,
        db: &mut Session<Sqlite>,
        names: impl IntoIterator<Item = &'b str>,
    ) -> Result<Vec<String>, shortlease::Error> {
        let mut greetings = Vec::new();
        for name in names {
            let greeting = db.lease(async |conn| self.one(conn, name).await).await?;
            greetings.push(greeting);
        }
        Ok(greetings)
    }

    #[leased]
    #[must_use]
    async fn one<'b>(&'b self, conn: &mut Conn<Sqlite>, name: &str) -> Result<String, sqlx::Error> {
        let n: i64 = self.value.into();
        sqlx::query_scalar("SELECT $1 || $2 || $3")
            .bind(name)
            .bind(n)
            .bind(self.suffix)
            .fetch_one(conn)
            .await
    }
}

#[handler]
#[cfg(any())]
async fn never_compiled(db: &mut Session<Nothing>) {
    nothing_here().await
}

#[handler]
async fn with_cfg(db: &mut Session<Sqlite>) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| {
        #[cfg(any())]
        {
            not_there(conn).await;
        }
        #[cfg(any())]
        not_there!(conn);
        #[allow(unused_variables)]
        let unused = 1;
        Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)
    })
    .await
}

/// The caller's line, although the function was rewritten.
#[leased]
#[track_caller]
async fn line<DB: Backend>(conn: &mut Conn<DB>) -> u32 {
    let _ = conn;
    std::panic::Location::caller().line()
}

#[tokio::test]
async fn runs() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let service = Service { suffix: "!", value: 7_i32 };
    let greetings = service.greet(&mut db.session(), ["a", "b"]).await.unwrap();
    assert_eq!(greetings, ["a7!", "b7!"]);
    assert_eq!(with_cfg(&mut db.session()).await.unwrap(), 1);
    let _ = line::<Sqlite>;
}
