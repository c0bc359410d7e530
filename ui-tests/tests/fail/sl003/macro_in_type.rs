use shortlease::{Error, Session, Sqlite, handler};

macro_rules! id {
    () => {
        i64
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, id: i32) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls WHERE tool = $1").bind(id as id!()).execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}
