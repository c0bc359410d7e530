// Rows, each with an answer of a remote stream.
use futures::{StreamExt, stream};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let answers = Box::pin(stream::repeat(()).then(|()| remote()));
        let mut rows = sqlx::query("SELECT 1").fetch(conn).zip(answers);
        while rows.next().await.is_some() {}
        Ok(())
    })
    .await
}

fn main() {}
