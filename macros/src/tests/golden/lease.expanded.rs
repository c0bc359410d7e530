/// Looks a tool up, calls it.
pub async fn call_tool(
    db: &mut Session<Sqlite>,
    mcp: &McpClient,
    id: i64,
) -> Result<Value, ToolError> {
    let tool = db
        .lease_in_handler::<
            ToolError,
            _,
            _,
        >(
            ::shortlease::__private::checked(
                ::shortlease::__private::module_path!(),
                "call_tool",
            ),
            async |conn| ::shortlease::__private::ended(
                ::shortlease::__private::check(load_tool(conn, id)).await,
            ),
        )
        .await?;
    mcp.call(&tool.url).await
}
