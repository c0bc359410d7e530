async fn describe(db: &mut Session<Sqlite>, id: i64) -> anyhow::Result<String> {
    (match db
        .lease_in_handler::<
            <anyhow::Result<String> as ::shortlease::__private::Fallible>::Error,
        >()
    {
        lending => {
            lending
                .run(async {
                    let mut conn = lending.lend();
                    let conn = &mut **conn;
                    {
                        (|| {
                            info!(id, "loading");
                        })();
                    };
                    {
                        if let ::core::result::Result::Err(error) = (|| {
                            anyhow::ensure!(id > 0, "no such tool: {id}");
                            ::core::result::Result::Ok(())
                        })() {
                            return ::core::result::Result::Err(error);
                        }
                    };
                    Ok(
                        (match (
                            ::shortlease::__private::check(load_name(conn, id)).await?,
                        ) {
                            (__argument_0,) => (|| format!("{}: {}", id, __argument_0))(),
                        }),
                    )
                })
                .await
        }
    })
}
