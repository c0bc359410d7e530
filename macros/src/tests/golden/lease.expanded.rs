/// Looks a tool up, calls it.
pub async fn call_tool(
    db: &mut Session<Sqlite>,
    mcp: &McpClient,
    id: i64,
) -> Result<Value, ToolError> {
    #[allow(unused_imports)]
    use ::shortlease::__private::InLease as _;
    let tool = (match db.lease_in_handler::<ToolError>() {
        lending => {
            lending
                .run_body(async {
                    let mut conn = lending.lend_to_body();
                    let conn = &mut *conn;
                    load_tool(conn, id).__in_lease().await.__ended()
                })
                .await
        }
    })?;
    mcp.call(&tool.url).await
}
