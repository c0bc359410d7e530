// A lease kept in a field.
use futures::future::BoxFuture;
use shortlease::{Error, Session, Sqlite, handler};

struct Kept<'a>(BoxFuture<'a, Result<(), Error>>);

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let kept = Kept(Box::pin(db.lease(async |_conn| Ok(()))));
    kept.0.await
}

fn main() {}
