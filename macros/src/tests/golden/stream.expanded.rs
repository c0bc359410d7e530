async fn total(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    (match db.lease_in_handler::<Error>() {
        lending => {
            lending
                .run_body(async {
                    let mut conn = lending.lend_to_body();
                    let conn = &mut **conn;
                    let mut total = 0;
                    let mut rows = ::shortlease::Statement::fetch(
                        sqlx::query_scalar::<_, i64>("SELECT cost FROM calls"),
                        conn,
                    );
                    while let Some(cost) = ::shortlease::__private::check(
                            rows.try_next(),
                        )
                        .await?
                    {
                        total += cost;
                    }
                    Ok(total)
                })
                .await
        }
    })
}
