//! Arguments of macros are evaluated in their order, those that await among them.
#![deny(warnings)]

use std::cell::Cell;

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

thread_local! {
    static COUNT: Cell<i64> = const { Cell::new(0) };
}

fn next() -> i64 {
    COUNT.set(COUNT.get() + 1);
    COUNT.get()
}

struct Name(String);

#[leased]
async fn asked(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT 1").execute(conn).await?;
    Ok(next())
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(Vec<i64>, String), Error> {
    let name = Name("tool".into());
    db.lease(async |conn| {
        let order = vec![next(), asked(conn).await?, next(), asked(conn).await?, next()];
        let text = format!(
            "{} {} {} {last} {}",
            name.0,
            next(),
            asked(conn).await?,
            next(),
            last = [next(), 0][0],
        );
        assert_eq!(next() + 1, asked(conn).await?, "of {}", name.0);
        Ok((order, format!("{text} {} {}", &name.0, asked(conn).await?)))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let (order, text) = call_tool(&mut db.session()).await.unwrap();
    assert_eq!(order, [1, 2, 3, 4, 5]);
    assert_eq!(text, "tool 6 7 9 8 tool 12");
}
