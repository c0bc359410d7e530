use shortlease::{Error, Session, Sqlite, handler};

#[derive(Debug)]
struct AppError(#[allow(dead_code)] Error);

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        AppError(error)
    }
}

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let tools = db
        .lease(async |conn| -> AppError {
            Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await.map_err(Error::from)?)
        })
        .await;
    Ok(tools.unwrap_or(0))
}

fn main() {}
