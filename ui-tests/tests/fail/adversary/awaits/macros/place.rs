// A macro whose value is written to.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! place {
    ($place:expr) => {{
        remote().await;
        $place
    }};
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let mut conn_count = 1;
        place!(&mut conn_count).clone_from(&2);
        Ok(())
    })
    .await
}

fn main() {}
