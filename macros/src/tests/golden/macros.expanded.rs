async fn describe(db: &mut Session<Sqlite>, id: i64) -> anyhow::Result<String> {
    #[allow(unused_imports)]
    use ::shortlease::__private::{InLease as _, OpensLease as _};
    (match db
        .lease_in_handler::<
            <anyhow::Result<String> as ::shortlease::__private::Fallible>::Error,
        >()
    {
        lending => {
            lending
                .run_body(async {
                    let mut conn = lending.lend_to_body();
                    #[allow(clippy::shadow_same)]
                    let conn = &mut *conn;
                    #[allow(clippy::all, unreachable_code)]
                    if false {
                        let ended: ::core::result::Result<
                            _,
                            <anyhow::Result<
                                String,
                            > as ::shortlease::__private::Fallible>::Error,
                        > = loop {};
                        return ended;
                    }
                    {
                        ::shortlease::__private::macro_value(
                            ::shortlease::__private::PhantomData,
                            || -> ::shortlease::__private::NoReturnFromMacroUnlessTrusted<
                                _,
                            > {
                                ::shortlease::__private::NoReturnFromMacroUnlessTrusted(
                                    info!(id, "loading"),
                                    (),
                                )
                            },
                        );
                        #[allow(
                            unreachable_code,
                            unused,
                            clippy::all,
                            overflowing_literals,
                            arithmetic_overflow,
                            unconditional_panic
                        )]
                        loop {
                            break;
                            return (|| -> ::core::result::Result<
                                _,
                                <anyhow::Result<
                                    String,
                                > as ::shortlease::__private::Fallible>::Error,
                            > {
                                loop {}
                                anyhow::ensure!(id > 0, "no such tool: {id}");
                            })();
                        }
                        anyhow::ensure!(id > 0, "no such tool: {id}");
                        Ok(
                            ::shortlease::__private::format!(
                                "{}: {}", id, load_name(conn, id).__takes_lease(). await ?
                            ),
                        )
                    }
                })
                .await
        }
    })
}
