use shortlease::{Db, Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, audits: &Db<Sqlite>) -> Result<(), Error> {
    let mut audit = audits.session();
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        audit.execute(sqlx::query("INSERT INTO audit VALUES ('deleted')")).await?;
        Ok(())
    })
    .await
}

fn main() {}
