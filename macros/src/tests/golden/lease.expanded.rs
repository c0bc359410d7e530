/// Looks a tool up, calls it.
pub async fn call_tool(
    db: &mut Session<Sqlite>,
    mcp: &McpClient,
    id: i64,
) -> Result<Value, ToolError> {
    let tool = (match db.lease_in_handler::<ToolError>() {
        lending => {
            lending
                .run_body(async {
                    let mut conn = lending.lend_to_body();
                    let conn = &mut **conn;
                    ::shortlease::__private::ended(
                        ::shortlease::__private::check(load_tool(conn, id)).await,
                    )
                })
                .await
        }
    })?;
    mcp.call(&tool.url).await
}
