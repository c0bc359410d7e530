async fn record(db: &mut Session<Postgres>, id: i64) -> Result<bool, ToolError> {
    (match db.transaction_in_handler::<ToolError>() {
        lending => {
            lending
                .run_body(async {
                    let mut tx = lending.lend_to_body();
                    let tx = &mut *tx;
                    ::shortlease::Statement::execute(
                            sqlx::query("INSERT INTO calls (tool_id) VALUES ($1)")
                                .bind(id),
                            tx,
                        )
                        .await?;
                    let counted = ::shortlease::__private::check(
                            tx
                                .savepoint_in_lease::<
                                    ToolError,
                                    _,
                                    _,
                                >(async |sp| ::shortlease::__private::ended(
                                    ::shortlease::__private::check(count(sp, id)).await,
                                )),
                        )
                        .await;
                    Ok(counted.is_ok())
                })
                .await
        }
    })
}
