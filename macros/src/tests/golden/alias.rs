#[handler]
async fn list(State(db): State<Db<Sqlite>>) -> ApiResult<impl IntoResponse> {
    let names = db
        .session()
        .lease(async |conn| {
            if quick() {
                return names(conn).await;
            }
            names(conn).await
        })
        .await?;
    Ok(Json(names))
}
