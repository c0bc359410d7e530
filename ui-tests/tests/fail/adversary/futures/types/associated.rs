// A trait whose implementor names the future.
use shortlease::{Conn, Error, Session, Sqlite, handler};

pub trait Tool {
    type Call: Future<Output = String>;
    fn call(&self, conn: &mut Conn<Sqlite>) -> Self::Call;
}

#[handler]
pub async fn call_tool(db: &mut Session<Sqlite>, tool: &impl Tool) -> Result<String, Error> {
    db.lease(async |conn| Ok(tool.call(conn).await)).await
}

fn main() {}
