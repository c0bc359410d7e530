//! Macros in the arguments of macros, which return from the body and await in it.
#![deny(warnings)]

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[leased]
async fn url(conn: &mut Conn<Sqlite>, id: i64) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

#[handler]
async fn show(db: &mut Session<Sqlite>, given: Result<i64, Error>) -> Result<String, Error> {
    db.lease(async |conn| {
        println!("{}", format!("{}", given?));
        let shown = format!("{} {}", url(conn, 1).await?, vec![url(conn, 2).await?].join(","));
        assert_eq!(format!("{}", url(conn, 1).await?.len()), "10", "{}", format!("{shown}"));
        let id = 9;
        let none = match url(conn, id).await {
            Ok(url) => url,
            Err(sqlx::Error::RowNotFound) => format!("no {id}"),
            Err(_) => unreachable!("{}", id),
        };
        write_to(&mut String::new(), &none)?;
        if shown.is_empty() {
            todo!();
        }
        Ok(format!("{shown} {none}"))
    })
    .await
}

fn write_to(out: &mut String, text: &str) -> Result<(), Error> {
    use std::fmt::Write;
    write!(out, "{text}").map_err(|_| Error::Closed)
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let shown = show(&mut db.session(), Ok(1)).await.unwrap();
    assert_eq!(shown, "http://one http://two no 9");
    assert!(show(&mut db.session(), Err(Error::Closed)).await.is_err());
}
