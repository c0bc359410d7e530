use shortlease::{Backend, Error, Session, handler};

#[handler]
async fn call_tool<DB: Backend>(db: &mut Session<DB>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::raw_sql("SELECT GET_LOCK('jobs', 10)").execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}
