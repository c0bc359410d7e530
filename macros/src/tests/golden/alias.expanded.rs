async fn list(State(db): State<Db<Sqlite>>) -> ApiResult<impl IntoResponse> {
    #[allow(unused_imports)]
    use ::shortlease::__private::InLease as _;
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
                    let conn = &mut *conn;
                    {
                        if quick() {
                            return names(conn).__in_lease().await.__ended();
                        }
                        names(conn).__in_lease().await.__ended()
                    }
                })
                .await
        }
    })?;
    Ok(Json(names))
}
