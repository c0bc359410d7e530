use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn authenticate(
    mut db: Session<Sqlite>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    db.lease(async |conn| {
        sqlx::query("SELECT user FROM tokens").fetch_one(conn).await?;
        let response = next.run(request).await;
        Ok(response)
    })
    .await
}

fn main() {}
