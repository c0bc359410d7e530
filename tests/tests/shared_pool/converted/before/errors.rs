use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The error of the routes.
#[derive(Debug)]
pub(crate) enum AppError {
    Database(sqlx::Error),
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        AppError::Database(error)
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let AppError::Database(error) = self;
        (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
    }
}

pub(crate) type ApiResult<T> = Result<T, AppError>;

/// An alias that does not show its error.
pub(crate) type Text = ApiResult<String>;
