// A lease joined with something remote.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let (done, _) = futures::future::join(db.lease(async |_conn| Ok(())), remote()).await;
    done
}

fn main() {}
