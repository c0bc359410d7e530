/// Looks a tool up, calls it.
pub async fn call_tool(
    db: &mut Session<Sqlite>,
    mcp: &McpClient,
    id: i64,
) -> Result<Value, ToolError> {
    #[allow(unused_imports)]
    use ::shortlease::__private::{InLease as _, OpensLease as _};
    let tool = (match db.lease_in_handler::<ToolError>() {
        lending => {
            lending
                .run_body(async {
                    let mut conn = lending.lend_to_body();
                    #[allow(clippy::shadow_same)]
                    let conn = &mut *conn;
                    #[allow(clippy::all, unreachable_code)]
                    if false {
                        let ended: ::core::result::Result<_, ToolError> = loop {};
                        return ended;
                    }
                    load_tool(conn, id).__takes_lease().await.__ended()
                })
                .await
        }
    })?;
    mcp.call(&tool.url).await
}
