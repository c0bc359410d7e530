// A module of handlers, and a helper in it that only looks like a leased function.
#[shortlease::handler]
mod tools {
    use shortlease::{Conn, Error, Session, Sqlite};
    use shortlease_ui_tests::remote;

    async fn load(_conn: &mut Conn<Sqlite>) -> String {
        remote().await
    }

    pub async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
        db.lease(async |conn| Ok(load(conn).await)).await
    }
}

fn main() {
    let _ = tools::call_tool;
}
