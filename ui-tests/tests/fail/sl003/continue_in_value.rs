use shortlease::{Error, Session, Sqlite, handler};

macro_rules! skip {
    () => {
        continue
    };
}

#[handler]
async fn use_tools(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        for id in 0..3 {
            let id = if id == 1 { skip!() } else { id };
            sqlx::query("UPDATE tools SET uses = 1 WHERE id = $1").bind(id).execute(&mut *conn).await?;
        }
        Ok(())
    })
    .await
}

fn main() {}
