async fn list(State(db): State<Db<Sqlite>>) -> ApiResult<impl IntoResponse> {
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
                    let conn = &mut **conn;
                    if quick() {
                        return ::shortlease::__private::ended(
                            ::shortlease::__private::check(names(conn)).await,
                        );
                    }
                    ::shortlease::__private::ended(
                        ::shortlease::__private::check(names(conn)).await,
                    )
                })
                .await
        }
    })?;
    Ok(Json(names))
}
