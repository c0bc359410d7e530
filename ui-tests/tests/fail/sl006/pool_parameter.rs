use shortlease::handler;
use shortlease_ui_tests::remote;
use sqlx::SqlitePool;

#[handler]
async fn call_tool(pool: &SqlitePool, id: i64) -> Result<String, sqlx::Error> {
    let url: String =
        sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(pool).await?;
    Ok(url + &remote().await)
}

fn main() {}
