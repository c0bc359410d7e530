async fn record(db: &mut Session<Postgres>, id: i64) -> Result<bool, ToolError> {
    #[allow(unused_imports)]
    use ::shortlease::__private::{InLease as _, OpensLease as _};
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
                    {
                        sqlx::query("INSERT INTO calls (tool_id) VALUES ($1)")
                            .bind(id)
                            .__execute(tx)
                            .__takes_lease()
                            .await?;
                        let counted = tx
                            .savepoint_in_lease::<
                                ToolError,
                                _,
                                _,
                            >(async |sp| {
                                count(sp, id).__takes_lease().await.__ended()
                            })
                            .__in_lease()
                            .await;
                        Ok(counted.is_ok())
                    }
                })
                .await
        }
    })
}
