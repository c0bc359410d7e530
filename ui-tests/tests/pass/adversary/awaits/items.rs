//! Beside attributes that add awaits: items in leases, with attributes that cannot.
#![deny(warnings)]

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};
// Were it this one that is meant below, it would await.
#[allow(unused_imports)]
use shortlease_hostile_macros::awaits as derive;
// As a derive, it would give out a macro call.
#[allow(unused_imports)]
use shortlease_hostile_macros::Registered as Clone;
use shortlease_ui_tests::remote;

mod tools {
    /// As the database has it.
    #[derive(Clone, Debug, sqlx::FromRow)]
    #[allow(dead_code)]
    pub struct Tool {
        id: i64,
        #[sqlx(rename = "url")]
        address: String,
    }
}

use tools::Tool;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(i64, String), Error> {
    let count = db
        .lease(async |conn| {
            /// As it is counted.
            #[derive(Clone, std::fmt::Debug)]
            #[allow(dead_code)]
            struct Counted(usize);
            #[inline]
            #[must_use]
            #[cfg_attr(all(), allow(clippy::cast_possible_wrap))]
            fn counted(tools: &[Tool]) -> i64 {
                tools.len() as i64
            }
            #[cfg(any())]
            const NEVER: () = ();
            thread_local! {
                /// Asked so far.
                #[allow(dead_code)]
                static ASKED: i64 = const { 1 };
            }
            let tools: Vec<Tool> = sqlx::query_as("SELECT id, url FROM tools").fetch_all(conn).await?;
            let _ = Counted(tools.len()).clone();
            Ok(counted(&tools.clone()) + helped(conn).await? + ASKED.with(|asked| *asked))
        })
        .await?;
    Ok((count, remote().await))
}

#[leased]
async fn helped(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(conn).await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let (count, _) = call_tool(&mut db.session()).await.unwrap();
    assert_eq!(count, 3);
}
