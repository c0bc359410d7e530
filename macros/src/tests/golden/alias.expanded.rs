async fn list(State(db): State<Db<Sqlite>>) -> ApiResult<impl IntoResponse> {
    let names = db
        .session()
        .lease_in_handler::<
            <ApiResult<()> as ::shortlease::__private::Fallible>::Error,
            _,
            _,
        >(
            ::shortlease::__private::checked(
                ::shortlease::__private::module_path!(),
                "list",
            ),
            async |conn| {
                if quick() {
                    return ::shortlease::__private::ended(
                        ::shortlease::__private::check(names(conn)).await,
                    );
                }
                ::shortlease::__private::ended(
                    ::shortlease::__private::check(names(conn)).await,
                )
            },
        )
        .await?;
    Ok(Json(names))
}
