use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, debug_handler, extract::State};
use shortlease::{Db, Sqlite, handler};

struct ApiError(shortlease::Error);

impl<E: Into<shortlease::Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        ApiError(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (StatusCode::SERVICE_UNAVAILABLE, self.0.to_string()).into_response()
    }
}

#[debug_handler]
#[handler]
async fn count(State(db): State<Db<Sqlite>>) -> Result<Json<i64>, ApiError> {
    let count = sqlx::query_scalar("SELECT count(*) FROM tools");
    let count: i64 = db.session().lease(async |conn| count.fetch_one(conn).await).await?;
    Ok(Json(count))
}

fn main() {
    let _ = count;
}
