pub(crate) fn load_tool<'a>(
    conn: &mut Conn<Sqlite>,
    id: i64,
    name: &'a str,
) -> ::shortlease::DbCall<
    impl ::core::future::Future<Output = Result<(Tool, &'a str), sqlx::Error>>,
> {
    ::shortlease::__private::call(async move {
        let conn = conn;
        let mut id = id;
        let name = name;
        id += 1;
        let tool = ::shortlease::Statement::fetch_one(
                sqlx::query_as("SELECT * FROM tools WHERE id = $1").bind(id),
                conn,
            )
            .await?;
        Ok((tool, name))
    })
}
