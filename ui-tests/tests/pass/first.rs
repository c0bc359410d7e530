use shortlease::{Conn, Session, Sqlite, handler, leased};

#[derive(Debug)]
struct ToolError(#[allow(dead_code)] String);
impl From<shortlease::Error> for ToolError {
    fn from(e: shortlease::Error) -> Self {
        ToolError(e.to_string())
    }
}
impl From<sqlx::Error> for ToolError {
    fn from(e: sqlx::Error) -> Self {
        ToolError(e.to_string())
    }
}
struct Mcp;
impl Mcp {
    async fn call(&self, url: &str) -> Result<String, ToolError> {
        tokio::task::yield_now().await;
        Ok(url.into())
    }
}
struct Tool {
    url: String,
}
impl<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> for Tool {
    fn from_row(r: &'r sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
        use sqlx::Row;
        Ok(Tool { url: r.try_get("url")? })
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, mcp: &Mcp, id: i64) -> Result<String, ToolError> {
    let tool = db.lease(async |conn| load_tool(conn, id).await).await?;
    let out = mcp.call(&tool.url).await?;
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)")
            .bind(id)
            .bind(&out)
            .execute(tx)
            .await?;
        bump(tx, id).await?;
        tx.savepoint(async |sp| bump(sp, id).await).await?;
        let mut rows = sqlx::query_as::<_, Tool>("SELECT url FROM tools").fetch(tx);
        let mut n = 0;
        while let Some(row) = rows.try_next().await? {
            n += row.url.len();
        }
        drop(rows);
        println!("{} {n}", sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&mut *tx).await?);
        assert!(n > 0);
        tokio::time::timeout(std::time::Duration::from_secs(1), bump(tx, id))
            .await
            .map_err(|e| ToolError(e.to_string()))??;
        Ok(())
    })
    .await?;
    Ok(out)
}

#[leased]
async fn load_tool(conn: &mut Conn<Sqlite>, id: i64) -> Result<Tool, sqlx::Error> {
    sqlx::query_as("SELECT id, url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}
#[leased]
async fn bump(conn: &mut Conn<Sqlite>, mut id: i64) -> Result<(), sqlx::Error> {
    id += 0;
    sqlx::query("UPDATE tools SET n = n + 1 WHERE id = $1").bind(id).execute(conn).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease::Db::<Sqlite>::builder("sqlite::memory:")
        .max_connections(4)
        .connect()
        .await
        .unwrap();
    db.session().execute(sqlx::raw_sql("CREATE TABLE tools (id INTEGER, url TEXT, n INTEGER DEFAULT 0); CREATE TABLE calls (tool_id INTEGER, output TEXT); INSERT INTO tools VALUES (1, 'http://a', 0)")).await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..10 {
        let mut session = db.session();
        tasks.push(tokio::spawn(async move { call_tool(&mut session, &Mcp, 1).await }));
    }
    for t in tasks {
        assert_eq!(t.await.unwrap().unwrap(), "http://a");
    }
    let n: i64 = db.session().fetch_one(sqlx::query_scalar("SELECT n FROM tools")).await.unwrap();
    assert_eq!(n, 30);
    println!("{:?}", db.leases());
}
