async fn describe(db: &mut Session<Sqlite>, id: i64) -> anyhow::Result<String> {
    (match db.lease_in_handler() {
        lending => {
            lending
                .run::<
                    <anyhow::Result<String> as ::shortlease::__private::Fallible>::Error,
                    _,
                    _,
                >(async {
                    let conn = &mut **lending.lend();
                    {
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
                                (__argument_0,) => {
                                    (|| format!("{}: {}", id, __argument_0))()
                                }
                            }),
                        )
                    }
                })
                .await
        }
    })
}
