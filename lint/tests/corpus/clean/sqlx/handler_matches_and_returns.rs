// Early answers before the transaction begins need no end of it.
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sqlx::PgPool;

#[derive(serde::Deserialize)]
pub struct Order {
    sku: String,
    count: i32,
}

pub async fn order(State(pool): State<PgPool>, Json(order): Json<Order>) -> Response {
    if order.count <= 0 {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    match insert(&pool, &order).await {
        Ok(id) => (StatusCode::CREATED, id.to_string()).into_response(),
        Err(sqlx::Error::RowNotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "order");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn insert(pool: &PgPool, order: &Order) -> sqlx::Result<i64> {
    if order.sku.is_empty() {
        return Err(sqlx::Error::RowNotFound);
    }
    let mut tx = pool.begin().await?;
    let id = sqlx::query_scalar("INSERT INTO orders (sku, count) VALUES ($1, $2) RETURNING id")
        .bind(&order.sku)
        .bind(order.count)
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query("UPDATE stock SET count = count - $1 WHERE sku = $2")
        .bind(order.count)
        .bind(&order.sku)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(id)
}
