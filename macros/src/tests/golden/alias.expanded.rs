async fn list(State(db): State<Db<Sqlite>>) -> ApiResult<impl IntoResponse> {
    let names = (match db.session().lease_in_handler() {
        lending => {
            lending
                .run::<
                    <ApiResult<()> as ::shortlease::__private::Fallible>::Error,
                    _,
                    _,
                >(async {
                    let conn = &mut **lending.lend();
                    {
                        if quick() {
                            return ::shortlease::__private::ended(
                                ::shortlease::__private::check(names(conn)).await,
                            );
                        }
                        ::shortlease::__private::ended(
                            ::shortlease::__private::check(names(conn)).await,
                        )
                    }
                })
                .await
        }
    })?;
    Ok(Json(names))
}
