async fn call_tool(
    State(db): State<Db<Postgres>>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, ToolError> {
    #[allow(unused_imports)]
    use ::shortlease::__private::{InLease as _, OpensLease as _};
    let mut db = db.session();
    let tool: Tool = (match db.lease_in_handler::<ToolError>() {
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
                    sqlx::query_as("SELECT * FROM tools WHERE id = $1")
                        .bind(id)
                        .__fetch_one(conn)
                        .__takes_lease()
                        .await
                        .__ended()
                })
                .await
        }
    })?;
    let output = tool.call().await?;
    (match db.transaction_in_handler::<ToolError>() {
        lending => {
            lending
                .run_body(async {
                    let mut tx = lending.lend_to_body();
                    #[allow(clippy::shadow_same)]
                    let tx = &mut *tx;
                    #[allow(clippy::all, unreachable_code)]
                    if false {
                        let ended: ::core::result::Result<_, ToolError> = loop {};
                        return ended;
                    }
                    ::shortlease::__private::macro_value(
                            ::shortlease::__private::PhantomData,
                            || -> ::shortlease::__private::NoReturnFromMacroUnlessTrusted<
                                _,
                            > {
                                ::shortlease::__private::NoReturnFromMacroUnlessTrusted(
                                    sqlx::query!("INSERT INTO calls VALUES ($1)", id),
                                    (),
                                )
                            },
                        )
                        .__execute(tx)
                        .__takes_lease()
                        .await
                        .__ended()
                })
                .await
        }
    })?;
    Ok(Json(output))
}
async fn count(&self, db: &mut Session<Postgres>) -> Result<i64, Error> {
    #[allow(unused_imports)]
    use ::shortlease::__private::{InLease as _, OpensLease as _};
    (match db.lease_in_handler::<Error>() {
        lending => {
            lending
                .run_body(async {
                    let mut conn = lending.lend_to_body();
                    #[allow(clippy::shadow_same)]
                    let conn = &mut *conn;
                    #[allow(clippy::all, unreachable_code)]
                    if false {
                        let ended: ::core::result::Result<_, Error> = loop {};
                        return ended;
                    }
                    self.counting()
                        .__fetch_one(&mut *conn)
                        .__takes_lease()
                        .await
                        .__ended()
                })
                .await
        }
    })
}
