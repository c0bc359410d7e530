// A stream of a static pool becomes the body of a response, as slow as its reader.
use axum::body::Body;
use sqlx::PgPool;
use std::sync::OnceLock;

static POOL: OnceLock<PgPool> = OnceLock::new();

fn pool() -> &'static PgPool {
    POOL.get().expect("set in main")
}

pub async fn dump() -> Body {
    let lines = sqlx::query_scalar::<_, String>("SELECT line FROM log ORDER BY id").fetch(pool());
    Body::from_stream(lines) //~ SA010
}
