// A session of mine, whose `lease` runs any body.
use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Loose<'a>(&'a mut Session<Sqlite>);
impl Loose<'_> {
    #[handler]
    async fn run(&mut self, body: impl AsyncFnOnce(&mut Conn<Sqlite>)) -> Result<(), Error> {
        self.0.lease(async |conn| Ok(body(conn).await)).await
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    Loose(db).run(async |_| drop(remote().await)).await
}

fn main() {}
