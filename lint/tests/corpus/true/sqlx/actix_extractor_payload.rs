// An actix extractor begins the transaction before the handler reads the payload.
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};
use futures::{StreamExt, future::LocalBoxFuture};
use sqlx::{PgPool, Postgres, Transaction};

pub struct ReqTx(Transaction<'static, Postgres>);

impl FromRequest for ReqTx {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pool = req.app_data::<web::Data<PgPool>>().cloned();
        Box::pin(async move {
            let pool = pool.ok_or_else(|| actix_web::error::ErrorInternalServerError("no pool"))?;
            pool.begin().await.map(ReqTx).map_err(actix_web::error::ErrorServiceUnavailable)
        })
    }
}

pub async fn ingest(
    mut tx: ReqTx, //~ SA006
    mut payload: web::Payload,
) -> actix_web::Result<HttpResponse> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await { //~ SA006
        body.extend_from_slice(&chunk?);
    }
    sqlx::query("INSERT INTO ingested (body) VALUES ($1)")
        .bind(body.to_vec())
        .execute(&mut *tx.0)
        .await
        .map_err(actix_web::error::ErrorInternalServerError)?;
    tx.0.commit().await.map_err(actix_web::error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().finish())
}
