use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<bool, Error> {
    db.lease(async |conn| {
        let address: String = sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await?;
        Ok(std::net::TcpStream::connect(address).is_ok())
    })
    .await
}

fn main() {}
