use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The error of the routes.
#[derive(Debug)]
pub(crate) enum AppError {
    Pool(shortlease::Error),
    Database(sqlx::Error),
}

impl From<shortlease::Error> for AppError {
    fn from(error: shortlease::Error) -> Self {
        AppError::Pool(error)
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        AppError::Database(error)
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let text = match self {
            AppError::Pool(error) => error.to_string(),
            AppError::Database(error) => error.to_string(),
        };
        (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
    }
}

pub(crate) type ApiResult<T> = Result<T, AppError>;

/// An alias that does not show its error.
pub(crate) type Text = ApiResult<String>;
