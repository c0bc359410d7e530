use shortlease::{Conn, Error, Session, Sqlite, leased};

#[leased]
async fn copy(conn: &mut Conn<Sqlite>, to: &mut Session<Sqlite>) -> Result<(), Error> {
    let url: String = sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await?;
    to.lease(async |conn| {
        sqlx::query("UPDATE tools SET url = $1").bind(url).execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {
    let _ = copy;
}
