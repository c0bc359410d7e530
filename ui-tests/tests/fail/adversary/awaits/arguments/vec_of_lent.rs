// A `vec!` of futures that are lent, each awaited.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::pin;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Vec<String>, Error> {
    let mut call = pin!(remote());
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let mut outs = Vec::new();
        for call in vec![&mut call] {
            outs.push(call.await);
        }
        Ok(outs)
    })
    .await
}

fn main() {}
