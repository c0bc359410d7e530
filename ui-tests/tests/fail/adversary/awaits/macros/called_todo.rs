// A macro that is called `todo`, as an arm.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! todo {
    () => {
        std::todo!("{}", remote().await)
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        match 1 {
            1 => drop(1),
            _ => todo!(),
        }
        Ok(())
    })
    .await
}

fn main() {}
