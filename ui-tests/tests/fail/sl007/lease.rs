use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn copy(from: &mut Session<Sqlite>, to: &mut Session<Sqlite>) -> Result<(), Error> {
    from.lease(async |conn| {
        let url: String = sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await?;
        to.lease(async |conn| {
            sqlx::query("UPDATE tools SET url = $1").bind(url).execute(conn).await?;
            Ok(())
        })
        .await
    })
    .await
}

fn main() {}
