// The connection sent through a channel.
use shortlease::Conn;
use shortlease::{Error, Session, Sqlite, handler};
use tokio::sync::mpsc;

#[handler]
async fn call_tool(
    db: &mut Session<Sqlite>,
    send: mpsc::Sender<&'static mut Conn<Sqlite>>,
) -> Result<(), Error> {
    db.lease(async |conn| {
        let _ = send.try_send(conn);
        Ok(())
    })
    .await
}

fn main() {}
