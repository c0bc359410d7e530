async fn total(db: &mut Session<Sqlite>) -> Result<i64, Error> {
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
                    {
                        let mut total = 0;
                        let mut rows = sqlx::query_scalar::<
                            _,
                            i64,
                        >("SELECT cost FROM calls")
                            .__fetch(conn);
                        while let Some(cost) = rows.try_next().__in_lease().await? {
                            total += cost;
                        }
                        Ok(total)
                    }
                })
                .await
        }
    })
}
