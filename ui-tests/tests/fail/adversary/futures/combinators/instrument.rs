// A tracing span around a remote call.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tracing::{Instrument, info_span};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(remote().instrument(info_span!("ask")).await)
    })
    .await
}

fn main() {}
