// A type of mine that only becomes a future when awaited.
use futures::future::BoxFuture;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Later;
impl IntoFuture for Later {
    type Output = String;
    type IntoFuture = BoxFuture<'static, String>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(remote())
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |_conn| Ok(Later.await)).await
}

fn main() {}
