// An await in an arm behind an arm with generics.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        match 1_u8 {
            1 => drop(Vec::<(u8, u8)>::new()),
            _ if 2 > 1 => drop(remote().await),
            _ => {}
        }
        Ok(())
    })
    .await
}

fn main() {}
