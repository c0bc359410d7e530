use shortlease::{EitherConn, Sqlite, leased};

async fn ask(url: &str) -> String {
    url.to_owned()
}

#[leased]
async fn load(conn: &mut impl EitherConn<Sqlite>) -> sqlx::Result<String> {
    let url: String = sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await?;
    Ok(ask(&url).await)
}

fn main() {}
