// A cast to a type with a comma in it, before an arm.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(dead_code)]
type A<T, U> = <(T, U) as Of>::Number;

trait Of {
    type Number;
}

impl Of for (u8, u8) {
    type Number = usize;
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        match 1 {
            n if n as A<u8, u8> + remote().await.len() == 1 => {}
            _ => {}
        }
        Ok(())
    })
    .await
}

fn main() {}
