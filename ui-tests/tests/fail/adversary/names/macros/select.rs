// `select!` under another name.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tokio::select as race;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        race! {
            deleted = sqlx::query("DELETE FROM calls").execute(conn) => drop(deleted),
            out = remote() => drop(out),
        }
        Ok(())
    })
    .await
}

fn main() {}
