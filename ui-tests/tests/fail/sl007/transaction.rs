use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn copy(from: &mut Session<Sqlite>, to: &mut Session<Sqlite>) -> Result<(), Error> {
    from.transaction(async |tx| {
        let url: String = sqlx::query_scalar("SELECT url FROM tools").fetch_one(tx).await?;
        to.transaction(async |tx| {
            sqlx::query("UPDATE tools SET url = $1").bind(url).execute(tx).await?;
            Ok(())
        })
        .await
    })
    .await
}

fn main() {}
