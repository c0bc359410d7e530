// An await in an `unsafe` block.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

unsafe fn libc_like() {}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = unsafe {
            libc_like();
            remote().await
        };
        Ok(())
    })
    .await
}

fn main() {}
