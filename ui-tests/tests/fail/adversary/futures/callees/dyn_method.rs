// A method of a trait object that returns a boxed future.
use futures::future::BoxFuture;
use shortlease::{Conn, Error, Session, Sqlite, handler};

pub trait Tool {
    fn call<'a>(&'a self, conn: &'a mut Conn<Sqlite>) -> BoxFuture<'a, String>;
}

#[handler]
pub async fn call_tool(db: &mut Session<Sqlite>, tool: &dyn Tool) -> Result<String, Error> {
    db.lease(async |conn| Ok(tool.call(conn).await)).await
}

fn main() {}
