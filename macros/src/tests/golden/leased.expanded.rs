pub(crate) fn load_tool<'a>(
    conn: &mut Conn<Sqlite>,
    id: i64,
    name: &'a str,
) -> ::shortlease::DbCall<
    impl ::core::future::Future<Output = Result<(Tool, &'a str), sqlx::Error>>,
> {
    ::shortlease::__private::call(async move {
        #[allow(clippy::shadow_same)]
        let conn = conn;
        #[allow(clippy::shadow_same)]
        let mut id = id;
        #[allow(clippy::shadow_same)]
        let name = name;
        #[allow(clippy::all, unreachable_code)]
        if false {
            let ended: Result<(Tool, &'a str), sqlx::Error> = loop {};
            return ended;
        }
        {
            #[allow(unused_imports)]
            use ::shortlease::__private::{InLease as _, OpensLease as _};
            id += 1;
            let tool = sqlx::query_as("SELECT * FROM tools WHERE id = $1")
                .bind(id)
                .__fetch_one(conn)
                .__takes_lease()
                .await?;
            Ok((tool, name))
        }
    })
}
