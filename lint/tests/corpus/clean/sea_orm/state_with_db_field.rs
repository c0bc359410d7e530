// The handler's state carries the pool, and each statement is on its own.
use actix_web::{HttpResponse, error::ErrorInternalServerError, get, web};
use sea_orm::{DatabaseConnection, EntityTrait};

use crate::entity::prelude::Station;

pub struct AppState {
    pub db: DatabaseConnection,
    pub weather: WeatherApi,
}

#[get("/stations/{id}/weather")]
pub async fn weather(
    state: web::Data<AppState>,
    id: web::Path<i32>,
) -> actix_web::Result<HttpResponse> {
    let station =
        Station::find_by_id(*id).one(&state.db).await.map_err(ErrorInternalServerError)?;
    let Some(station) = station else { return Ok(HttpResponse::NotFound().finish()) };
    let celsius =
        state.weather.at(station.lat, station.lon).await.map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().json(celsius))
}

pub struct WeatherApi {
    http: reqwest::Client,
}

impl WeatherApi {
    async fn at(&self, lat: f64, lon: f64) -> reqwest::Result<f64> {
        self.http.get(format!("http://weather/{lat}/{lon}")).send().await?.json().await
    }
}
