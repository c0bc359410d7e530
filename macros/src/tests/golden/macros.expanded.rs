async fn describe(db: &mut Session<Sqlite>, id: i64) -> anyhow::Result<String> {
    (match db
        .lease_in_handler::<
            <anyhow::Result<String> as ::shortlease::__private::Fallible>::Error,
        >()
    {
        lending => {
            lending
                .run_body(async {
                    let mut conn = lending.lend_to_body();
                    let conn = &mut **conn;
                    {
                        #[allow(unreachable_code)]
                        (|| -> ::shortlease::__private::NoReturnFromMacro<()> {
                            info!(id, "loading");
                            ::shortlease::__private::NoReturnFromMacro((), ())
                        })();
                    };
                    {
                        if let ::core::result::Result::Err(error) = (|| -> ::core::result::Result<
                            ::shortlease::__private::NoReturnFromMacro<()>,
                            _,
                        > {
                            anyhow::ensure!(id > 0, "no such tool: {id}");
                            ::core::result::Result::Ok(
                                ::shortlease::__private::NoReturnFromMacro((), ()),
                            )
                        })() {
                            return ::core::result::Result::Err(error);
                        }
                    };
                    Ok(
                        (match (
                            ::shortlease::__private::check(load_name(conn, id)).await?,
                        ) {
                            (__argument_0,) => {
                                ::shortlease::__private::given(|| -> ::shortlease::__private::NoReturnFromMacro<
                                    _,
                                > {
                                    ::shortlease::__private::NoReturnFromMacro(
                                        format!("{}: {}", id, __argument_0),
                                        (),
                                    )
                                })
                            }
                        }),
                    )
                })
                .await
        }
    })
}
