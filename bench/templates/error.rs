#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no tool {0}")]
    NoTool(i64),
    #[error("tool {0} is disabled")]
    Disabled(String),
    #[error(transparent)]
    Backend(#[from] std::io::Error),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Lease(#[from] shortlease::Error),
}
