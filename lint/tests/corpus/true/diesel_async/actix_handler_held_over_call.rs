// An actix handler holds a mobc connection while a search cluster indexes the row.
use actix_web::{HttpResponse, Responder, post, web};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool};

use crate::schema::recipes;

#[derive(Insertable, serde::Deserialize, serde::Serialize)]
#[diesel(table_name = recipes)]
pub struct NewRecipe {
    title: String,
    text: String,
}

#[post("/recipes")]
pub async fn create(
    pool: web::Data<Pool<AsyncPgConnection>>,
    elastic: web::Data<elasticsearch::Elasticsearch>,
    recipe: web::Json<NewRecipe>,
) -> impl Responder {
    let mut conn = match pool.get().await {
        Ok(conn) => conn,
        Err(_) => return HttpResponse::ServiceUnavailable().finish(),
    };
    let id = diesel::insert_into(recipes::table)
        .values(&*recipe)
        .returning(recipes::id)
        .get_result::<i32>(&mut conn)
        .await;
    let Ok(id) = id else { return HttpResponse::InternalServerError().finish() };
    let indexed = elastic
        .index(elasticsearch::IndexParts::IndexId("recipes", &id.to_string()))
        .body(&*recipe)
        .send()
        .await; //~ SA001
    match indexed {
        Ok(_) => HttpResponse::Created().json(id),
        Err(_) => HttpResponse::BadGateway().finish(),
    }
}
