// A borrowed future, its type forgotten.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::{Pin, pin};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let mut out = pin!(remote());
        let out: Pin<&mut dyn Future<Output = String>> = out.as_mut();
        Ok(out.await)
    })
    .await
}

fn main() {}
