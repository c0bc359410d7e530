// A variable that is called `async`, and an operator behind it that begins a closure.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($name:ident) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                let $name = 1;
                Ok($name | remote().await.len() | 2)
            })
            .await
        }
    };
}

shortlease_edition_2015::with_async!(handler_of);

fn main() {}
