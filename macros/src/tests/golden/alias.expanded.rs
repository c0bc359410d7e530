async fn list(State(db): State<Db<Sqlite>>) -> ApiResult<impl IntoResponse> {
    #[allow(unused_imports)]
    use ::shortlease::__private::{InLease as _, OpensLease as _};
    let names = (match db
        .session()
        .lease_in_handler::<
            <ApiResult<()> as ::shortlease::__private::Fallible>::Error,
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
                            <ApiResult<()> as ::shortlease::__private::Fallible>::Error,
                        > = loop {};
                        return ended;
                    }
                    {
                        if quick() {
                            return names(conn).__takes_lease().await.__ended();
                        }
                        names(conn).__takes_lease().await.__ended()
                    }
                })
                .await
        }
    })?;
    Ok(Json(names))
}
