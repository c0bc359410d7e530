// The block behind `async`, handed on as a block.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($block:block) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                let later = async $block;
                later.await;
                Ok(())
            })
            .await
        }
    };
}

handler_of!({
    remote().await;
});

fn main() {}
