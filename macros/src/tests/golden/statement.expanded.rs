async fn call_tool(
    State(db): State<Db<Postgres>>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ToolError> {
    let mut db = db.session();
    let tool: Tool = db
        .lease_in_handler::<ToolError>()
        .one_statement(::shortlease::__private::module_path!(), "call_tool")
        .fetch_one(sqlx::query_as("SELECT * FROM tools WHERE id = $1").bind(id))
        .await?;
    let output = tool.call().await?;
    db.transaction_in_handler::<ToolError>()
        .one_statement(::shortlease::__private::module_path!(), "call_tool")
        .execute(
            (::shortlease::__private::given(|| -> ::shortlease::__private::NoReturnFromMacro<
                _,
            > {
                ::shortlease::__private::NoReturnFromMacro(
                    sqlx::query!("INSERT INTO calls VALUES ($1)", id),
                    (),
                )
            })),
        )
        .await?;
    Ok(Json(output))
}
async fn count(&self, db: &mut Session<Postgres>) -> Result<i64, Error> {
    db.lease_in_handler::<Error>()
        .one_statement(::shortlease::__private::type_name::<Self>(), "count")
        .fetch_one(self.counting())
        .await
}
