//! What a leased function may take and return.
#![deny(warnings)]

use std::fmt::Display;

use shortlease::{Backend, Conn, Error, Session, Sqlite, Tx, handler, leased};

struct Repo {
    table: String,
}

impl Repo {
    /// By reference, with a borrowed argument.
    #[leased]
    async fn find(&self, conn: &mut Conn<Sqlite>, url: &str) -> sqlx::Result<Option<i64>> {
        assert_eq!(self.table, "tools");
        sqlx::query_scalar("SELECT id FROM tools WHERE url = $1")
            .bind(url)
            .fetch_optional(conn)
            .await
    }

    /// By value, with `mut` and a pattern.
    #[leased]
    async fn into_name(
        self,
        _conn: &mut Conn<Sqlite>,
        mut n: usize,
        (a, b): (usize, usize),
    ) -> String {
        n += a + b;
        format!("{}{n}", self.table)
    }
}

#[leased]
async fn unit(conn: &mut Conn<Sqlite>) {
    let _ = sqlx::query("DELETE FROM calls").execute(conn).await;
}

#[leased]
async fn opaque<'a>(_conn: &mut Conn<Sqlite>, text: &'a str) -> impl Display + use<'a> {
    text
}

#[leased]
async fn first_of<T, const N: usize>(_tx: &mut Tx<Sqlite>, all: [T; N]) -> Option<T>
where
    T: Send,
{
    all.into_iter().next()
}

#[leased]
async fn any<DB: Backend>(conn: &mut Conn<DB>) -> String {
    format!("{conn:?}").split(' ').next().unwrap_or_default().to_owned()
}

/// In a box, with arguments of opaque types and callbacks over any lifetime.
#[leased(boxed)]
async fn boxed(
    conn: &mut Conn<Sqlite>,
    ids: impl IntoIterator<Item = i64, IntoIter: Send> + Send,
    name: impl Fn(&str) -> usize + Send,
    rename: fn(&str) -> &str,
) -> sqlx::Result<usize> {
    let mut length = 0;
    for id in ids {
        let url: String = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1")
            .bind(id)
            .fetch_one(&mut *conn)
            .await?;
        length += name(rename(&url));
    }
    Ok(length)
}

#[handler]
async fn all(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.transaction(async |tx| {
        let repo = Repo { table: "tools".into() };
        let id = repo.find(tx, "http://two").await?.unwrap_or(0);
        let name = repo.into_name(tx, 1, (2, 3)).await;
        unit(tx).await;
        let text = opaque(tx, "text").await;
        let first = first_of(tx, [4, 5]).await.unwrap_or(0);
        let longer = name.len();
        let length = boxed(tx, [1, 2], |url| url.len() + longer, str::trim).await?;
        Ok(format!("{id} {name} {text} {first} {length} {}", any(tx).await))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(all(&mut db.session()).await.unwrap(), "2 tools6 text 4 32 Conn");
}
