use axum::extract::State;
use shortlease::{Db, Sqlite, handler};
use sqlx::Pool;

#[handler]
async fn call_tool(State((db, _pool)): State<(Db<Sqlite>, Pool<sqlx::Sqlite>)>) -> String {
    db.session().lease(async |_conn| Ok(String::new())).await.unwrap_or_default()
}

fn main() {
    let _ = call_tool;
}
