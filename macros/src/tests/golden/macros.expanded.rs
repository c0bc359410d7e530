async fn describe(db: &mut Session<Sqlite>, id: i64) -> anyhow::Result<String> {
    db.lease_in_handler::<
            <anyhow::Result<String> as ::shortlease::__private::Fallible>::Error,
            _,
            _,
        >(
            ::shortlease::__private::checked(
                ::shortlease::__private::module_path!(),
                "describe",
            ),
            async |conn| {
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
            },
        )
        .await
}
