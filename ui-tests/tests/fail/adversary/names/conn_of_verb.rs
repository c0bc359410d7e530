// A verb of mine, called with another value under the name of the connection.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Tools;
impl Tools {
    async fn execute(&self, _: ()) -> String {
        remote().await
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let conn = drop(conn);
        Ok(Tools.execute(conn).await)
    })
    .await
}

fn main() {}
