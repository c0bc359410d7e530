// A method of another type that is called as a lease is, on a field.
use shortlease::{Db, Error, Sqlite, handler};

struct Car;

impl Car {
    async fn lease<T>(&self, terms: impl AsyncFnOnce(i64) -> T) -> T {
        terms(3).await
    }
}

struct Garage {
    car: Car,
}

#[handler]
async fn rent(garage: Garage, db: &Db<Sqlite>) -> Result<i64, Error> {
    let years = garage.car.lease(async |years| years + 1).await;
    db.session().fetch_one(sqlx::query_scalar("SELECT $1").bind(years)).await
}

fn main() {}
