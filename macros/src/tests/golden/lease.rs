/// Looks a tool up, calls it.
#[handler]
pub async fn call_tool(
    db: &mut Session<Sqlite>,
    mcp: &McpClient,
    id: i64,
) -> Result<Value, ToolError> {
    let tool = db.lease(async |conn| load_tool(conn, id).await).await?;
    mcp.call(&tool.url).await
}
