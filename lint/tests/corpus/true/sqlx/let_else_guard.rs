// The connection comes out of a let-else and lives to the end of the handler.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use std::sync::Arc;

pub struct Ctx {
    db: sqlx::MySqlPool,
    render: tonic::client::Grpc<tonic::transport::Channel>,
    pdf: PdfService,
}

pub async fn download(State(ctx): State<Arc<Ctx>>, Path(id): Path<u64>) -> impl IntoResponse {
    let Ok(mut conn) = ctx.db.acquire().await else {
        return (StatusCode::SERVICE_UNAVAILABLE, Vec::new());
    };
    let Ok(Some(html)) = sqlx::query_scalar::<_, String>("SELECT html FROM reports WHERE id = ?")
        .bind(id)
        .fetch_optional(&mut *conn)
        .await
    else {
        return (StatusCode::NOT_FOUND, Vec::new());
    };
    let Ok(bytes) = ctx.pdf.render(html).await else { //~ SA001
        return (StatusCode::BAD_GATEWAY, Vec::new());
    };
    (StatusCode::OK, bytes)
}

#[derive(Clone)]
pub struct PdfService {
    endpoint: String,
}

impl PdfService {
    pub async fn render(&self, html: String) -> Result<Vec<u8>, PdfError> {
        let response = reqwest::Client::new().post(&self.endpoint).body(html).send().await?;
        Ok(response.bytes().await?.to_vec())
    }
}
