// The guard's function ends right after its statements, on every path.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn exists(pool: &Pool<PostgresConnectionManager<NoTls>>, name: &str) -> Option<bool> {
    let Ok(conn) = pool.get().await else { return None };
    let Ok(row) =
        conn.query_one("SELECT EXISTS (SELECT 1 FROM users WHERE name = $1)", &[&name]).await
    else {
        return None;
    };
    Some(row.get(0))
}
