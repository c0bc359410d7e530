// Both at once, by a function.
use futures::future;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let (url, out) =
            future::join(sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn), remote())
                .await;
        let url: String = url?;
        Ok(url + &out)
    })
    .await
}

fn main() {}
